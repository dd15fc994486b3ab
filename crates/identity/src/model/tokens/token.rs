//! Access tokens: issued for a caller, and read back as the same caller.
//!
//! Always true: a token is verified with the installation's key that its `kid` names, and nothing else in its header is
//! considered; its times are compared with the clock of the caller's context, not the machine's.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header, encode};
use kernel::{
    ApiKeyId, Caller, DeviceId, Grant, HubId, MemberId, NetworkId, Permission, PersonId, Scoped, SessionId,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::KeyRing;

/// The maximum lifetime of every token: revocations are kept as long.
pub const LONGEST_LIFETIME: SignedDuration = SignedDuration::from_hours(12);

const ISSUER: &str = "hubnet";
const AUDIENCE: &str = "hubnet-api";
/// RFC 9068: distinguishes an access token from other tokens of the same key.
const TYPE: &str = "at+jwt";
const LEEWAY: SignedDuration = SignedDuration::from_secs(5);
const REMEMBERED: u64 = 10_000;
/// Longer than any token of this installation; a longer one is not parsed.
const LONGEST_TOKEN: usize = 8_192;

/// The claims of a token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Claims {
    iss: String,
    aud: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    sub: String,
    /// When it was made, in microseconds, so that a revocation a moment before does not end it.
    made: i64,
    /// The network of the caller.
    net: NetworkId,
    /// The session of the token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sid: Option<SessionId>,
    /// The membership of a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mem: Option<MemberId>,
    /// The roles of a person.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    grants: Vec<Grant>,
    /// The hub of a device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hub: Option<HubId>,
    /// The permission of a device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cap: Option<Permission>,
    /// The permissions of a program.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    scopes: Vec<Scoped>,
}

/// The token is refused; the caller does not learn the detail.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Forged, expired, early, misdirected or unreadable.
    #[error("the access token is not valid")]
    Invalid(#[source] jsonwebtoken::errors::Error),
    /// Signed by an unknown key.
    #[error("the access token is not valid")]
    UnknownKey,
    /// Signed by a known key, but the subject is invalid.
    #[error("the access token names nobody")]
    Nobody,
    /// Longer than any token of this installation.
    #[error("the access token is too long")]
    TooLong,
    /// A caller of this kind cannot have a token.
    #[error("only persons, devices and programs have tokens")]
    NotForCaller,
}

/// The verified content of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passport {
    /// The caller.
    pub caller: Arc<Caller>,
    /// The session, if any.
    pub session: Option<SessionId>,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it expires.
    pub expires_at: Timestamp,
}

impl Passport {
    /// Returns the ids by which a revocation may end this token: its session, and its caller.
    pub(crate) fn subjects(&self) -> [Option<Uuid>; 2] {
        let subject = match self.caller.as_ref() {
            Caller::Person { person, .. } => Some((*person).into()),
            Caller::Device { device, .. } => Some((*device).into()),
            Caller::Program { key, .. } => Some((*key).into()),
            Caller::Anonymous | Caller::System => None,
        };
        [self.session.map(Into::into), subject]
    }
}

/// Issues and reads tokens.
#[derive(Clone)]
pub struct Tokens {
    keys: Arc<KeyRing>,
    validation: Arc<Validation>,
    /// With the name of the key: the tokens of a retired key are forgotten with it.
    verified: moka::sync::Cache<[u8; 32], (String, Passport)>,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens").field("keys", &self.keys).finish_non_exhaustive()
    }
}

impl Tokens {
    /// Makes tokens of a key ring.
    pub fn new(keys: KeyRing) -> Self {
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
        // `read` and `verify` compare times with the clock of the caller's context.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let verified = moka::sync::Cache::builder().max_capacity(REMEMBERED).build();
        Self { keys: Arc::new(keys), validation: Arc::new(validation), verified }
    }

    /// Returns the keys.
    pub fn keys(&self) -> &KeyRing {
        &self.keys
    }

    /// Issues a token for a caller from `now`, valid for [`LONGEST_LIFETIME`] at most.
    ///
    /// # Errors
    /// Fails if the caller is anonymous or the system itself.
    pub fn issue(
        &self,
        caller: &Caller,
        session: Option<SessionId>,
        now: Timestamp,
        lifetime: SignedDuration,
    ) -> Result<String, TokenError> {
        let key = self.keys.signing(now).ok_or(TokenError::UnknownKey)?;
        let mut claims = Claims::of(caller)?;
        claims.sid = session;
        claims.made = now.as_microsecond();
        (claims.iat, claims.nbf) = (now.as_second(), now.as_second());
        claims.exp = (now + lifetime.min(LONGEST_LIFETIME)).as_second();
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(TYPE.into());
        header.kid = Some(key.id.clone());
        encode(&header, &claims, &key.signs).map_err(TokenError::Invalid)
    }

    /// Verifies a token. [`Revocations`](crate::Revocations) decides separately whether it was revoked.
    ///
    /// # Errors
    /// See [`TokenError`].
    pub fn read(&self, token: &str, now: Timestamp) -> Result<Passport, TokenError> {
        if token.len() > LONGEST_TOKEN {
            return Err(TokenError::TooLong);
        }
        let fingerprint: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        if let Some((key, passport)) = self.verified.get(&fingerprint)
            && now < passport.expires_at
            && self.keys.has(&key)
        {
            return Ok(passport);
        }
        let (key, passport) = self.verify(token, now)?;
        self.verified.insert(fingerprint, (key, passport.clone()));
        Ok(passport)
    }

    fn verify(&self, token: &str, now: Timestamp) -> Result<(String, Passport), TokenError> {
        use jsonwebtoken::errors::{Error, ErrorKind};
        let refuse = |kind: ErrorKind| TokenError::Invalid(Error::from(kind));
        let header = decode_header(token).map_err(TokenError::Invalid)?;
        // RFC 7515: a header with unknown critical parts is refused; this code knows none.
        if header.alg != Algorithm::EdDSA || header.typ.as_deref() != Some(TYPE) || header.crit.is_some() {
            return Err(refuse(ErrorKind::InvalidToken));
        }
        let key = header.kid.and_then(|id| self.keys.find(&id)).ok_or(TokenError::UnknownKey)?;
        let read = decode::<Claims>(token, &key.verifies, &self.validation).map_err(TokenError::Invalid)?;
        let claims = read.claims;
        let unreadable = || refuse(ErrorKind::InvalidToken);
        let instant = |second: i64| Timestamp::from_second(second).map_err(|_range| unreadable());
        let expires_at = instant(claims.exp)?;
        let not_before = instant(claims.nbf)?;
        let made_at = Timestamp::from_microsecond(claims.made).map_err(|_range| unreadable())?;
        if now >= expires_at {
            return Err(refuse(ErrorKind::ExpiredSignature));
        }
        if not_before.duration_since(now) > LEEWAY {
            return Err(refuse(ErrorKind::ImmatureSignature));
        }
        let session = claims.sid;
        let caller = Arc::new(claims.caller()?);
        Ok((key.id, Passport { caller, session, made_at, expires_at }))
    }
}

impl Claims {
    fn of(caller: &Caller) -> Result<Self, TokenError> {
        let blank = |sub: String, net: NetworkId| Self {
            iss: ISSUER.into(),
            aud: AUDIENCE.into(),
            iat: 0,
            nbf: 0,
            exp: 0,
            sub,
            made: 0,
            net,
            sid: None,
            mem: None,
            grants: Vec::new(),
            hub: None,
            cap: None,
            scopes: Vec::new(),
        };
        match caller {
            Caller::Person { person, network, member, grants } => {
                Ok(Self { mem: *member, grants: grants.clone(), ..blank(person.to_string(), *network) })
            }
            Caller::Device { device, hub, network, capability } => {
                Ok(Self { hub: Some(*hub), cap: Some(*capability), ..blank(device.to_string(), *network) })
            }
            Caller::Program { key, network, scopes } => {
                Ok(Self { scopes: scopes.clone(), ..blank(key.to_string(), *network) })
            }
            Caller::Anonymous | Caller::System => Err(TokenError::NotForCaller),
        }
    }

    /// The subject's prefix is its kind.
    fn caller(self) -> Result<Caller, TokenError> {
        let network = self.net;
        if let Ok(person) = self.sub.parse::<PersonId>() {
            return Ok(Caller::Person { person, network, member: self.mem, grants: self.grants });
        }
        if let Ok(key) = self.sub.parse::<ApiKeyId>() {
            return Ok(Caller::Program { key, network, scopes: self.scopes });
        }
        let device: DeviceId = self.sub.parse().map_err(|_bad| TokenError::Nobody)?;
        match (self.hub, self.cap) {
            (Some(hub), Some(capability)) => Ok(Caller::Device { device, hub, network, capability }),
            _ => Err(TokenError::Nobody),
        }
    }
}

#[cfg(test)]
mod tests;
