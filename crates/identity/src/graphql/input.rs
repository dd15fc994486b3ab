//! What mutations that need little are given.
//!
//! Always true: a mutation that takes anything takes one `input`, so that a field can be added to it without breaking
//! anybody.

use async_graphql::{ID, InputObject};

/// Which link to remove.
#[derive(InputObject)]
pub struct RemoveSignInLinkInput {
    /// The link's id, from `me { signInLinks }`.
    pub(super) link_id: ID,
}

/// What puts a second factor in force.
#[derive(InputObject)]
pub struct ConfirmSecondFactorInput {
    /// The six digits.
    pub(super) code: String,
}

/// Whose second factor to remove.
#[derive(InputObject)]
pub struct RemoveLostSecondFactorInput {
    /// Whose.
    pub(super) person_id: ID,
}

/// The token of the session to go on with.
#[derive(InputObject)]
pub struct RefreshSessionInput {
    /// The refresh token.
    pub(super) refresh_token: String,
}

/// Which session to end.
#[derive(InputObject)]
pub struct EndSessionInput {
    /// The session's id, from `me { sessions }`.
    pub(super) session_id: ID,
}

/// Whom to keep out.
#[derive(InputObject)]
pub struct SuspendPersonInput {
    /// Who.
    pub(super) person_id: ID,
}

/// Whom to let in again.
#[derive(InputObject)]
pub struct ReinstatePersonInput {
    /// Who.
    pub(super) person_id: ID,
}

/// Which offer to accept.
#[derive(InputObject)]
pub struct AcceptRoleInput {
    /// The offer's id, from `me { offeredRoles { id } }`.
    pub(super) assignment_id: ID,
}

/// Which offer to decline.
#[derive(InputObject)]
pub struct DeclineRoleInput {
    /// The offer's id, from `me { offeredRoles { id } }`.
    pub(super) assignment_id: ID,
}

/// Which role to take back.
#[derive(InputObject)]
pub struct RevokeRoleInput {
    /// The assignment's id.
    pub(super) assignment_id: ID,
}

/// Which device is to have no secret any more.
#[derive(InputObject)]
pub struct RevokeDeviceInput {
    /// The hub the device belongs to.
    pub(super) hub_id: ID,
    /// The device.
    pub(super) device_id: ID,
}

/// Which key to take back.
#[derive(InputObject)]
pub struct RevokeApiKeyInput {
    /// The key's id.
    pub(super) key_id: ID,
}

/// The secret to exchange.
#[derive(InputObject)]
pub struct ExchangeSecretInput {
    /// The secret.
    pub(super) secret: String,
}

/// What shows that the mail is read.
#[derive(InputObject)]
pub struct VerifyEmailInput {
    /// The code.
    pub(super) code: String,
}
