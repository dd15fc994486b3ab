//! Pages behind a link that carries its own authority, such as the one in a mail that declines such mail (RFC 8058).
//!
//! Always true: `GET` shows and changes nothing, because programs follow links; `POST` acts. Nobody is signed in here: what
//! the link permits is in its key. The page contains its styles and loads nothing, and its form is sent only to where it
//! came from. Requests count at the pace of strangers.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, header},
    web,
};
use async_trait::async_trait;
use kernel::Language;
use tokio::time::{Instant, timeout_at};

use crate::{
    CallerClass, HttpError,
    callers::{credentials::KeptCredentials, language},
    limits::address,
    requests::pipeline::{self, Pipeline},
    responses::client_error::ClientError,
};

const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'";
/// What a form of such a page, or a mail program, sends is one field.
pub(crate) const LONGEST_FORM_BYTES: usize = 1_024;

/// Makes the pages behind links.
#[async_trait]
pub trait LinkPage: Send + Sync + 'static {
    /// The page behind a link: `key` stands in the place of `{key}` in the path of the route.
    ///
    /// # Errors
    /// It cannot be shown now.
    async fn show(&self, key: &str, language: Language) -> Result<Page, HttpError>;

    /// Does what the link permits, and returns the page that says so. The same link may act twice.
    ///
    /// # Errors
    /// It cannot be done now.
    async fn act(&self, key: &str, language: Language) -> Result<Page, HttpError>;
}

/// A page.
#[derive(Debug, Clone)]
pub struct Page {
    /// The HTML document.
    pub html: String,
    /// Whether the link is one; otherwise the page is answered with 404.
    pub is_found: bool,
}

/// `GET` or `POST` of such a page.
pub(crate) async fn answer(
    http: HttpRequest,
    pipeline: web::Data<Pipeline>,
    page: Arc<dyn LinkPage>,
) -> HttpResponse {
    let pipeline = pipeline.into_inner();
    let language = language::of(http.headers());
    match read(&http, &pipeline, page, language).await {
        Ok(page) => {
            let mut response = if page.is_found { HttpResponse::Ok() } else { HttpResponse::NotFound() };
            response
                .content_type("text/html; charset=utf-8")
                .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
                .insert_header((header::VARY, "accept-language"))
                .body(page.html)
        }
        Err(refused) => {
            pipeline.figures.refused(refused.code());
            refused.respond_plainly(language)
        }
    }
}

async fn read(
    http: &HttpRequest,
    pipeline: &Arc<Pipeline>,
    page: Arc<dyn LinkPage>,
    language: Language,
) -> Result<Page, ClientError> {
    let deadline = Instant::now() + pipeline.edge.limits.request_deadline;
    let address = address::of(http, &pipeline.edge.trusted_proxies);
    // A token has no effect here: its owner counts as a nameless caller.
    let credentials = KeptCredentials::of(&header::HeaderMap::new(), address)?;
    pipeline.authenticate(&credentials).await?;
    let _place = pipeline.traffic.enter(CallerClass::Nameless).await?;
    let key = http.match_info().get("key").unwrap_or_default().to_owned();
    let acts = http.method() == Method::POST;
    let work = pipeline.spawn(async move {
        if acts { page.act(&key, language).await } else { page.show(&key, language).await }
    });
    let read = timeout_at(deadline, work).await.unwrap_or_else(|_elapsed| Err(pipeline::too_late()))?;
    Ok(read?)
}
