//! Errors for clients: a message that is safe to show, a stable code, and the field to correct.

use async_graphql::{Error, ErrorExtensions};
use kernel::{Coded, ErrorCode};

/// Makes an error with `extensions.code`, and `extensions.field` if one field of the input is wrong. Internal errors
/// are logged here, once, and shown without detail.
pub fn coded<E: Coded + 'static>(error: E) -> Error {
    match error.code() {
        code @ (ErrorCode::Internal | ErrorCode::Unavailable) => {
            tracing::error!(error = %chain(&error), code = code.as_str(), "request failed");
            let shown = if code == ErrorCode::Internal {
                "something went wrong on our side"
            } else {
                "a part of the service is away; try again in a moment"
            };
            coded_with(code, shown)
        }
        code => {
            let shown = coded_with(code, &error.to_string());
            match error.field() {
                Some(field) => shown.extend_with(|_, extensions| extensions.set("field", field)),
                None => shown,
            }
        }
    }
}

/// Makes an error of a code and a sentence.
pub fn coded_with(code: ErrorCode, message: &str) -> Error {
    Error::new(message).extend_with(|_, extensions| extensions.set("code", code.as_str()))
}

/// A code with a sentence, for errors found in the graph itself (an id that is not an id).
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct CodedError {
    /// The stable code.
    pub code: ErrorCode,
    /// The sentence for the caller.
    pub message: String,
}

impl Coded for CodedError {
    fn code(&self) -> ErrorCode {
        self.code
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
