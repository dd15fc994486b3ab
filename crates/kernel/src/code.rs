//! Error codes: the stable part of every error a client receives.
//!
//! Always true:
//! - A published code keeps its meaning; the sentence beside it may change.
//! - The codes of the services and of the edge stand in one list, each with its words in every language
//!   (`code/words.rs`).
//!
//! To add a code: add a line below and its words, then run `cargo xtask errors`, which writes `docs/ERRORS.md`.

mod rules;
mod words;

use std::fmt;

pub use rules::rule_in;

/// Declares the codes: doc comment, variant, the code as clients see it, HTTP status.
macro_rules! codes {
    ($($(#[doc = $meaning:literal])+ $variant:ident = $code:literal, $status:literal;)+) => {
        /// The stable code of an error, sent as `extensions.code`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorCode {
            $($(#[doc = $meaning])+ $variant,)+
        }

        impl ErrorCode {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Returns the code as clients see it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// Returns the HTTP status of a request that is refused as a whole with this code.
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status),+ }
            }

            /// Returns the meaning of the code, taken from its doc comment.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => concat!($($meaning),+)),+ }
            }
        }
    };
}

codes! {
    /// The token is missing, expired, forged or issued for another audience.
    Unauthenticated = "UNAUTHENTICATED", 401;
    /// The code of the second factor is wrong or was used before.
    CodeRefused = "CODE_REFUSED", 401;
    /// The account at the organisation has no account here that it can be linked to.
    AccountNotLinked = "ACCOUNT_NOT_LINKED", 409;
    /// The caller may see the place, but may not do this there.
    Forbidden = "FORBIDDEN", 403;
    /// The object does not exist for this caller; an object of another tenant gets the same code.
    NotFound = "NOT_FOUND", 404;
    /// The input breaks a rule; the detail names the field.
    InvalidInput = "INVALID_INPUT", 400;
    /// The object exists already, or its state does not allow this.
    Conflict = "CONFLICT", 409;
    /// Somebody else changed the object since the caller read it; nothing was overwritten. The detail gives the present
    /// version.
    VersionConflict = "VERSION_CONFLICT", 409;
    /// The same idempotency key was sent before with another payload.
    IdempotencyConflict = "IDEMPOTENCY_CONFLICT", 409;
    /// The month is settled; it never changes again.
    PeriodClosed = "PERIOD_CLOSED", 409;
    /// Every seat of the event is taken.
    EventFull = "EVENT_FULL", 409;
    /// No exchange rate is known for that currency and day.
    RateMissing = "RATE_MISSING", 409;
    /// The latest exchange rate of that currency is too old for that day.
    RateStale = "RATE_STALE", 409;
    /// The member has a plan that does not include roaming.
    PlanWithoutRoaming = "PLAN_WITHOUT_ROAMING", 409;
    /// A component that the response needs (database, broker) is unavailable, or the server is shutting down.
    Unavailable = "UNAVAILABLE", 503;
    /// An internal error; the details are in the log, not in the response.
    Internal = "INTERNAL", 500;
    /// The body is not the expected JSON object.
    BadRequest = "BAD_REQUEST", 400;
    /// The body contains several requests.
    BatchNotSupported = "BATCH_NOT_SUPPORTED", 400;
    /// The document is not GraphQL.
    GraphqlParseFailed = "GRAPHQL_PARSE_FAILED", 400;
    /// The document does not fit the schema, or a required variable is missing.
    GraphqlValidationFailed = "GRAPHQL_VALIDATION_FAILED", 400;
    /// The document is larger, deeper or more repetitive than allowed.
    QueryTooComplex = "QUERY_TOO_COMPLEX", 400;
    /// Introspection is disabled in this installation.
    IntrospectionOff = "INTROSPECTION_OFF", 400;
    /// This installation accepts only known documents, named by `documentId`.
    DocumentRequired = "DOCUMENT_REQUIRED", 400;
    /// No document with this `documentId` is known here.
    DocumentUnknown = "DOCUMENT_UNKNOWN", 400;
    /// A subscription was sent over a transport that cannot stream.
    StreamRequired = "STREAM_REQUIRED", 400;
    /// A mutation was sent over a socket.
    PostRequired = "POST_REQUIRED", 400;
    /// One socket carries more concurrent operations than allowed.
    TooManyOperations = "TOO_MANY_OPERATIONS", 429;
    /// One address holds more open sockets than allowed.
    TooManyConnections = "TOO_MANY_CONNECTIONS", 429;
    /// The caller or their address sends more requests than allowed.
    RateLimited = "RATE_LIMITED", 429;
    /// The process already serves as many requests as it can.
    Overloaded = "OVERLOADED", 503;
    /// The request comes from a page of another site that is not on the list.
    OriginForbidden = "ORIGIN_FORBIDDEN", 403;
    /// The route exists, but the method does not.
    MethodNotAllowed = "METHOD_NOT_ALLOWED", 405;
    /// None of the accepted media types is available.
    NotAcceptable = "NOT_ACCEPTABLE", 406;
    /// The body arrived too slowly.
    RequestTimeout = "REQUEST_TIMEOUT", 408;
    /// The body is too large.
    PayloadTooLarge = "PAYLOAD_TOO_LARGE", 413;
    /// The body is not JSON, not UTF-8, or compressed.
    UnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE", 415;
    /// The response took too long; a mutation may have taken effect all the same.
    DeadlineExceeded = "DEADLINE_EXCEEDED", 503;
}

impl ErrorCode {
    /// Parses a code.
    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|known| known.as_str() == code)
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An error with a code. `Internal` and `Unavailable` are logged at the edge and shown without detail.
pub trait Coded: std::error::Error {
    /// Returns the stable code of this error.
    fn code(&self) -> ErrorCode;

    /// Returns the input field that breaks a rule, as the client wrote it (`plans[1].monthlyFee`), if it is one field.
    fn field(&self) -> Option<&str> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Language;

    #[test]
    fn every_code_is_named_once_and_refuses() {
        for code in ErrorCode::ALL {
            assert_eq!(ErrorCode::of(code.as_str()), Some(*code), "two codes are called {code}");
            assert!((400..600).contains(&code.status()), "{code}");
        }
    }

    #[test]
    fn every_code_has_a_sentence_of_its_own_in_every_language() {
        for language in Language::ALL {
            let sentences: std::collections::BTreeSet<_> =
                ErrorCode::ALL.iter().map(|code| code.sentence(language)).collect();
            assert_eq!(sentences.len(), ErrorCode::ALL.len(), "{language}");
            assert!(sentences.iter().all(|sentence| sentence.ends_with('.')), "{language}");
        }
    }
}
