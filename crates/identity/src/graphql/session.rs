//! Sessions in the graph: signing in, refreshing, signing out.

use async_graphql::{Error, ID, InputObject, SimpleObject, Union};
use graph::{DateTime, parse_id, to_id};
use kernel::SessionId;
use secrecy::{ExposeSecret, SecretString};

use super::{SecondFactorNeeded, invitation::email};
use crate::{AcceptInvitation, SignInOutcome, SignInWithPassword};

/// The credentials of a sign-in.
#[derive(InputObject)]
pub struct SignInInput {
    /// The e-mail of the account.
    email: String,
    /// The password.
    password: String,
    /// The id of the network. Required only if the installation has several.
    network_id: Option<ID>,
}

/// The acceptance of an invitation.
#[derive(InputObject)]
pub struct AcceptInvitationInput {
    /// The code of the invitation.
    code: String,
    /// The new password, at least 12 characters.
    password: String,
}

/// A change of password.
#[derive(InputObject)]
pub struct ChangePasswordInput {
    /// The present password.
    pub(super) present: String,
    /// The new password, at least 12 characters.
    pub(super) new: String,
}

/// A request to reset a forgotten password.
#[derive(InputObject, Debug)]
pub struct RequestPasswordResetInput {
    /// The e-mail of the account.
    pub(super) email: String,
    /// The id of the network. Required only if the installation has several.
    pub(super) network_id: Option<ID>,
}

/// A password reset.
#[derive(InputObject)]
pub struct ResetPasswordInput {
    /// The code from the mail.
    pub(super) code: String,
    /// The new password, at least 12 characters.
    pub(super) password: String,
}

/// A requested mail.
#[derive(SimpleObject, Debug)]
pub struct MailPayload {
    /// Always true: if the address is known, a message to it was queued.
    pub(super) accepted: bool,
}

/// The result of a sign-in.
#[derive(Union)]
#[graphql(name = "SignInPayload")]
pub enum SignInPayload {
    /// The sign-in succeeded.
    SignedIn(SignedIn),
    /// The sign-in waits for the second factor.
    SecondFactorNeeded(SecondFactorNeeded),
}

/// Declares payloads with the tokens of a session.
macro_rules! tokens {
    ($($doc:literal $name:ident;)*) => {$(
        #[doc = $doc]
        #[doc = "Send the access token as `Authorization: Bearer …`; keep the refresh token safe."]
        #[derive(SimpleObject)]
        pub struct $name {
            /// The access token, to be sent with every request. It is valid for at most a quarter of an hour.
            access_token: String,
            /// When the access token expires.
            access_expires_at: DateTime,
            /// The refresh token. It works once, in `refreshSession`, for a new pair of tokens.
            refresh_token: String,
            /// When the refresh token expires, unless it is used before.
            refresh_expires_at: DateTime,
            /// The id of the session of both tokens.
            session_id: ID,
        }

        impl From<crate::SignedIn> for $name {
            fn from(signed_in: crate::SignedIn) -> Self {
                Self {
                    access_token: signed_in.access_token.expose_secret().to_owned(),
                    access_expires_at: signed_in.access_expires_at.into(),
                    refresh_token: signed_in.refresh_token.expose_secret().to_owned(),
                    refresh_expires_at: signed_in.refresh_expires_at.into(),
                    session_id: to_id(signed_in.session),
                }
            }
        }
    )*};
}

tokens! {
    "The tokens of a session that began." SignedIn;
    "The tokens of the session that the second factor completed." CompleteSignInPayload;
    "The next tokens of the session." RefreshSessionPayload;
    "The tokens of the first session of an account." AcceptInvitationPayload;
}

/// One sign-in of a person.
#[derive(SimpleObject, Debug)]
pub struct Session {
    /// The stable id.
    id: ID,
    /// When the person signed in.
    started_at: DateTime,
    /// When it was last refreshed.
    used_at: DateTime,
    /// When it ends at the latest.
    expires_at: DateTime,
    /// Whether this request belongs to the session.
    is_current: bool,
}

/// The end of one or several sessions.
#[derive(SimpleObject, Debug)]
pub struct SignOutPayload {
    /// Always true: the sessions have ended.
    pub(super) signed_out: bool,
}

impl Session {
    pub(super) fn of(session: crate::Session, current: Option<SessionId>) -> Self {
        Self {
            id: to_id(session.id),
            started_at: session.started_at.into(),
            used_at: session.used_at.into(),
            expires_at: session.expires_at.into(),
            is_current: current == Some(session.id),
        }
    }
}

impl From<SignInOutcome> for SignInPayload {
    fn from(outcome: SignInOutcome) -> Self {
        match outcome {
            SignInOutcome::SignedIn(signed_in) => Self::SignedIn(signed_in.into()),
            SignInOutcome::SecondFactorNeeded(waiting) => Self::SecondFactorNeeded(waiting.into()),
        }
    }
}

impl TryFrom<SignInInput> for SignInWithPassword {
    type Error = Error;
    fn try_from(input: SignInInput) -> Result<Self, Error> {
        Ok(Self {
            email: email(&input.email)?,
            password: SecretString::from(input.password),
            network: input.network_id.as_ref().map(|id| parse_id(id, "networkId")).transpose()?,
        })
    }
}

impl From<AcceptInvitationInput> for AcceptInvitation {
    fn from(input: AcceptInvitationInput) -> Self {
        Self { code: input.code.into(), password: input.password.into() }
    }
}
