//! Credentials as they stand in a request, kept for as long as a socket or stream lives. Always true: they are never
//! printed, so the type has no `Debug`.

use std::net::{IpAddr, SocketAddr};

use actix_web::http::header::{self, HeaderMap};
use serde_json::{Map, Value};

use crate::Credentials;

const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// Credentials that outlive their request.
#[derive(Clone)]
pub(crate) struct KeptCredentials {
    bearer: Option<String>,
    idempotency_key: Option<String>,
    accept_language: Option<String>,
    address: Option<IpAddr>,
}

impl KeptCredentials {
    /// What the headers say.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let text = |name: &str| headers.get(name)?.to_str().ok().map(str::to_owned);
        Self {
            bearer: text(header::AUTHORIZATION.as_str()).as_deref().map(bearer),
            idempotency_key: text(IDEMPOTENCY_KEY),
            accept_language: text(header::ACCEPT_LANGUAGE.as_str()),
            address: None,
        }
    }

    /// The same, with where the connection came from.
    pub(crate) fn from(mut self, peer: Option<SocketAddr>) -> Self {
        self.address = peer.map(|peer| peer.ip());
        self
    }

    /// What a socket's `connection_init` adds: its `authorization`, if any, replaces the header's.
    pub(crate) fn with_init(mut self, payload: &Map<String, Value>) -> Self {
        let named = payload.iter().find(|(name, _)| name.eq_ignore_ascii_case("authorization"));
        if let Some(authorization) = named.and_then(|(_, value)| value.as_str()) {
            self.bearer = Some(bearer(authorization));
        }
        self
    }

    /// The same, as the gate reads them.
    pub(crate) fn show(&self) -> Credentials<'_> {
        Credentials {
            bearer: self.bearer.as_deref(),
            idempotency_key: self.idempotency_key.as_deref(),
            accept_language: self.accept_language.as_deref(),
            address: self.address,
        }
    }
}

/// The token of a `Bearer` authorization. Another scheme counts as a token that fits nobody, not as no token.
fn bearer(authorization: &str) -> String {
    let (scheme, token) = authorization.trim().split_once(' ').unwrap_or(("", authorization));
    let token = if scheme.eq_ignore_ascii_case("bearer") { token } else { authorization };
    token.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;
    use serde_json::json;

    use super::*;

    fn with_authorization(value: &'static str) -> KeptCredentials {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, HeaderValue::from_static(value));
        KeptCredentials::of(&headers)
    }

    #[test]
    fn the_scheme_is_read_in_any_case() {
        assert_eq!(with_authorization("bearer  abc").show().bearer, Some("abc"));
        assert_eq!(with_authorization("BEARER abc").show().bearer, Some("abc"));
    }

    #[test]
    fn another_scheme_does_not_pass_for_nobody() {
        assert_eq!(with_authorization("Basic abc").show().bearer, Some("Basic abc"));
        assert_eq!(KeptCredentials::of(&HeaderMap::new()).show().bearer, None);
    }

    #[test]
    fn a_sockets_first_message_replaces_the_header() {
        let init = json!({"Authorization": "Bearer inner"});
        let kept = with_authorization("Bearer outer").with_init(init.as_object().expect("an object"));
        assert_eq!(kept.show().bearer, Some("inner"));
    }
}
