//! Stored files behind links that carry their own authority.
//!
//! Always true: a browser saves such a file, or shows a picture, and runs nothing of it: its type is the one that was found
//! in its bytes (`nosniff`), its policy allows nothing (`sandbox`), and no cache keeps it. Requests count at the pace of
//! strangers. A file that breaks off does not end, so nobody takes a part for the whole.

use std::{io, sync::Arc};

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{
        self, Charset, ContentDisposition, DispositionParam, DispositionType, ETag, EntityTag, ExtendedValue,
    },
    web::{self, Bytes},
};
use async_trait::async_trait;
use futures_util::stream::BoxStream;
use tokio::time::{Instant, timeout_at};

use crate::{
    CallerClass, HttpError,
    callers::{credentials::KeptCredentials, language},
    limits::address,
    requests::pipeline::{self, Pipeline},
    responses::client_error::ClientError,
};

const POLICY: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";

/// Opens stored files.
#[async_trait]
pub trait StoredFileRoute: Send + Sync + 'static {
    /// Opens the file that a link leads to: `key` stands in the place of `{key}` in the path of the route.
    ///
    /// # Errors
    /// There is none, not any more, or not now.
    async fn open(&self, key: &str) -> Result<OpenedFile, HttpError>;
}

/// A file that is open.
pub struct OpenedFile {
    /// The media type, as its bytes say.
    pub media_type: &'static str,
    /// The name under which it is saved.
    pub name: String,
    /// Its length.
    pub size_bytes: u64,
    /// What changes when it does, such as its hash.
    pub version: String,
    /// Its bytes.
    pub bytes: BoxStream<'static, io::Result<Bytes>>,
}

/// `GET` of a stored file.
pub(crate) async fn send(
    http: HttpRequest,
    pipeline: web::Data<Pipeline>,
    route: Arc<dyn StoredFileRoute>,
) -> HttpResponse {
    let pipeline = pipeline.into_inner();
    match open(&http, &pipeline, route).await {
        Ok(file) => respond(file),
        Err(refused) => {
            pipeline.figures.refused(refused.code());
            refused.respond_plainly(language::of(http.headers()))
        }
    }
}

async fn open(
    http: &HttpRequest,
    pipeline: &Arc<Pipeline>,
    route: Arc<dyn StoredFileRoute>,
) -> Result<OpenedFile, ClientError> {
    let deadline = Instant::now() + pipeline.edge.limits.request_deadline;
    let address = address::of(http, &pipeline.edge.trusted_proxies);
    // A token has no effect here: its owner counts as a nameless caller.
    let credentials = KeptCredentials::of(&header::HeaderMap::new(), address)?;
    pipeline.authenticate(&credentials).await?;
    let _place = pipeline.traffic.enter(CallerClass::Nameless).await?;
    let key = http.match_info().get("key").unwrap_or_default().to_owned();
    let opening = pipeline.spawn(async move { route.open(&key).await });
    let opened = timeout_at(deadline, opening).await.unwrap_or_else(|_elapsed| Err(pipeline::too_late()))?;
    Ok(opened?)
}

fn respond(file: OpenedFile) -> HttpResponse {
    let name = ExtendedValue {
        charset: Charset::Ext("UTF-8".to_owned()),
        language_tag: None,
        value: file.name.into_bytes(),
    };
    let disposition = ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![DispositionParam::FilenameExt(name)],
    };
    HttpResponse::Ok()
        .content_type(file.media_type)
        .insert_header(disposition)
        .insert_header(ETag(EntityTag::new_strong(file.version)))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .no_chunking(file.size_bytes)
        .streaming(file.bytes)
}
