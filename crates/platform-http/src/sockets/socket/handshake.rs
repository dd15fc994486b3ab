//! Opens a socket. Always true: the handshake checks only the request's origin and protocol; the first message
//! authenticates the caller.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        Uri,
        header::{self, HeaderMap},
    },
    web,
};

use super::session;
use crate::{
    ErrorCode, callers::credentials::KeptCredentials, limits::address, requests::pipeline::Pipeline,
    responses::client_error::ClientError,
};

const PROTOCOL: &str = "graphql-transport-ws";
/// The reason of the status line, and after it the header that names the protocol, spelled as in RFC 6455.
const REASON_AND_PROTOCOL: &str = "Switching Protocols\r\nSec-WebSocket-Protocol: graphql-transport-ws";

/// Responds to the upgrade and serves the socket in a task of its own.
pub(crate) fn open(
    http: &HttpRequest,
    payload: web::Payload,
    pipeline: &Arc<Pipeline>,
) -> Result<HttpResponse, ClientError> {
    let headers = http.headers();
    require_known_origin(headers, &pipeline.edge.allowed_origins)?;
    require_protocol(headers)?;
    let address = address::of(http, &pipeline.edge.trusted_proxies);
    let place = pipeline.traffic.open(address)?;
    let (mut response, wire, messages) = actix_ws::handle_with_protocols(http, payload, &[PROTOCOL])
        .map_err(|error| ClientError::new(ErrorCode::BadRequest, format!("No WebSocket: {error}.")))?;
    let most = pipeline.edge.limits.socket_message_bytes;
    let messages = messages.max_frame_size(most).aggregate_continuations().max_continuation_size(most);
    let credentials = KeptCredentials::of(headers, address)?;
    spell_protocol(&mut response);
    let talk = session::run(Arc::clone(pipeline), wire, messages, credentials);
    actix_web::rt::spawn(async move {
        let _place = place;
        talk.await;
    });
    Ok(response)
}

/// Spells the header that names the protocol `Sec-WebSocket-Protocol`. Header names have no case, but Python's `gql`
/// looks this one up in a case-sensitive map, as RFC 6455 spells it, and falls back to an older protocol without it.
/// actix-http writes names in small letters, or with a capital after each hyphen (`Sec-Websocket-Protocol`); no setting
/// spells a single name. The reason of the status line is the only part of the head that it writes verbatim, so the
/// header follows there. The text is a constant: nothing of a request enters it.
fn spell_protocol(response: &mut HttpResponse) {
    response.headers_mut().remove(header::SEC_WEBSOCKET_PROTOCOL);
    response.head_mut().reason = Some(REASON_AND_PROTOCOL);
}

/// A browser names the page's origin; a client that sends none cannot be misused by a page.
fn require_known_origin(headers: &HeaderMap, allowed: &[String]) -> Result<(), ClientError> {
    let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
    let origin = origin.to_str().unwrap_or_default();
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let ours = origin.parse::<Uri>().is_ok_and(|uri| {
        uri.authority().is_some_and(|authority| host.is_some_and(|host| authority.as_str() == host))
    });
    if ours || allowed.iter().any(|known| known == origin) {
        return Ok(());
    }
    Err(ClientError::new(ErrorCode::OriginForbidden, "Pages of this origin may not open a socket here."))
}

fn require_protocol(headers: &HeaderMap) -> Result<(), ClientError> {
    let offered = headers
        .get_all(header::SEC_WEBSOCKET_PROTOCOL)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    if offered.map(str::trim).any(|protocol| protocol == PROTOCOL) {
        return Ok(());
    }
    Err(ClientError::new(ErrorCode::BadRequest, format!("Speak {PROTOCOL} (Sec-WebSocket-Protocol).")))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn from_origin(origin: &'static str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("hub.example:8080"));
        headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
        require_known_origin(&headers, &["https://app.example".to_owned()]).is_ok()
    }

    #[test]
    fn our_own_pages_and_the_listed_ones_may_open_a_socket() {
        assert!(from_origin("http://hub.example:8080"));
        assert!(from_origin("https://app.example"));
        assert!(require_known_origin(&HeaderMap::new(), &[]).is_ok(), "no browser, no page");
    }

    #[test]
    fn pages_of_other_sites_may_not() {
        for origin in
            ["https://evil.example", "http://hub.example", "http://hub.example:8080.evil.example", "null", ""]
        {
            assert!(!from_origin(origin), "{origin}");
        }
    }
}
