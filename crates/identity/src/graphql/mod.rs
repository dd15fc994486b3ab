//! The service in the graph: thin resolvers that parse, call and map.
//!
//! Always true: the fields that this service adds to `Hub` and `Network` are nullable; inputs with secrets have no
//! `Debug`, so that they are not printed.

mod hub_fields;
mod input;
mod invitation;
mod machine;
mod me;
mod mutation;
mod network_fields;
mod person;
mod query;
mod role;
mod second_factor;
mod session;
mod single_sign_on;

use async_graphql::{Context, Error, Request};
use graph::coded_with;
use kernel::{ErrorCode, OpContext, PageArguments, PageRequest};

pub use hub_fields::HubFields;
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
pub use network_fields::NetworkFields;
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

use crate::{Identity, IdentityError};

pub(crate) fn with_request_data(identity: &Identity, request: Request, _scope: &OpContext) -> Request {
    request.data(identity.clone())
}

/// Returns the service from the request's data, where the edge puts it.
fn service<'ctx>(ctx: &Context<'ctx>) -> Result<&'ctx Identity, Error> {
    ctx.data_opt::<Identity>()
        .ok_or_else(|| coded_with(ErrorCode::Internal, "the request has no identity service"))
}

/// Checks the page arguments of a client.
fn checked(page: PageArguments) -> Result<PageRequest, Error> {
    PageRequest::of(page).map_err(|error| graph::coded(IdentityError::from(error)))
}
