//! Access tokens: issued for a caller, read back as the same caller.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, Header, Validation, decode, encode};
use kernel::{Caller, DeviceId, Grant, HubId, MemberId, NetworkId, PersonId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::SigningKey;

const ISSUER: &str = "hubnet";
const AUDIENCE: &str = "hubnet-api";
/// RFC 9068: tells an access token from any other token of the same key.
const TYPE: &str = "at+jwt";
const LEEWAY_SECONDS: u64 = 5;
const REMEMBERED: u64 = 10_000;
/// Longer than any token of ours; a longer one is not read at all.
const LONGEST_TOKEN: usize = 4_096;

/// What a token says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Claims {
    iss: String,
    aud: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    sub: String,
    /// The network of the caller.
    net: NetworkId,
    /// The membership of a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mem: Option<MemberId>,
    /// The hub of a device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hub: Option<HubId>,
    /// The roles of a person.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    grants: Vec<Grant>,
}

/// A token is refused; the caller is not told why in detail.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Forged, expired, early, misdirected or unreadable.
    #[error("the access token is not valid")]
    Invalid(#[source] jsonwebtoken::errors::Error),
    /// Signed by us, but it names nobody.
    #[error("the access token names nobody")]
    Nobody,
    /// Too long to be one of ours.
    #[error("the access token is too long")]
    TooLong,
    /// Such a caller cannot have a token.
    #[error("only persons and devices have tokens")]
    NotForCaller,
}

/// Issues and reads tokens.
#[derive(Clone)]
pub struct Tokens {
    key: SigningKey,
    validation: Arc<Validation>,
    verified: moka::sync::Cache<[u8; 32], (Arc<Caller>, Timestamp)>,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens").field("key", &self.key).finish_non_exhaustive()
    }
}

impl Tokens {
    /// Tokens of a key.
    pub fn new(key: SigningKey) -> Self {
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
        validation.leeway = LEEWAY_SECONDS;
        // Times are held against the caller's own clock in `remembered` and `read`, not against the machine's.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let verified = moka::sync::Cache::builder().max_capacity(REMEMBERED).build();
        Self { key, validation: Arc::new(validation), verified }
    }

    /// Issues a token that speaks for a caller for a while from `now`.
    ///
    /// # Errors
    /// The caller is nobody, or the house itself.
    pub fn issue(
        &self,
        caller: &Caller,
        now: Timestamp,
        lifetime: SignedDuration,
    ) -> Result<String, TokenError> {
        let (sub, net, mem, hub, grants) = match caller {
            Caller::Person { person, network, member, grants } => {
                (person.to_string(), *network, *member, None, grants.clone())
            }
            Caller::Device { device, hub, network } => {
                (device.to_string(), *network, None, Some(*hub), Vec::new())
            }
            Caller::Anonymous | Caller::System => return Err(TokenError::NotForCaller),
        };
        let claims = Claims {
            iss: ISSUER.into(),
            aud: AUDIENCE.into(),
            iat: now.as_second(),
            nbf: now.as_second(),
            exp: (now + lifetime).as_second(),
            sub,
            net,
            mem,
            hub,
            grants,
        };
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(TYPE.into());
        header.kid = Some(self.key.id.clone());
        encode(&header, &claims, &self.key.signs).map_err(TokenError::Invalid)
    }

    /// Reads whom a token speaks for, and until when.
    ///
    /// # Errors
    /// See [`TokenError`].
    pub fn read(&self, token: &str, now: Timestamp) -> Result<(Arc<Caller>, Timestamp), TokenError> {
        if token.len() > LONGEST_TOKEN {
            return Err(TokenError::TooLong);
        }
        let fingerprint: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        if let Some((caller, expires_at)) = self.verified.get(&fingerprint)
            && now < expires_at
        {
            return Ok((caller, expires_at));
        }
        let (caller, expires_at) = self.verify(token, now)?;
        let caller = Arc::new(caller);
        self.verified.insert(fingerprint, (Arc::clone(&caller), expires_at));
        Ok((caller, expires_at))
    }

    fn verify(&self, token: &str, now: Timestamp) -> Result<(Caller, Timestamp), TokenError> {
        use jsonwebtoken::errors::{Error, ErrorKind};
        let refuse = |kind: ErrorKind| TokenError::Invalid(Error::from(kind));
        let read =
            decode::<Claims>(token, &self.key.verifies, &self.validation).map_err(TokenError::Invalid)?;
        if read.header.typ.as_deref() != Some(TYPE) || read.header.kid.as_deref() != Some(&self.key.id) {
            return Err(refuse(ErrorKind::InvalidToken));
        }
        let claims = read.claims;
        let leeway = SignedDuration::from_secs(i64::try_from(LEEWAY_SECONDS).unwrap_or_default());
        let instant =
            |second: i64| Timestamp::from_second(second).map_err(|_range| refuse(ErrorKind::InvalidToken));
        let expires_at = instant(claims.exp)?;
        if now >= expires_at {
            return Err(refuse(ErrorKind::ExpiredSignature));
        }
        if now
            .checked_add(leeway)
            .map_or(true, |latest| latest < instant(claims.nbf).unwrap_or(Timestamp::MAX))
        {
            return Err(refuse(ErrorKind::ImmatureSignature));
        }
        Ok((claims.caller()?, expires_at))
    }
}

impl Claims {
    fn caller(self) -> Result<Caller, TokenError> {
        if let Some(hub) = self.hub {
            let device: DeviceId = self.sub.parse().map_err(|_bad| TokenError::Nobody)?;
            return Ok(Caller::Device { device, hub, network: self.net });
        }
        let person: PersonId = self.sub.parse().map_err(|_bad| TokenError::Nobody)?;
        Ok(Caller::Person { person, network: self.net, member: self.mem, grants: self.grants })
    }
}

#[cfg(test)]
mod tests {
    use kernel::{Id, Place, Role, World};

    use super::*;

    fn operator(world: &World) -> Caller {
        let network = NetworkId::generate(world);
        let grants = vec![Grant { role: Role::Operator, at: Place::Hub(HubId::generate(world)) }];
        Caller::Person { person: PersonId::generate(world), network, member: None, grants }
    }

    fn tokens() -> Tokens {
        Tokens::new(SigningKey::ephemeral().expect("a key"))
    }

    const HOUR: SignedDuration = SignedDuration::from_hours(1);

    #[test]
    fn a_token_speaks_for_the_caller_it_was_issued_to() {
        let (world, tokens) = (World::for_test(1), tokens());
        let caller = operator(&world);
        let token = tokens.issue(&caller, world.now(), HOUR).expect("a token");
        for _verified_then_remembered in 0..2 {
            let (read, expires_at) = tokens.read(&token, world.now()).expect("read");
            assert_eq!((read.as_ref(), expires_at), (&caller, world.now() + HOUR));
        }
    }

    #[test]
    fn a_remembered_token_still_expires() {
        let (world, tokens) = (World::for_test(1), tokens());
        let token = tokens.issue(&operator(&world), world.now(), HOUR).expect("a token");
        tokens.read(&token, world.now()).expect("read");
        assert!(tokens.read(&token, world.now() + HOUR).is_err());
    }

    #[test]
    fn a_token_of_another_key_an_early_one_and_rubbish_are_refused() {
        let (world, tokens) = (World::for_test(1), tokens());
        let forged = self::tokens().issue(&operator(&world), world.now(), HOUR).expect("a token");
        assert!(tokens.read(&forged, world.now()).is_err());
        let early = tokens.issue(&operator(&world), world.now() + HOUR, HOUR).expect("a token");
        assert!(tokens.read(&early, world.now()).is_err());
        assert!(tokens.read("rubbish", world.now()).is_err());
        assert!(matches!(tokens.read(&"x".repeat(5_000), world.now()), Err(TokenError::TooLong)));
    }

    #[test]
    fn a_token_with_no_signature_is_refused() {
        let (world, tokens) = (World::for_test(1), tokens());
        let token = tokens.issue(&operator(&world), world.now(), HOUR).expect("a token");
        let body = token.split('.').nth(1).expect("a body");
        // {"typ":"at+jwt","alg":"none"}
        let unsigned = format!("eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJub25lIn0.{body}.");
        assert!(tokens.read(&unsigned, world.now()).is_err());
    }
}
