//! The errors of the service.
//!
//! Always true: each error has a stable code, and none reveals whether a person has an account.

use kernel::{AuthError, Coded, ErrorCode, InvalidInput, PageError};
use platform_db::{DbError, IdempotencyError};

use crate::{model::factors::sealing_key::Unopened, model::roles::policy::NotInvited};

/// The error of a use-case of this service.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The caller may not do this.
    #[error(transparent)]
    Refused(#[from] AuthError),
    /// A field of the input breaks a rule.
    #[error(transparent)]
    Invalid(#[from] InvalidInput),
    /// E-mail and password do not belong together, are unknown, or belong to a suspended person.
    #[error("e-mail or password is wrong")]
    WrongCredentials,
    /// The secret is invalid, was used, or has expired.
    #[error("the secret is not valid, or not any more")]
    SecretRefused,
    /// The code of the second factor is wrong or was used.
    #[error("the code is wrong, or was used")]
    WrongCode,
    /// The account at the provider is not linked here yet.
    #[error(
        "no account here belongs to this sign-in: use an invitation with it, or verify your e-mail here first"
    )]
    NotLinked,
    /// The data that a browser brought back from a provider was not issued to it, or has expired.
    #[error("this sign-in did not begin in this browser, or is over: begin it anew")]
    NoJourney,
    /// A provider does not respond, or its response makes no sense.
    #[error("the provider does not answer")]
    ProviderAway,
    /// A provider is configured for a network that does not exist.
    #[error("there is no such network here")]
    NetworkUnknown,
    /// The machine cannot seal.
    #[error("nothing can be sealed here")]
    Unsealed,
    /// Too many sign-in attempts; further attempts are refused for a while.
    #[error("too many tries; wait a quarter of an hour")]
    TooManyTries,
    /// Too many exports; the next one is possible after a while.
    #[error("five exports a day are enough; ask again tomorrow")]
    TooManyExports,
    /// The object exists already, or its state does not allow this.
    #[error("{0}")]
    Conflict(&'static str),
    /// The request was executed before under this key, and its secret is shown only once.
    #[error("this was done before under this Idempotency-Key; its secret was shown then, and is not kept")]
    ShownOnce,
    /// The idempotency key of the request conflicts.
    #[error(transparent)]
    Idempotent(#[from] IdempotencyError),
    /// No mail server is configured.
    #[error("no mail goes out here: ask those who run the hub")]
    NoMail,
    /// Too many password checks are waiting.
    #[error("too many sign-ins at once")]
    Busy,
    /// A password could not be hashed.
    #[error("a password could not be hashed")]
    Unhashable,
    /// The secret of a second factor cannot be sealed or opened.
    #[error(transparent)]
    Unopened(#[from] Unopened),
    /// No token could be made.
    #[error("no access token could be made")]
    Token(#[from] crate::TokenError),
    /// A fact cannot be written as JSON.
    #[error("the event cannot be told")]
    Untellable(#[from] serde_json::Error),
    /// The address that a member gave cannot be looked up.
    #[error("the member's own address cannot be looked up")]
    AddressUnknown(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A database error.
    #[error("the database refused")]
    Db(#[from] DbError),
}

impl From<NotInvited> for IdentityError {
    fn from(refusal: NotInvited) -> Self {
        match refusal {
            NotInvited::Refused(refused) => refused.into(),
            NotInvited::Unchecked(field) => field.into(),
        }
    }
}

impl Coded for IdentityError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Refused(refused) => refused.code(),
            Self::Invalid(_) | Self::NoJourney => ErrorCode::InvalidInput,
            Self::WrongCredentials | Self::SecretRefused => ErrorCode::Unauthenticated,
            Self::WrongCode => ErrorCode::CodeRefused,
            Self::NotLinked => ErrorCode::AccountNotLinked,
            Self::TooManyTries | Self::TooManyExports => ErrorCode::RateLimited,
            Self::Conflict(_) | Self::ShownOnce | Self::NoMail => ErrorCode::Conflict,
            Self::Busy | Self::ProviderAway | Self::NetworkUnknown | Self::AddressUnknown(_) => {
                ErrorCode::Unavailable
            }
            Self::Unhashable | Self::Unsealed | Self::Unopened(_) | Self::Token(_) | Self::Untellable(_) => {
                ErrorCode::Internal
            }
            Self::Idempotent(error) => error.code(),
            Self::Db(error) => error.code(),
        }
    }

    fn field(&self) -> Option<&str> {
        match self {
            Self::Invalid(invalid) => invalid.field(),
            _ => None,
        }
    }
}

impl From<PageError> for IdentityError {
    fn from(error: PageError) -> Self {
        Self::Invalid(error.into())
    }
}
