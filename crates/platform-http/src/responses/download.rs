//! Files generated for the caller and sent while they are generated: a plain route that needs a token.
//!
//! Always true: a refusal is a status, before the first byte. An unfinished file breaks off instead of ending, so no
//! client takes a part for the whole. The generator waits for a slow client, and stops when the client is gone, when
//! the token ends, or after [`LONGEST`].

use std::{io, net::IpAddr, pin::pin, sync::Arc, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderValue},
    web::{self, Bytes},
};
use async_trait::async_trait;
use futures_util::{Stream, StreamExt, stream::BoxStream};
use tokio::{
    sync::mpsc,
    time::{Instant, timeout_at},
};

use crate::{
    Credentials, ErrorCode, HttpError,
    callers::language,
    limits::address,
    limits::readmission,
    limits::traffic::Place,
    requests::pipeline::{self, Pipeline},
    responses::client_error::ClientError,
    sockets::while_wanted::WhileWanted,
};

/// A client that takes longer has stopped reading.
const LONGEST: Duration = Duration::from_mins(10);
/// Pieces that may wait for a slow client before the generator waits, too.
const WAITING_PIECES: usize = 2;

/// Generates files.
#[async_trait]
pub trait Download: Send + Sync + 'static {
    /// Begins a file for the owner of these credentials.
    ///
    /// # Errors
    /// Fails if the caller has no such file, or none at the moment.
    async fn begin(&self, credentials: Credentials<'_>) -> Result<Begun, HttpError>;
}

/// A file that is being generated.
pub struct Begun {
    /// The media type, such as `application/zip`.
    pub media_type: &'static str,
    /// The file name, with only characters that a header can hold.
    pub file_name: String,
    /// The pieces, in order; an error ends them.
    pub pieces: BoxStream<'static, io::Result<Vec<u8>>>,
}

/// `GET` of a file.
pub(crate) async fn send(
    http: HttpRequest,
    pipeline: web::Data<Pipeline>,
    download: Arc<dyn Download>,
) -> HttpResponse {
    let pipeline = pipeline.into_inner();
    match begin(&http, &pipeline, download).await {
        Ok(response) => response,
        Err(refused) => {
            pipeline.figures.refused(refused.code());
            refused.respond_plainly(language::of(http.headers()))
        }
    }
}

async fn begin(
    http: &HttpRequest,
    pipeline: &Arc<Pipeline>,
    download: Arc<dyn Download>,
) -> Result<HttpResponse, ClientError> {
    let deadline = Instant::now() + pipeline.edge.limits.request_deadline;
    let address = address::of(http, &pipeline.edge.trusted_proxies);
    let credentials = pipeline.credentials(http.headers(), address)?;
    let authenticated = pipeline.authenticate(&credentials).await?;
    let admission = pipeline.admit_authenticated(authenticated, &credentials).await?;
    let place = pipeline.traffic.open(address)?;
    let shown = credentials.clone();
    let beginning = pipeline.spawn(async move { download.begin(shown.show()).await });
    let begun =
        timeout_at(deadline, beginning).await.unwrap_or_else(|_elapsed| Err(pipeline::too_late()))??;
    let (sender, pieces) = mpsc::channel(WAITING_PIECES);
    let maker = pipeline.spawn(make(begun.pieces, sender));
    let expiry = readmission::end(Arc::clone(pipeline), credentials, admission.expires_at);
    let open = Open { maker, place };
    let name = format!("attachment; filename=\"{}\"", begun.file_name);
    let name = HeaderValue::from_str(&name).map_err(|_unprintable| {
        ClientError::new(ErrorCode::Internal, crate::responses::error_format::INTERNAL)
    })?;
    Ok(HttpResponse::Ok()
        .content_type(begun.media_type)
        .insert_header((header::CONTENT_DISPOSITION, name))
        .streaming(sent(pieces, expiry, open)))
}

async fn make(
    mut pieces: BoxStream<'static, io::Result<Vec<u8>>>,
    sender: mpsc::Sender<io::Result<Vec<u8>>>,
) {
    while let Some(piece) = pieces.next().await {
        let is_last = piece.is_err();
        if sender.send(piece).await.is_err() || is_last {
            return;
        }
    }
    // The empty piece marks the end: without it, the generator was stopped.
    let _sent = sender.send(Ok(Vec::new())).await;
}

fn sent(
    mut pieces: mpsc::Receiver<io::Result<Vec<u8>>>,
    expiry: impl Future<Output = readmission::StreamEnd>,
    open: Open,
) -> impl Stream<Item = io::Result<Bytes>> {
    async_stream::stream! {
        let _open = open;
        let mut expiry = pin!(expiry);
        let mut late = pin!(tokio::time::sleep(LONGEST));
        loop {
            let piece = tokio::select! {
                piece = pieces.recv() => piece.unwrap_or_else(|| Err(io::ErrorKind::BrokenPipe.into())),
                _end = &mut expiry => Err(io::ErrorKind::PermissionDenied.into()),
                () = &mut late => Err(io::ErrorKind::TimedOut.into()),
            };
            match piece {
                Ok(bytes) if bytes.is_empty() => break,
                Ok(bytes) => yield Ok(Bytes::from(bytes)),
                Err(error) => {
                    tracing::warn!(%error, "a file was not finished");
                    yield Err(error);
                    break;
                }
            }
        }
    }
}

/// Resources that an open download holds until it ends.
struct Open {
    #[expect(dead_code, reason = "held: dropping it stops the maker")]
    maker: WhileWanted<()>,
    #[expect(dead_code, reason = "held: dropping it lets the address open another one")]
    place: Place<IpAddr>,
}
