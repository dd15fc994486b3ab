//! The second factor in the graph: enrolment, confirmation, removal, and sign-in with it.

use async_graphql::{Context, Error, InputObject, Object, SimpleObject};
use graph::{DateTime, OpContextExt, coded};
use jiff::Timestamp;
use kernel::InvalidInput;
use secrecy::{ExposeSecret, SecretString};

use super::service;
use crate::{Enrolment, FactorProof, FactorState, IdentityError};

/// The completion of a sign-in with a second factor.
#[derive(InputObject)]
pub struct CompleteSignInInput {
    /// The challenge from the sign-in.
    pub(super) challenge: String,
    /// The six digits that the phone shows, or a recovery code.
    pub(super) code: String,
}

/// The enrolment of a second factor.
#[derive(InputObject)]
pub struct EnrollSecondFactorInput {
    /// The password of the person.
    pub(super) password: String,
}

/// A person's proof of identity: exactly one of the fields.
#[derive(InputObject)]
pub struct SecondFactorProofInput {
    /// The password.
    password: Option<String>,
    /// The six digits that the phone shows, or a recovery code.
    code: Option<String>,
}

/// A sign-in that waits for the second factor. Complete it with `completeSignIn`.
#[derive(SimpleObject)]
pub struct SecondFactorNeeded {
    /// The challenge, to be returned with a code. It accepts at most five attempts, one of which may succeed.
    challenge: String,
    /// When the challenge expires, after five minutes.
    expires_at: DateTime,
}

/// A second factor that waits for confirmation. Shown only once.
#[derive(SimpleObject)]
pub struct EnrollSecondFactorPayload {
    /// The secret in Base32, to type into the app.
    secret: String,
    /// The secret as an `otpauth` URI, for a QR code.
    uri: String,
}

/// New recovery codes.
#[derive(SimpleObject)]
pub struct RecoveryCodesPayload {
    /// The codes. Each works once, in place of a code of the phone. They are shown only once and replace all earlier
    /// ones.
    pub(super) recovery_codes: Vec<String>,
}

/// The removal of a second factor.
#[derive(SimpleObject, Debug)]
pub struct RemoveSecondFactorPayload {
    /// Always true: sign-in requires only the password again.
    pub(super) removed: bool,
}

/// The second factor of the signed-in person.
#[derive(Debug, Clone, Copy)]
pub struct SecondFactor {
    confirmed_at: Timestamp,
}

/// The second factor of the signed-in person, in force.
#[Object(name = "SecondFactor")]
impl SecondFactor {
    /// When it was confirmed; sign-in has required it since.
    async fn confirmed_at(&self) -> DateTime {
        self.confirmed_at.into()
    }

    /// The number of unused recovery codes, out of ten.
    async fn recovery_codes_left(&self, ctx: &Context<'_>) -> Result<Option<i32>, Error> {
        let left = service(ctx)?.count_recovery_codes(ctx.op()?).await.map_err(coded)?;
        Ok(Some(i32::try_from(left).unwrap_or(i32::MAX)))
    }
}

impl SecondFactor {
    /// A factor that is in force.
    pub(super) fn of(factor: crate::SecondFactor) -> Option<Self> {
        match factor.state {
            FactorState::Enrolled => None,
            FactorState::Confirmed { since, .. } => Some(Self { confirmed_at: since }),
        }
    }
}

impl From<crate::SignInChallenge> for SecondFactorNeeded {
    fn from(waiting: crate::SignInChallenge) -> Self {
        Self {
            challenge: waiting.challenge.expose_secret().to_owned(),
            expires_at: waiting.expires_at.into(),
        }
    }
}

impl From<Enrolment> for EnrollSecondFactorPayload {
    fn from(enrolment: Enrolment) -> Self {
        let Enrolment { secret, uri } = enrolment;
        Self { secret: secret.expose_secret().to_owned(), uri: uri.expose_secret().to_owned() }
    }
}

impl From<Vec<SecretString>> for RecoveryCodesPayload {
    fn from(codes: Vec<SecretString>) -> Self {
        Self { recovery_codes: codes.iter().map(|code| code.expose_secret().to_owned()).collect() }
    }
}

impl TryFrom<SecondFactorProofInput> for FactorProof {
    type Error = Error;
    fn try_from(input: SecondFactorProofInput) -> Result<Self, Error> {
        match (input.password, input.code) {
            (Some(password), None) => Ok(Self::Password(password.into())),
            (None, Some(code)) => Ok(Self::Code(code.into())),
            _ => Err(coded(IdentityError::from(InvalidInput::new(
                "code",
                "or password must be given, one of them",
            )))),
        }
    }
}
