//! Pages of other sites (CORS). Always true: access is closed unless the page's origin is on the list. No cookie is
//! ever allowed, since a token identifies the caller. A page of an unlisted site cannot read any response, and its
//! preflight is refused.

use actix_web::{
    Error, HttpResponse,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{self, HeaderMap, HeaderValue},
    },
    middleware::Next,
};
use kernel::ErrorCode;

use crate::{callers::language, responses::problem::Problem};

const METHODS: &str = "GET, POST";
const HEADERS: &str = "accept, accept-language, authorization, content-type, idempotency-key, traceparent";
/// The headers that a page may read besides the body.
const SHOWN: &str = "content-language, retry-after, www-authenticate";
const REMEMBERED_SECONDS: &str = "600";

/// Responds to preflights, and marks the responses that listed pages may read.
pub(crate) async fn check<B: MessageBody + 'static>(
    allowed: &[String],
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let origin = request.headers().get(header::ORIGIN).cloned();
    let is_listed =
        origin.as_ref().is_some_and(|origin| allowed.iter().any(|known| origin == known.as_str()));
    if is_preflight(&request) {
        let answer = if is_listed { permit() } else { refuse(request.headers()) };
        let mut answer = request.into_response(answer).map_into_right_body();
        mark(answer.headers_mut(), origin.filter(|_| is_listed));
        return Ok(answer);
    }
    let mut answer = next.call(request).await?.map_into_left_body();
    mark(answer.headers_mut(), origin.filter(|_| is_listed));
    Ok(answer)
}

fn is_preflight(request: &ServiceRequest) -> bool {
    request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ORIGIN)
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

fn permit() -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, METHODS))
        .insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS))
        .insert_header((header::ACCESS_CONTROL_MAX_AGE, REMEMBERED_SECONDS))
        .finish()
}

fn refuse(headers: &HeaderMap) -> HttpResponse {
    Problem::new(ErrorCode::OriginForbidden)
        .detail("Pages of this origin may not ask here.")
        .respond(language::of(headers))
}

fn mark(headers: &mut HeaderMap, listed: Option<HeaderValue>) {
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = listed {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(SHOWN));
        // The operator has listed the page's site.
        headers.insert(
            header::HeaderName::from_static("cross-origin-resource-policy"),
            HeaderValue::from_static("cross-origin"),
        );
    }
}
