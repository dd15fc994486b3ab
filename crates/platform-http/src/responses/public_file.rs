//! Public files: what an address names, for everybody who asks, at a plain route.
//!
//! Always true: a file is the same for everybody, so a token is not looked at and caches may keep it. A response names the
//! version of the file (`ETag`); whoever has that version already gets 304 and no body. Requests count at the pace of
//! strangers. There is no `Last-Modified`: a file can change in ways that have no time, such as a new wording.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, CacheControl, CacheDirective, ETag, EntityTag, Header as _, IfNoneMatch},
    web,
};
use async_trait::async_trait;
use sha2::{Digest as _, Sha256};
use tokio::time::{Instant, timeout_at};

use crate::{
    CallerClass, HttpError,
    callers::credentials::KeptCredentials,
    callers::language,
    limits::address,
    requests::pipeline::{self, Pipeline},
    responses::client_error::ClientError,
};

/// How many hexadecimal digits of its hash name a version.
const VERSION_DIGITS: usize = 32;

/// Makes public files.
#[async_trait]
pub trait PublicFile: Send + Sync + 'static {
    /// The file that the address names: `key` stands in the place of `{key}` in the path of the route.
    ///
    /// # Errors
    /// There is none of that name, or not now.
    async fn read(&self, key: &str) -> Result<FileText, HttpError>;
}

/// A public file.
#[derive(Debug, Clone)]
pub struct FileText {
    /// What it is, `text/calendar; charset=utf-8`.
    pub media_type: &'static str,
    /// What it says.
    pub text: Arc<str>,
    /// How long a cache may answer with it without asking.
    pub fresh_for_seconds: u32,
}

/// `GET` of a public file.
pub(crate) async fn send(
    http: HttpRequest,
    pipeline: web::Data<Pipeline>,
    file: Arc<dyn PublicFile>,
) -> HttpResponse {
    let pipeline = pipeline.into_inner();
    match read(&http, &pipeline, file).await {
        Ok(file) => respond(&http, file),
        Err(refused) => {
            pipeline.figures.refused(refused.code());
            refused.respond_plainly(language::of(http.headers()))
        }
    }
}

async fn read(
    http: &HttpRequest,
    pipeline: &Arc<Pipeline>,
    file: Arc<dyn PublicFile>,
) -> Result<FileText, ClientError> {
    let deadline = Instant::now() + pipeline.edge.limits.request_deadline;
    let address = address::of(http, &pipeline.edge.trusted_proxies);
    // A token means nothing here: whoever shows one is counted as the stranger they are to this route.
    let credentials = KeptCredentials::of(&header::HeaderMap::new(), address)?;
    pipeline.authenticate(&credentials).await?;
    let _place = pipeline.traffic.enter(CallerClass::Nameless).await?;
    let key = http.match_info().get("key").unwrap_or_default().to_owned();
    let reading = pipeline.spawn(async move { file.read(&key).await });
    let read = timeout_at(deadline, reading).await.unwrap_or_else(|_elapsed| Err(pipeline::too_late()))?;
    Ok(read?)
}

fn respond(http: &HttpRequest, file: FileText) -> HttpResponse {
    let version = EntityTag::new_strong(version(&file.text));
    let is_known = is_known(http, &version);
    let kept = vec![CacheDirective::Public, CacheDirective::MaxAge(file.fresh_for_seconds)];
    let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header(ETag(version)).insert_header(CacheControl(kept));
    if is_known {
        response.finish()
    } else {
        response.content_type(file.media_type).body(file.text.to_string())
    }
}

/// Whether the caller has this version already. A header that cannot be read names none.
fn is_known(http: &HttpRequest, version: &EntityTag) -> bool {
    match IfNoneMatch::parse(http) {
        Ok(IfNoneMatch::Any) => http.headers().contains_key(header::IF_NONE_MATCH),
        Ok(IfNoneMatch::Items(known)) => known.iter().any(|it| it.weak_eq(version)),
        Err(_unreadable) => false,
    }
}

fn version(text: &str) -> String {
    let mut hash = hex::encode(Sha256::digest(text.as_bytes()));
    hash.truncate(VERSION_DIGITS);
    hash
}
