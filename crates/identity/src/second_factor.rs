//! A second factor: a secret that a person's phone shares with us, and the six digits it makes of the time (TOTP, RFC
//! 6238 over RFC 4226).
//!
//! Always true: it counts only after its owner has shown a code of it; a code counts in its own half minute, the one
//! before and the one after; each half minute counts once, and none before one that counted.

use jiff::Timestamp;
use kernel::{Code, EmailAddress, NetworkId, PersonId, World};
use secrecy::SecretString;
use totp_rs::{Builder, Totp};

use crate::sealing_key::Unopened;

/// What an app shows beside the code.
const ISSUER: &str = "hubnet";
const DIGITS: usize = 6;
const SECRET_BYTES: usize = 20;

/// A person's second factor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecondFactor {
    /// Whose.
    pub person: PersonId,
    /// In which network.
    pub network: NetworkId,
    /// Whether it counts.
    pub state: FactorState,
}

/// Whether a second factor counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactorState {
    /// Its owner has not shown a code of it: it changes nothing.
    Enrolled,
    /// Nobody signs in as its owner without it.
    Confirmed {
        /// Since when.
        since: Timestamp,
        /// The half minute of the last code that counted, since 1970.
        last_step: i64,
    },
}

/// What a person gets to put into their app, once.
#[derive(Clone, Debug)]
pub struct Enrolment {
    /// The secret in Base32, to type in.
    pub secret: SecretString,
    /// The same as `otpauth://`, to show as a QR code.
    pub uri: SecretString,
}

/// The secret that the phone and we share.
pub(crate) struct FactorSecret(Totp);

impl FactorSecret {
    /// The bytes of a new one: 160 random bits.
    pub(crate) fn make(world: &World) -> Vec<u8> {
        (0..2).flat_map(|_draw| world.random()).take(SECRET_BYTES).collect()
    }

    /// The one of these bytes.
    pub(crate) fn of(bytes: &[u8], email: Option<&EmailAddress>) -> Result<Self, Unopened> {
        // A colon stands between issuer and account.
        let account = email.map_or_else(String::new, |email| email.as_str().replace(':', ""));
        let totp =
            Builder::new().with_secret(bytes.to_vec()).with_issuer(Some(ISSUER)).with_account_name(account);
        totp.build().map(Self).map_err(|_other| Unopened)
    }

    /// How it is shown to its owner.
    pub(crate) fn enrolment(&self) -> Result<Enrolment, Unopened> {
        let uri = self.0.to_url().map_err(|_unnamed| Unopened)?;
        Ok(Enrolment { secret: self.0.secret().to_base32().into(), uri: uri.into() })
    }

    /// The half minute that a code belongs to, if it is one of now, the one before or the one after.
    pub(crate) fn step_of(&self, code: &str, now: Timestamp) -> Option<i64> {
        let seconds = u64::try_from(now.as_second()).ok()?;
        i64::try_from(self.0.check(code, seconds)?).ok()
    }
}

impl FactorState {
    /// What comes of a code of this half minute: nothing if it, or a later one, has counted.
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

/// The digits of what was typed, if it can be a code of a phone.
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
