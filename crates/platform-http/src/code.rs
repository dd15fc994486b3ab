//! The codes the edge itself refuses with. Always true: a published code keeps its meaning; the words beside it may
//! change. Codes of the services behind the edge pass through untouched.

use actix_web::http::StatusCode;

/// Why the edge refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EdgeCode {
    /// The body is not the JSON object it should be.
    BadRequest,
    /// Several requests came in one body.
    BatchNotSupported,
    /// The document is not GraphQL.
    GraphqlParseFailed,
    /// The document does not fit the schema, or a required variable is missing.
    GraphqlValidationFailed,
    /// The document is larger, deeper or more repetitive than allowed.
    QueryTooComplex,
    /// A value does not fit its scalar.
    InvalidInput,
    /// A subscription came without a way to stream: use a socket or `Accept: text/event-stream`.
    StreamRequired,
    /// A mutation came over a socket: use `POST`.
    PostRequired,
    /// One socket carries more operations at a time than allowed.
    TooManyOperations,
    /// The token is missing, expired or not valid.
    Unauthenticated,
    /// Another site's page tried to open a socket.
    OriginForbidden,
    /// No such route.
    NotFound,
    /// The route exists, the method does not.
    MethodNotAllowed,
    /// No offered media type can be answered.
    NotAcceptable,
    /// The body came too slowly.
    RequestTimeout,
    /// The body is too large.
    PayloadTooLarge,
    /// The body is not JSON, not UTF-8, or compressed.
    UnsupportedMediaType,
    /// The answer took too long. A mutation goes on: ask again with the same `Idempotency-Key`.
    DeadlineExceeded,
    /// A part the answer needs is away, or the server is going down; try again.
    Unavailable,
    /// Our fault; the details are in the log.
    Internal,
}

impl EdgeCode {
    /// Every code, for the documentation.
    pub const ALL: [Self; 20] = [
        Self::BadRequest,
        Self::BatchNotSupported,
        Self::GraphqlParseFailed,
        Self::GraphqlValidationFailed,
        Self::QueryTooComplex,
        Self::InvalidInput,
        Self::StreamRequired,
        Self::PostRequired,
        Self::TooManyOperations,
        Self::Unauthenticated,
        Self::OriginForbidden,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::NotAcceptable,
        Self::RequestTimeout,
        Self::PayloadTooLarge,
        Self::UnsupportedMediaType,
        Self::DeadlineExceeded,
        Self::Unavailable,
        Self::Internal,
    ];

    /// The code as clients see it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BadRequest => "BAD_REQUEST",
            Self::BatchNotSupported => "BATCH_NOT_SUPPORTED",
            Self::GraphqlParseFailed => "GRAPHQL_PARSE_FAILED",
            Self::GraphqlValidationFailed => "GRAPHQL_VALIDATION_FAILED",
            Self::QueryTooComplex => "QUERY_TOO_COMPLEX",
            Self::InvalidInput => "INVALID_INPUT",
            Self::StreamRequired => "STREAM_REQUIRED",
            Self::PostRequired => "POST_REQUIRED",
            Self::TooManyOperations => "TOO_MANY_OPERATIONS",
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::OriginForbidden => "ORIGIN_FORBIDDEN",
            Self::NotFound => "NOT_FOUND",
            Self::MethodNotAllowed => "METHOD_NOT_ALLOWED",
            Self::NotAcceptable => "NOT_ACCEPTABLE",
            Self::RequestTimeout => "REQUEST_TIMEOUT",
            Self::PayloadTooLarge => "PAYLOAD_TOO_LARGE",
            Self::UnsupportedMediaType => "UNSUPPORTED_MEDIA_TYPE",
            Self::DeadlineExceeded => "DEADLINE_EXCEEDED",
            Self::Unavailable => "UNAVAILABLE",
            Self::Internal => "INTERNAL",
        }
    }

    /// The HTTP status the code travels with.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::BadRequest
            | Self::BatchNotSupported
            | Self::GraphqlParseFailed
            | Self::GraphqlValidationFailed
            | Self::QueryTooComplex
            | Self::InvalidInput
            | Self::StreamRequired
            | Self::PostRequired => StatusCode::BAD_REQUEST,
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::OriginForbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
            Self::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooManyOperations => StatusCode::TOO_MANY_REQUESTS,
            Self::DeadlineExceeded | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}
