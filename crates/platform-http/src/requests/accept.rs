//! Media types of GraphQL over HTTP: what the client sends and what it can read.
//!
//! Always true: a body is `application/json` in UTF-8. A client without `Accept` gets `application/json`. A client that
//! can read events gets them only if it prefers them or starts a subscription.

use actix_web::http::header::{self, HeaderMap};

use crate::{ErrorCode, responses::client_error::ClientError};

const EVENTS: &str = "text/event-stream";

/// The two JSON forms of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JsonForm {
    /// `application/graphql-response+json`: the status shows whether the request was good.
    Graphql,
    /// `application/json`: the status shows only whether the edge accepted the request.
    Plain,
}

impl JsonForm {
    pub(crate) const fn media_type(self) -> &'static str {
        match self {
            Self::Graphql => "application/graphql-response+json; charset=utf-8",
            Self::Plain => "application/json; charset=utf-8",
        }
    }
}

/// The media types that the client can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Accepted {
    json: Option<JsonForm>,
    events: bool,
    prefers_events: bool,
}

impl Accepted {
    /// Parses `Accept`.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Self, ClientError> {
        let named: Vec<&str> =
            headers.get_all(header::ACCEPT).filter_map(|value| value.to_str().ok()).collect();
        if named.is_empty() {
            return Ok(Self { json: Some(JsonForm::Plain), events: false, prefers_events: false });
        }
        Self::among(&ranked(&named.join(",")))
    }

    fn among(types: &[String]) -> Result<Self, ClientError> {
        let json_at = types.iter().position(|name| json_form(name).is_some());
        let events_at = types.iter().position(|name| name == EVENTS);
        if json_at.is_none() && events_at.is_none() {
            let message = "Accept application/graphql-response+json, application/json or text/event-stream.";
            return Err(ClientError::new(ErrorCode::NotAcceptable, message));
        }
        Ok(Self {
            json: json_at.and_then(|at| json_form(&types[at])),
            events: events_at.is_some(),
            prefers_events: events_at.is_some_and(|events| json_at.is_none_or(|json| events < json)),
        })
    }

    /// The JSON form of the response; also of an error for a client that reads only events.
    pub(crate) fn form(self) -> JsonForm {
        self.json.unwrap_or(JsonForm::Graphql)
    }

    /// Whether to respond with events.
    pub(crate) fn wants_events(self, is_subscription: bool) -> bool {
        self.prefers_events || (self.events && is_subscription)
    }
}

/// Whether a browser asks for a page.
pub(crate) fn wants_page(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    ranked(accept.unwrap_or_default()).iter().any(|name| name == "text/html")
}

/// Refuses a body that is not plain, uncompressed JSON.
pub(crate) fn require_json(headers: &HeaderMap) -> Result<(), ClientError> {
    let refused = |message| Err(ClientError::new(ErrorCode::UnsupportedMediaType, message));
    if headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return refused("Send the body uncompressed.");
    }
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let mut parts = content_type.unwrap_or_default().split(';').map(str::trim);
    if !parts.next().is_some_and(|name| name.eq_ignore_ascii_case("application/json")) {
        return refused("Send Content-Type: application/json.");
    }
    let foreign = parts.filter_map(|part| part.split_once('=')).any(|(name, value)| {
        name.trim().eq_ignore_ascii_case("charset")
            && !value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
    });
    if foreign { refused("Send the body in UTF-8.") } else { Ok(()) }
}

fn json_form(name: &str) -> Option<JsonForm> {
    match name {
        "application/graphql-response+json" => Some(JsonForm::Graphql),
        "application/json" | "application/*" | "*/*" => Some(JsonForm::Plain),
        _ => None,
    }
}

/// The media types of an `Accept` header, best first, without those with `q=0`.
fn ranked(accept: &str) -> Vec<String> {
    let mut ranges: Vec<(String, f32)> = accept.split(',').filter_map(media_range).collect();
    ranges.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    ranges.into_iter().map(|(name, _)| name).collect()
}

fn media_range(range: &str) -> Option<(String, f32)> {
    let mut parts = range.split(';').map(str::trim);
    let name = parts.next()?.to_ascii_lowercase();
    let quality = parts.find_map(|part| part.strip_prefix("q=")?.parse().ok()).unwrap_or(1.0);
    (quality > 0.0).then_some((name, quality))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn accepted(accept: &'static str) -> Result<Accepted, ClientError> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
        Accepted::of(&headers)
    }

    fn form(accept: &'static str) -> JsonForm {
        accepted(accept).expect("acceptable").form()
    }

    #[test]
    fn a_client_that_takes_anything_gets_plain_json() {
        assert_eq!(Accepted::of(&HeaderMap::new()).expect("acceptable").form(), JsonForm::Plain);
        assert_eq!(form("*/*"), JsonForm::Plain);
    }

    #[test]
    fn the_better_liked_json_wins() {
        assert_eq!(form("application/json, application/graphql-response+json"), JsonForm::Plain);
        assert_eq!(form("application/json;q=0.9, application/graphql-response+json"), JsonForm::Graphql);
        assert_eq!(form("application/json;q=0, application/graphql-response+json"), JsonForm::Graphql);
    }

    #[test]
    fn events_are_sent_to_those_who_prefer_or_need_them() {
        let polite = accepted("application/json, text/event-stream").expect("acceptable");
        assert!(polite.wants_events(true) && !polite.wants_events(false));
        let router =
            accepted("multipart/mixed;subscriptionSpec=\"1.0\", text/event-stream").expect("acceptable");
        assert!(router.wants_events(true) && router.wants_events(false));
    }

    #[test]
    fn a_client_that_reads_nothing_of_ours_is_refused() {
        let refused = accepted("text/html, image/png").expect_err("not acceptable");
        assert_eq!(refused.code(), "NOT_ACCEPTABLE");
    }
}
