//! The service in the graph: thin resolvers that parse, call and map.
//!
//! Always true: the fields that this service adds to `Hub` and `Network` are nullable; inputs with secrets have no
//! `Debug`, so that they are not printed.

mod hub;
mod input;
mod invitation;
mod machine;
mod me;
mod mutation;
mod network;
mod person;
mod query;
mod role;
mod second_factor;
mod session;
mod single_sign_on;

use async_graphql::{Context, Error, Request};
use kernel::OpContext;

pub use hub::HubFields;
pub use input::{
    AcceptRoleInput, ConfirmSecondFactorInput, DeclineRoleInput, EndSessionInput, ExchangeSecretInput,
    RefreshSessionInput, ReinstatePersonInput, RemoveLostSecondFactorInput, RemoveSignInLinkInput,
    RevokeApiKeyInput, RevokeDeviceInput, RevokeRoleInput, SuspendPersonInput, VerifyEmailInput,
};
pub use invitation::{InvitationPayload, InviteMemberInput, InviteStaffInput};
pub use machine::{
    ApiKey, DeviceSecret, ExchangeSecretPayload, IssueApiKeyInput, IssueApiKeyPayload,
    IssueDeviceSecretInput, IssueDeviceSecretPayload, Permission, RevokeApiKeyPayload, RevokeDevicePayload,
};
pub use me::{Me, Role, RoleHeld};
pub use mutation::Mutation;
pub use network::NetworkFields;
pub use person::{AccountStatus, PersonPayload};
pub use query::Query;
pub use role::{GrantRoleInput, RoleAssignment, RoleOffer, RolePayload};
pub use second_factor::{
    CompleteSignInInput, EnrollSecondFactorInput, EnrollSecondFactorPayload, RecoveryCodesPayload,
    RemoveSecondFactorPayload, SecondFactor, SecondFactorNeeded, SecondFactorProofInput,
};
pub use session::{
    AcceptInvitationInput, AcceptInvitationPayload, ChangePasswordInput, CompleteSignInPayload, MailPayload,
    RefreshSessionPayload, RequestPasswordResetInput, ResetPasswordInput, Session, SignInInput,
    SignInPayload, SignOutPayload, SignedIn,
};
pub use single_sign_on::{CompleteSingleSignOnInput, RemoveSignInLinkPayload, SignInLink};

use crate::Identity;

pub(crate) fn with_request_data(identity: &Identity, request: Request, _scope: &OpContext) -> Request {
    request.data(identity.clone())
}

/// Returns the service from the request's data.
fn service<'c>(ctx: &Context<'c>) -> Result<&'c Identity, Error> {
    platform_module::service(ctx)
}

platform_module::audit_fields!(
    Identity,
    "IdentityAuditFields",
    /// Sign-ins and decisions about power, latest first.
    identity
);
platform_module::personal_fields!(
    Identity,
    "IdentityPersonalFields",
    /// The caller's account, sessions and roles, in pieces of at most 500 rows.
    identity
);
