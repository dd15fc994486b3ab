//! A second factor: a secret shared with a person's phone, and the six digits derived from it and the time (TOTP, RFC
//! 6238 over RFC 4226).
//!
//! Always true: it is in force only after its owner has proved a code of it; a code is valid in its own half minute,
//! the one before and the one after; each half minute is accepted once, and none before an accepted one.

use jiff::Timestamp;
use kernel::{Code, EmailAddress, NetworkId, PersonId, World};
use secrecy::SecretString;
use totp_rs::{Builder, Totp};

use crate::model::factors::sealing_key::Unopened;

/// The issuer that an authenticator app shows beside the code.
const ISSUER: &str = "hubnet";
const DIGITS: usize = 6;
const SECRET_BYTES: usize = 20;

/// A person's second factor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecondFactor {
    /// The owner.
    pub person: PersonId,
    /// The network.
    pub network: NetworkId,
    /// The state.
    pub state: FactorState,
}

/// The state of a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactorState {
    /// Its owner has not proved a code of it: it has no effect.
    Enrolled,
    /// Its owner cannot sign in without it.
    Confirmed {
        /// When it was confirmed.
        since: Timestamp,
        /// The half minute of the last accepted code, since 1970.
        last_step: i64,
    },
}

/// The data for a person's authenticator app, shown once.
#[derive(Clone, Debug)]
pub struct Enrolment {
    /// The secret in Base32, for typing.
    pub secret: SecretString,
    /// The secret as `otpauth://`, for a QR code.
    pub uri: SecretString,
}

/// The secret shared with the phone.
pub(crate) struct FactorSecret(Totp);

impl FactorSecret {
    /// Makes the bytes of a new secret: 160 random bits.
    pub(crate) fn make(world: &World) -> Vec<u8> {
        (0..2).flat_map(|_draw| world.random()).take(SECRET_BYTES).collect()
    }

    /// Makes the secret of these bytes.
    pub(crate) fn of(bytes: &[u8], email: Option<&EmailAddress>) -> Result<Self, Unopened> {
        // A colon stands between issuer and account.
        let account = email.map_or_else(String::new, |email| email.as_str().replace(':', ""));
        let totp =
            Builder::new().with_secret(bytes.to_vec()).with_issuer(Some(ISSUER)).with_account_name(account);
        totp.build().map(Self).map_err(|_other| Unopened)
    }

    /// Returns the form for its owner.
    pub(crate) fn enrolment(&self) -> Result<Enrolment, Unopened> {
        let uri = self.0.to_url().map_err(|_unnamed| Unopened)?;
        Ok(Enrolment { secret: self.0.secret().to_base32().into(), uri: uri.into() })
    }

    /// Returns the half minute of a code, if it is the present one, the one before or the one after.
    pub(crate) fn step_of(&self, code: &str, now: Timestamp) -> Option<i64> {
        let seconds = u64::try_from(now.as_second()).ok()?;
        i64::try_from(self.0.check(code, seconds)?).ok()
    }
}

impl FactorState {
    /// Accepts a code of this half minute; returns `None` if it, or a later one, was accepted before.
    pub(crate) fn accept(self, step: i64, now: Timestamp) -> Option<Self> {
        match self {
            Self::Enrolled => Some(Self::Confirmed { since: now, last_step: step }),
            Self::Confirmed { since, last_step } if step > last_step => {
                Some(Self::Confirmed { since, last_step: step })
            }
            Self::Confirmed { .. } => None,
        }
    }
}

/// Returns the digits of a typed text, if it can be a code of a phone.
pub(crate) fn digits(typed: &Code) -> Option<&str> {
    let digits = typed.expose();
    (digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(digits)
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use secrecy::ExposeSecret;

    use super::*;

    /// RFC 6238, appendix B: the last six of the eight digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = FactorSecret::of(b"12345678901234567890", None).expect("a secret");
        for (second, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            let now = Timestamp::from_second(second).expect("an instant");
            assert_eq!(secret.step_of(code, now), Some(second / 30), "{second}");
        }
    }

    #[test]
    fn a_code_counts_a_half_minute_early_or_late_and_no_more() {
        let secret = FactorSecret::of(b"12345678901234567890", None).expect("a secret");
        let at =
            |seconds| Timestamp::from_second(59).expect("an instant") + SignedDuration::from_secs(seconds);
        for (seconds, counts) in [(-59, true), (0, true), (30, true), (31, false)] {
            assert_eq!(secret.step_of("287082", at(seconds)).is_some(), counts, "{seconds}");
        }
        assert_eq!(secret.step_of("287083", at(0)), None);
    }

    #[test]
    fn a_half_minute_counts_once_and_none_before_it() {
        let now = World::for_test(1).now();
        let confirmed = FactorState::Enrolled.accept(7, now).expect("the first counts");
        assert_eq!(confirmed, FactorState::Confirmed { since: now, last_step: 7 });
        assert_eq!(confirmed.accept(7, now), None);
        assert_eq!(confirmed.accept(6, now), None);
        assert_eq!(confirmed.accept(8, now), Some(FactorState::Confirmed { since: now, last_step: 8 }));
    }

    #[test]
    fn an_app_gets_the_secret_as_a_uri_that_names_us_and_the_account() {
        let email = EmailAddress::stored("e:va@example.org".into());
        let secret = FactorSecret::of(b"12345678901234567890", Some(&email)).expect("a secret");
        let Enrolment { secret, uri } = secret.enrolment().expect("shown");
        assert_eq!(secret.expose_secret(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(
            uri.expose_secret(),
            "otpauth://totp/hubnet:eva%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=hubnet"
        );
    }

    #[test]
    fn only_six_digits_are_a_code_of_a_phone() {
        let code = |text: &str| Code::parse(text).expect("a code");
        assert_eq!(digits(&code(" 123 456 ")), Some("123456"));
        for other in ["-", "12345", "1234567", "12345a", "+12345", "\u{661}\u{662}\u{663}"] {
            assert_eq!(digits(&code(other)), None, "{other:?}");
        }
    }
}
