//! A refusal on its way to the client. Always true: it has at least one error, and each has a code.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
};
use async_graphql::{ErrorExtensionValues, ServerError};
use serde::Serialize;
use tokio::task::JoinError;

use crate::{EdgeCode, Refusal, accept::JsonForm, budget::Overspent};

/// How long a client should wait after a refusal for want of capacity.
const RETRY_AFTER_SECONDS: &str = "1";

/// Why there is no answer.
#[derive(Debug, Serialize)]
pub(crate) struct Refused {
    errors: Vec<ServerError>,
    #[serde(skip)]
    code: &'static str,
    #[serde(skip)]
    status: StatusCode,
    #[serde(skip)]
    of_document: bool,
}

impl Refused {
    pub(crate) fn new(code: EdgeCode, message: impl Into<String>) -> Self {
        Self::coded(code.as_str(), code.status(), ServerError::new(message, None))
    }

    /// The document is not GraphQL.
    pub(crate) fn unparsed(error: ServerError) -> Self {
        let code = EdgeCode::GraphqlParseFailed;
        Self { of_document: true, ..Self::coded(code.as_str(), code.status(), error) }
    }

    /// The document cannot be executed; each error has its code.
    pub(crate) fn invalid(errors: Vec<ServerError>) -> Self {
        let code = EdgeCode::GraphqlValidationFailed;
        Self { errors, code: code.as_str(), status: code.status(), of_document: true }
    }

    fn coded(code: &'static str, status: StatusCode, mut error: ServerError) -> Self {
        error.extensions.get_or_insert_with(ErrorExtensionValues::default).set("code", code);
        Self { errors: vec![error], code, status, of_document: false }
    }

    /// The errors, for transports without a status.
    pub(crate) fn errors(&self) -> &[ServerError] {
        &self.errors
    }

    /// The code of the refusal.
    pub(crate) const fn code(&self) -> &'static str {
        self.code
    }

    /// Whether the document itself is at fault: a well-formed GraphQL response without data.
    pub(crate) const fn is_of_document(&self) -> bool {
        self.of_document
    }

    /// Whether the caller was refused, rather than the moment being bad.
    pub(crate) fn is_about_caller(&self) -> bool {
        matches!(self.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
    }

    /// The status: a client that reads plain JSON looks for faults of its document in the body, not here.
    fn status(&self, form: JsonForm) -> StatusCode {
        if self.of_document && form == JsonForm::Plain { StatusCode::OK } else { self.status }
    }

    pub(crate) fn respond(&self, form: JsonForm) -> HttpResponse {
        let mut response = HttpResponse::build(self.status(form));
        response.content_type(form.media_type());
        match self.status {
            StatusCode::UNAUTHORIZED => {
                response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
            }
            StatusCode::METHOD_NOT_ALLOWED => {
                response.insert_header((header::ALLOW, "POST"));
            }
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
                response.insert_header((header::RETRY_AFTER, RETRY_AFTER_SECONDS));
            }
            // The rest of the body is still on its way, and nobody will read it.
            StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT => {
                response.force_close();
            }
            _ => {}
        }
        response.body(serde_json::to_string(self).unwrap_or_default())
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        let status = match refusal.code {
            "FORBIDDEN" => StatusCode::FORBIDDEN,
            "RATE_LIMITED" => StatusCode::TOO_MANY_REQUESTS,
            "UNAVAILABLE" => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::UNAUTHORIZED,
        };
        Self::coded(refusal.code, status, ServerError::new(refusal.message, None))
    }
}

impl From<Overspent> for Refused {
    fn from(overspent: Overspent) -> Self {
        match overspent {
            Overspent::EndlessString => Self::unparsed(ServerError::new(overspent.to_string(), None)),
            Overspent::TooMany { .. } | Overspent::EndlessFragment => {
                Self::new(EdgeCode::QueryTooComplex, overspent.to_string())
            }
        }
    }
}

impl From<JoinError> for Refused {
    fn from(error: JoinError) -> Self {
        if error.is_panic() {
            tracing::error!(%error, "a request panicked");
            Self::new(EdgeCode::Internal, crate::polish::INTERNAL)
        } else {
            Self::new(EdgeCode::Unavailable, "The server is going down.")
        }
    }
}
