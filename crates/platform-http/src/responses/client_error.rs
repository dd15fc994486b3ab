//! An error for the client. Always true: it has at least one error, and each has a code.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
};
use async_graphql::{ErrorExtensionValues, ServerError};
use serde_json::json;
use tokio::task::JoinError;

use kernel::Language;

use crate::{
    ErrorCode, HttpError, Problem, budget::Overspent, requests::accept::JsonForm, responses::error_format,
    responses::problem,
};

/// How long a client should wait after a refusal for lack of capacity.
const SOON_SECONDS: u64 = 1;

/// Why a request has no result.
#[derive(Debug)]
pub(crate) struct ClientError {
    errors: Vec<ServerError>,
    code: ErrorCode,
    of_document: bool,
    retry_after_seconds: u64,
}

impl ClientError {
    pub(crate) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self::coded(code, ServerError::new(message, None))
    }

    /// The document is not GraphQL.
    pub(crate) fn unparsed(error: ServerError) -> Self {
        let code = ErrorCode::GraphqlParseFailed;
        Self { of_document: true, ..Self::coded(code, error) }
    }

    /// The document cannot be executed; each error has its code.
    pub(crate) fn invalid(errors: Vec<ServerError>) -> Self {
        let code = ErrorCode::GraphqlValidationFailed;
        Self { errors, code, of_document: true, retry_after_seconds: SOON_SECONDS }
    }

    fn coded(code: ErrorCode, mut error: ServerError) -> Self {
        error.extensions.get_or_insert_with(ErrorExtensionValues::default).set("code", code.as_str());
        Self { errors: vec![error], code, of_document: false, retry_after_seconds: SOON_SECONDS }
    }

    /// Sets how many seconds the client must wait before it asks again.
    pub(crate) fn after_seconds(self, retry_after_seconds: u64) -> Self {
        Self { retry_after_seconds: retry_after_seconds.max(SOON_SECONDS), ..self }
    }

    /// The errors in the caller's language.
    pub(crate) fn errors_in(&self, language: Language) -> Vec<ServerError> {
        let mut errors = self.errors.clone();
        for error in &mut errors {
            error_format::translate(error, language);
        }
        errors
    }

    /// The code of the error.
    pub(crate) const fn code(&self) -> &'static str {
        self.code.as_str()
    }

    /// Whether the document itself is at fault: a well-formed GraphQL response without data.
    pub(crate) const fn is_of_document(&self) -> bool {
        self.of_document
    }

    /// Whether the caller was refused, rather than the moment being bad.
    pub(crate) fn is_about_caller(&self) -> bool {
        matches!(self.code.status(), 401 | 403)
    }

    /// The status: a client that reads plain JSON looks for errors of its document in the body, not here.
    fn status(&self, form: JsonForm) -> StatusCode {
        if self.of_document && form == JsonForm::Plain { StatusCode::OK } else { problem::status(self.code) }
    }

    pub(crate) fn respond(&self, form: JsonForm, language: Language) -> HttpResponse {
        let mut response = HttpResponse::build(self.status(form));
        response.content_type(form.media_type());
        response.insert_header((header::CONTENT_LANGUAGE, language.code()));
        match problem::status(self.code) {
            StatusCode::UNAUTHORIZED => {
                response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
            }
            StatusCode::METHOD_NOT_ALLOWED => {
                response.insert_header((header::ALLOW, "POST"));
            }
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
                response.insert_header((header::RETRY_AFTER, self.retry_after_seconds.to_string()));
            }
            // The rest of the body is still on its way and stays unread.
            StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT => {
                response.force_close();
            }
            _ => {}
        }
        response.body(json!({ "errors": self.errors_in(language) }).to_string())
    }

    /// Responds on a plain route.
    pub(crate) fn respond_plainly(&self, language: Language) -> HttpResponse {
        let detail = self.errors.first().map(|error| error.message.clone()).unwrap_or_default();
        let mut response = Problem::new(self.code).detail(detail).respond(language);
        if response.status() == StatusCode::UNAUTHORIZED {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<HttpError> for ClientError {
    fn from(refusal: HttpError) -> Self {
        Self::new(refusal.code, refusal.message)
    }
}

impl From<Overspent> for ClientError {
    fn from(overspent: Overspent) -> Self {
        match overspent {
            Overspent::EndlessString => Self::unparsed(ServerError::new(overspent.to_string(), None)),
            Overspent::TooMany { .. } | Overspent::EndlessFragment => {
                Self::new(ErrorCode::QueryTooComplex, overspent.to_string())
            }
            Overspent::SchemaAsked => Self::new(ErrorCode::IntrospectionOff, overspent.to_string()),
        }
    }
}

impl From<JoinError> for ClientError {
    fn from(error: JoinError) -> Self {
        if error.is_panic() {
            tracing::error!(%error, "a request panicked");
            Self::new(ErrorCode::Internal, crate::responses::error_format::INTERNAL)
        } else {
            Self::new(ErrorCode::Unavailable, "The server is going down.")
        }
    }
}
