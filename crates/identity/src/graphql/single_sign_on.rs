//! Single sign-on in the graph: completing it, seeing one's links, removing one.

use async_graphql::{ID, InputObject, SimpleObject};
use graph::{DateTime, to_id};

use crate::{CompleteSingleSignOn, NamedLink};

/// A sign-in that comes from a provider.
#[derive(InputObject)]
pub struct CompleteSingleSignOnInput {
    /// The `code` behind the `#` of the address that the app was opened with.
    code: String,
    /// The verifier whose challenge began the sign-in (RFC 7636).
    code_verifier: String,
    /// The code of an invitation: opens the account it was made for, without a password. Only for the first sign-in.
    invitation: Option<String>,
}

/// An account at a provider, by which the person signs in.
#[derive(SimpleObject, Debug)]
pub struct SignInLink {
    /// The stable id.
    id: ID,
    /// What the provider is called here; its address, if it is not used here any more.
    provider: String,
    /// Since when.
    linked_at: DateTime,
    /// When it was last signed in by.
    used_at: DateTime,
}

/// The end of a link.
#[derive(SimpleObject, Debug)]
pub struct RemoveSignInLinkPayload {
    /// Always true: the account at the provider opens nothing here any more.
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
