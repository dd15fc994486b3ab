//! Errors of plain routes: problem+json (RFC 9457). Always true: type and code name the same error, listed in
//! docs/ERRORS.md; the title is in the caller's language, the detail in English.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
};
use kernel::{ErrorCode, Language};
use serde_json::{Map, Value, json};

/// An error of a plain route.
#[derive(Debug)]
pub struct Problem {
    code: ErrorCode,
    more: Map<String, Value>,
}

impl Problem {
    /// Creates an error with only its code.
    pub fn new(code: ErrorCode) -> Self {
        Self { code, more: Map::new() }
    }

    /// Adds an English sentence about the exact fault. Every client can read it.
    #[must_use]
    pub fn detail(self, detail: impl Into<String>) -> Self {
        self.with("detail", Value::String(detail.into()))
    }

    /// Adds a member.
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.more.insert(name.to_owned(), value);
        self
    }

    /// Returns the response.
    pub fn respond(self, language: Language) -> HttpResponse {
        let mut problem = self.more;
        problem.insert("type".to_owned(), json!(type_of(self.code)));
        problem.insert("title".to_owned(), json!(self.code.sentence(language)));
        problem.insert("status".to_owned(), json!(self.code.status()));
        problem.insert("code".to_owned(), json!(self.code.as_str()));
        let mut response = HttpResponse::build(status(self.code));
        if matches!(self.code.status(), 429 | 503) {
            response.insert_header((header::RETRY_AFTER, "1"));
        }
        response
            .content_type("application/problem+json")
            .insert_header((header::CONTENT_LANGUAGE, language.code()))
            .body(Value::Object(problem).to_string())
    }
}

/// The status of a code, as the web server writes it.
pub(crate) fn status(code: ErrorCode) -> StatusCode {
    StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn type_of(code: ErrorCode) -> String {
    format!("urn:hubnet:problem:{}", code.as_str().to_ascii_lowercase().replace('_', "-"))
}
