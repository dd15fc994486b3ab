//! Error codes: what a client may rely on when something is refused. Always true: a code, once published, keeps
//! its meaning; the sentence beside it may change. The services' codes and the edge's own stand in one list, and each
//! has its words in every language of the application (`code/words.rs`).
//!
//! To add a code: a line below, its words, then `cargo xtask errors`, which writes `docs/ERRORS.md`.

mod rules;
mod words;

use std::fmt;

pub use rules::rule_in;

/// Declares the codes: doc comment, variant, the code as clients see it, HTTP status.
macro_rules! codes {
    ($($(#[doc = $meaning:literal])+ $variant:ident = $code:literal, $status:literal;)+) => {
        /// The stable code of a refusal, sent as `extensions.code`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorCode {
            $($(#[doc = $meaning])+ $variant,)+
        }

        impl ErrorCode {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The code as clients see it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// The HTTP status of a request that is refused as a whole with this code.
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status),+ }
            }

            /// What the code means, in the words of this list.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => concat!($($meaning),+)),+ }
            }
        }
    };
}

codes! {
    /// No token, or one that is expired, forged or meant for somebody else.
    Unauthenticated = "UNAUTHENTICATED", 401;
    /// The code of the second factor is wrong, or was used before.
    CodeRefused = "CODE_REFUSED", 401;
    /// Whoever signed in at their organisation has no account here that it could be linked to.
    AccountNotLinked = "ACCOUNT_NOT_LINKED", 409;
    /// The caller may see the place, but not do this there.
    Forbidden = "FORBIDDEN", 403;
    /// No such thing for this caller; another tenant's object answers the same.
    NotFound = "NOT_FOUND", 404;
    /// The input breaks a rule; the detail names the field.
    InvalidInput = "INVALID_INPUT", 400;
    /// The thing exists already, or is in a state that does not allow this.
    Conflict = "CONFLICT", 409;
    /// The same idempotency key came with another payload.
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
    /// A part the answer needs (database, broker) is away, or the server is going down.
    Unavailable = "UNAVAILABLE", 503;
    /// Our fault; the details are in the log, not in the answer.
    Internal = "INTERNAL", 500;
    /// The body is not the JSON object it should be.
    BadRequest = "BAD_REQUEST", 400;
    /// Several requests came in one body.
    BatchNotSupported = "BATCH_NOT_SUPPORTED", 400;
    /// The document is not GraphQL.
    GraphqlParseFailed = "GRAPHQL_PARSE_FAILED", 400;
    /// The document does not fit the schema, or a required variable is missing.
    GraphqlValidationFailed = "GRAPHQL_VALIDATION_FAILED", 400;
    /// The document is larger, deeper or more repetitive than allowed.
    QueryTooComplex = "QUERY_TOO_COMPLEX", 400;
    /// This installation does not describe its schema.
    IntrospectionOff = "INTROSPECTION_OFF", 400;
    /// This installation answers only documents it knows, named by `documentId`.
    DocumentRequired = "DOCUMENT_REQUIRED", 400;
    /// No document of this `documentId` is known here.
    DocumentUnknown = "DOCUMENT_UNKNOWN", 400;
    /// A subscription came without a way to stream.
    StreamRequired = "STREAM_REQUIRED", 400;
    /// A mutation came over a socket.
    PostRequired = "POST_REQUIRED", 400;
    /// One socket carries more operations at a time than allowed.
    TooManyOperations = "TOO_MANY_OPERATIONS", 429;
    /// One address holds more sockets open than allowed.
    TooManyConnections = "TOO_MANY_CONNECTIONS", 429;
    /// The caller or their address asks more often than allowed.
    RateLimited = "RATE_LIMITED", 429;
    /// More requests are being answered than this process can carry.
    Overloaded = "OVERLOADED", 503;
    /// A page of another site asks, and that site is not on the list.
    OriginForbidden = "ORIGIN_FORBIDDEN", 403;
    /// The route exists, the method does not.
    MethodNotAllowed = "METHOD_NOT_ALLOWED", 405;
    /// No offered media type can be answered.
    NotAcceptable = "NOT_ACCEPTABLE", 406;
    /// The body came too slowly.
    RequestTimeout = "REQUEST_TIMEOUT", 408;
    /// The body is too large.
    PayloadTooLarge = "PAYLOAD_TOO_LARGE", 413;
    /// The body is not JSON, not UTF-8, or compressed.
    UnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE", 415;
    /// The answer took too long; a mutation may have been done all the same.
    DeadlineExceeded = "DEADLINE_EXCEEDED", 503;
}

impl ErrorCode {
    /// Reads a code.
    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|known| known.as_str() == code)
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An error that knows its code. `Internal` and `Unavailable` are logged at the edge and shown without detail.
pub trait Coded: std::error::Error {
    /// The stable code of this error.
    fn code(&self) -> ErrorCode;

    /// The field of the input that breaks a rule, as the client wrote it (`plans[1].monthlyFee`), if it is one field.
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
