//! The credentials of a request, kept as long as its socket or stream lives. Always true: they are never printed, so
//! the type has no `Debug`.

use std::net::IpAddr;

use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use kernel::Language;
use serde_json::{Map, Value};

use crate::{Credentials, ErrorCode, responses::client_error::ClientError};

const IDEMPOTENCY_KEY: &str = "idempotency-key";
const LONGEST_KEY: usize = 255;

/// Credentials that outlive their request.
#[derive(Clone)]
pub(crate) struct KeptCredentials {
    bearer: Option<String>,
    idempotency_key: Option<String>,
    accept_language: Option<String>,
    address: IpAddr,
}

impl KeptCredentials {
    /// Reads the credentials from the headers.
    ///
    /// # Errors
    /// Fails if the idempotency key is unreadable: without it, a repeated mutation would run again.
    pub(crate) fn of(headers: &HeaderMap, address: IpAddr) -> Result<Self, ClientError> {
        let text = |name: HeaderName| headers.get(name)?.to_str().ok().map(str::to_owned);
        // An unreadable token matches no caller.
        let authorization = headers.get(header::AUTHORIZATION).map(|value| value.to_str().unwrap_or("?"));
        Ok(Self {
            bearer: authorization.map(bearer),
            idempotency_key: headers.get(IDEMPOTENCY_KEY).map(idempotency_key).transpose()?,
            accept_language: text(header::ACCEPT_LANGUAGE),
            address,
        })
    }

    /// Adds a socket's `connection_init`: its `authorization` and `accept-language`, if any, replace the headers'.
    pub(crate) fn with_init(mut self, payload: &Map<String, Value>) -> Self {
        let text = |wanted: &str| {
            let named = payload.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
            named.and_then(|(_, value)| value.as_str())
        };
        if let Some(authorization) = text("authorization") {
            self.bearer = Some(bearer(authorization));
        }
        if let Some(languages) = text("accept-language") {
            self.accept_language = Some(languages.to_owned());
        }
        self
    }

    /// The language of error messages.
    pub(crate) fn language(&self) -> Language {
        Language::negotiate(self.accept_language.as_deref().unwrap_or_default())
    }

    /// The caller's address.
    pub(crate) fn address(&self) -> IpAddr {
        self.address
    }

    /// Whether the caller showed a token at all.
    pub(crate) fn has_token(&self) -> bool {
        self.bearer.is_some()
    }

    /// The credentials as the authenticator reads them.
    pub(crate) fn show(&self) -> Credentials<'_> {
        Credentials {
            bearer: self.bearer.as_deref(),
            idempotency_key: self.idempotency_key.as_deref(),
            accept_language: self.accept_language.as_deref(),
            address: Some(self.address),
        }
    }
}

fn idempotency_key(value: &HeaderValue) -> Result<String, ClientError> {
    let key = value.to_str().unwrap_or_default().trim();
    if key.is_empty() || key.len() > LONGEST_KEY {
        let message = format!("Idempotency-Key must be 1 to {LONGEST_KEY} visible ASCII characters.");
        return Err(ClientError::new(ErrorCode::BadRequest, message));
    }
    Ok(key.to_owned())
}

/// The token of a `Bearer` authorization. Another scheme counts as an invalid token, not as no token.
fn bearer(authorization: &str) -> String {
    let (scheme, token) = authorization.trim().split_once(' ').unwrap_or(("", authorization));
    let token = if scheme.eq_ignore_ascii_case("bearer") { token } else { authorization };
    token.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn with(name: &'static str, value: &[u8]) -> Result<KeptCredentials, ClientError> {
        let mut headers = HeaderMap::new();
        let value = HeaderValue::from_bytes(value).expect("bytes a header may hold");
        headers.insert(HeaderName::from_static(name), value);
        KeptCredentials::of(&headers, IpAddr::from([127, 0, 0, 1]))
    }

    fn with_authorization(value: &str) -> KeptCredentials {
        with("authorization", value.as_bytes()).expect("credentials")
    }

    #[test]
    fn a_key_that_cannot_be_read_does_not_pass_for_none() {
        let key = |value: &[u8]| with(IDEMPOTENCY_KEY, value).map(|kept| kept.idempotency_key);
        assert_eq!(key(b" k1 ").expect("a key").as_deref(), Some("k1"));
        for unfit in [b"".as_slice(), b" ", b"k\xff", &[b'k'; 256]] {
            assert_eq!(key(unfit).expect_err("refused").code(), "BAD_REQUEST");
        }
    }

    #[test]
    fn a_token_that_cannot_be_read_does_not_pass_for_none() {
        let kept = with("authorization", b"Bearer \xff").expect("credentials");
        assert_eq!(kept.show().bearer, Some("?"));
    }

    #[test]
    fn the_scheme_is_read_in_any_case() {
        assert_eq!(with_authorization("bearer  abc").show().bearer, Some("abc"));
        assert_eq!(with_authorization("BEARER abc").show().bearer, Some("abc"));
    }

    #[test]
    fn another_scheme_does_not_pass_for_nobody() {
        assert_eq!(with_authorization("Basic abc").show().bearer, Some("Basic abc"));
        let nobody = KeptCredentials::of(&HeaderMap::new(), IpAddr::from([127, 0, 0, 1]));
        assert_eq!(nobody.expect("credentials").show().bearer, None);
    }

    #[test]
    fn a_sockets_first_message_replaces_the_header() {
        let init = json!({"Authorization": "Bearer inner"});
        let kept = with_authorization("Bearer outer").with_init(init.as_object().expect("an object"));
        assert_eq!(kept.show().bearer, Some("inner"));
    }
}
