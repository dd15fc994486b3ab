//! Files made for whoever asks, sent while they are made: a plain route that needs a token.
//!
//! Always true: what is refused is refused by status, before the first byte; a file that cannot be finished breaks off
//! instead of ending, so nobody takes a part for the whole; its maker waits for a slow client, and ends with one that is
//! gone, with the token, or after [`LONGEST`].

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
    Credentials, ErrorCode, HttpError, address,
    client_error::ClientError,
    language,
    pipeline::{self, Pipeline},
    readmission,
    traffic::Place,
    while_wanted::WhileWanted,
};

/// A client that takes longer is not reading any more.
const LONGEST: Duration = Duration::from_mins(10);
/// Pieces that may wait for a slow client before the maker has to wait too.
const WAITING_PIECES: usize = 2;

/// Makes files.
#[async_trait]
pub trait Download: Send + Sync + 'static {
    /// Begins a file for whoever shows these credentials.
    ///
    /// # Errors
    /// There is none for them, or not now.
    async fn begin(&self, credentials: Credentials<'_>) -> Result<Begun, HttpError>;
}

/// A file that is being made.
pub struct Begun {
    /// What it is, `application/zip`.
    pub media_type: &'static str,
    /// Its name, without anything a header could not hold.
    pub file_name: String,
    /// Its pieces, in order; after an error there is nothing more.
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
    let met = pipeline.meet(&credentials).await?;
    let admission = pipeline.admit_met(met, &credentials).await?;
    let place = pipeline.traffic.open(address)?;
    let shown = credentials.clone();
    let beginning = pipeline.spawn(async move { download.begin(shown.show()).await });
    let begun =
        timeout_at(deadline, beginning).await.unwrap_or_else(|_elapsed| Err(pipeline::too_late()))??;
    let (sender, pieces) = mpsc::channel(WAITING_PIECES);
    let maker = pipeline.spawn(make(begun.pieces, sender));
    let lease = readmission::end(Arc::clone(pipeline), credentials, admission.expires_at);
    let open = Open { maker, place };
    let name = format!("attachment; filename=\"{}\"", begun.file_name);
    let name = HeaderValue::from_str(&name)
        .map_err(|_unprintable| ClientError::new(ErrorCode::Internal, crate::error_format::INTERNAL))?;
    Ok(HttpResponse::Ok()
        .content_type(begun.media_type)
        .insert_header((header::CONTENT_DISPOSITION, name))
        .streaming(sent(pieces, lease, open)))
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
    // Not having said that this was all is how a maker that was stopped is told from one that is done.
    let _heard = sender.send(Ok(Vec::new())).await;
}

fn sent(
    mut pieces: mpsc::Receiver<io::Result<Vec<u8>>>,
    lease: impl Future<Output = readmission::StreamEnd>,
    open: Open,
) -> impl Stream<Item = io::Result<Bytes>> {
    async_stream::stream! {
        let _open = open;
        let mut lease = pin!(lease);
        let mut late = pin!(tokio::time::sleep(LONGEST));
        loop {
            let piece = tokio::select! {
                piece = pieces.recv() => piece.unwrap_or_else(|| Err(io::ErrorKind::BrokenPipe.into())),
                _end = &mut lease => Err(io::ErrorKind::PermissionDenied.into()),
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

/// What an open download holds until it ends.
struct Open {
    #[expect(dead_code, reason = "held: dropping it stops the maker")]
    maker: WhileWanted<()>,
    #[expect(dead_code, reason = "held: dropping it lets the address open another one")]
    place: Place<IpAddr>,
}
