//! Single sign-on in the graph: completing a sign-in, listing one's links, removing one.

use async_graphql::{ID, InputObject, SimpleObject};
use graph::{DateTime, to_id};

use crate::{CompleteSingleSignOn, NamedLink};

/// The completion of a sign-in by a provider.
#[derive(InputObject)]
pub struct CompleteSingleSignOnInput {
    /// The `code` after the `#` of the address with which the app was opened.
    code: String,
    /// The verifier of the challenge that began the sign-in (RFC 7636).
    code_verifier: String,
    /// The code of an invitation, which opens its account without a password. Only for the first sign-in.
    invitation: Option<String>,
}

/// An account at a provider with which the person signs in.
#[derive(SimpleObject, Debug)]
pub struct SignInLink {
    /// The stable id.
    id: ID,
    /// The provider's display name; its address if it is no longer configured here.
    provider: String,
    /// When the link was made.
    linked_at: DateTime,
    /// When it was last used to sign in.
    used_at: DateTime,
}

/// The removal of a sign-in link.
#[derive(SimpleObject, Debug)]
pub struct RemoveSignInLinkPayload {
    /// Always true: the account at the provider no longer gives access here.
    pub(super) removed: bool,
}

impl From<NamedLink> for SignInLink {
    fn from(named: NamedLink) -> Self {
        let NamedLink { link, provider } = named;
        Self { id: to_id(link.id), provider, linked_at: link.linked_at.into(), used_at: link.used_at.into() }
    }
}

impl From<CompleteSingleSignOnInput> for CompleteSingleSignOn {
    fn from(input: CompleteSingleSignOnInput) -> Self {
        Self {
            code: input.code.into(),
            code_verifier: input.code_verifier.into(),
            invitation: input.invitation.map(Into::into),
        }
    }
}
