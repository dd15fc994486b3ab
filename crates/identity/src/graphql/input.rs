//! The inputs of mutations with few arguments.
//!
//! Always true: a mutation with arguments takes one `input`, so that a field can be added to it without breaking
//! clients.

use async_graphql::{ID, InputObject};

/// The sign-in link to remove.
#[derive(InputObject)]
pub struct RemoveSignInLinkInput {
    /// The id of the link, from `me { signInLinks }`.
    pub(super) link_id: ID,
}

/// The code that confirms a second factor.
#[derive(InputObject)]
pub struct ConfirmSecondFactorInput {
    /// The six digits that the phone shows.
    pub(super) code: String,
}

/// The person whose lost second factor to remove.
#[derive(InputObject)]
pub struct RemoveLostSecondFactorInput {
    /// The id of the person.
    pub(super) person_id: ID,
}

/// The refresh token to exchange.
#[derive(InputObject)]
pub struct RefreshSessionInput {
    /// The refresh token.
    pub(super) refresh_token: String,
}

/// The session to end.
#[derive(InputObject)]
pub struct EndSessionInput {
    /// The id of the session, from `me { sessions }`.
    pub(super) session_id: ID,
}

/// The person to suspend.
#[derive(InputObject)]
pub struct SuspendPersonInput {
    /// The id of the person.
    pub(super) person_id: ID,
}

/// The person to reinstate.
#[derive(InputObject)]
pub struct ReinstatePersonInput {
    /// The id of the person.
    pub(super) person_id: ID,
}

/// The role offer to accept.
#[derive(InputObject)]
pub struct AcceptRoleInput {
    /// The id of the offer, from `me { offeredRoles { id } }`.
    pub(super) assignment_id: ID,
}

/// The role offer to decline.
#[derive(InputObject)]
pub struct DeclineRoleInput {
    /// The id of the offer, from `me { offeredRoles { id } }`.
    pub(super) assignment_id: ID,
}

/// The role assignment to revoke.
#[derive(InputObject)]
pub struct RevokeRoleInput {
    /// The id of the assignment.
    pub(super) assignment_id: ID,
}

/// The device whose secret to revoke.
#[derive(InputObject)]
pub struct RevokeDeviceInput {
    /// The id of the device's hub.
    pub(super) hub_id: ID,
    /// The id of the device.
    pub(super) device_id: ID,
}

/// The API key to revoke.
#[derive(InputObject)]
pub struct RevokeApiKeyInput {
    /// The id of the key.
    pub(super) key_id: ID,
}

/// The secret to exchange for an access token.
#[derive(InputObject)]
pub struct ExchangeSecretInput {
    /// The secret of a device or an API key.
    pub(super) secret: String,
}

/// The code that verifies the e-mail.
#[derive(InputObject)]
pub struct VerifyEmailInput {
    /// The code from the mail.
    pub(super) code: String,
}
