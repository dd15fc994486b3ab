//! The language of messages to a client.

use actix_web::http::header::{self, HeaderMap};
use kernel::Language;

/// The language that `Accept-Language` asks for.
pub(crate) fn of(headers: &HeaderMap) -> Language {
    let wanted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    Language::negotiate(wanted.unwrap_or_default())
}
