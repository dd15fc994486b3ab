//! Plain routes for callers with a token, which answer with JSON: work that is no operation of the graph, such as
//! receiving a file.
//!
//! Always true: the caller is authenticated and counted before anything of the body is read. The body is handed on while it
//! arrives, and waits for whoever takes it; it is never held as a whole. A caller who stops sending, or goes away, ends
//! the work.

use std::{io, sync::Arc, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web::{self, Bytes},
};
use async_trait::async_trait;
use futures_util::{StreamExt, stream, stream::BoxStream};
use tokio::{
    sync::mpsc,
    time::{Instant, timeout, timeout_at},
};

use crate::{
    Credentials, HttpError,
    callers::language,
    limits::address,
    requests::pipeline::{self, Pipeline},
    responses::client_error::ClientError,
};

/// A body that takes longer has stopped arriving.
const LONGEST: Duration = Duration::from_mins(5);
/// A pause in a body that is longer is its end.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);
/// Pieces that may wait for the work.
const WAITING_PIECES: usize = 4;

/// Answers requests of callers with a token.
#[async_trait]
pub trait PlainRoute: Send + Sync + 'static {
    /// Answers a request.
    ///
    /// # Errors
    /// The caller may not do this, or not now.
    async fn answer(
        &self,
        credentials: Credentials<'_>,
        request: PlainRequest,
    ) -> Result<PlainAnswer, HttpError>;
}

/// A request to a plain route.
pub struct PlainRequest {
    /// The text in the place of `{key}` in the route's path.
    pub key: String,
    /// The query parameters in order.
    pub query: Vec<(String, String)>,
    /// The body, as it arrives; an error ends it.
    pub body: BoxStream<'static, io::Result<Bytes>>,
}

impl PlainRequest {
    /// The value of a query parameter that occurs once.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let mut named = self.query.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
        named.next().filter(|_| named.next().is_none())
    }
}

/// What a plain route answers.
#[derive(Debug, Clone)]
pub struct PlainAnswer {
    /// What has happened.
    pub outcome: PlainOutcome,
    /// The JSON text.
    pub json: String,
}

/// What has happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlainOutcome {
    /// It is there: 200.
    Found,
    /// It was made: 201.
    Made,
    /// It will be made, and this path says when: 202.
    Begun(String),
}

/// The method of a plain route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlainMethod {
    /// `GET`, without a body.
    Get,
    /// `POST`.
    Post,
}

/// Where a plain route is.
#[derive(Clone)]
pub struct PlainRouteAt {
    /// The path, in which `{key}` stands for a word.
    pub path: &'static str,
    /// The method.
    pub method: PlainMethod,
    /// Who answers.
    pub route: Arc<dyn PlainRoute>,
}

/// A request to such a route.
pub(crate) async fn answer(
    http: HttpRequest,
    pipeline: web::Data<Pipeline>,
    payload: web::Payload,
    route: Arc<dyn PlainRoute>,
) -> HttpResponse {
    let pipeline = pipeline.into_inner();
    match read(&http, &pipeline, payload, route).await {
        Ok(answer) => respond(answer),
        Err(refused) => {
            pipeline.figures.refused(refused.code());
            refused.respond_plainly(language::of(http.headers()))
        }
    }
}

async fn read(
    http: &HttpRequest,
    pipeline: &Arc<Pipeline>,
    payload: web::Payload,
    route: Arc<dyn PlainRoute>,
) -> Result<PlainAnswer, ClientError> {
    let deadline = Instant::now() + LONGEST;
    let address = address::of(http, &pipeline.edge.trusted_proxies);
    let credentials = pipeline.credentials(http.headers(), address)?;
    let authenticated = pipeline.authenticate(&credentials).await?;
    let admission = pipeline.admit_authenticated(authenticated, &credentials).await?;
    let _place = pipeline.traffic.enter(admission.class).await?;
    let unread = |_rubbish| ClientError::new(crate::ErrorCode::InvalidInput, "The query cannot be read.");
    let query = web::Query::<Vec<(String, String)>>::from_query(http.query_string()).map_err(unread)?;
    let (sender, pieces) = mpsc::channel(WAITING_PIECES);
    let request = PlainRequest {
        key: http.match_info().get("key").unwrap_or_default().to_owned(),
        query: query.into_inner(),
        body: stream::unfold(pieces, |mut pieces| async move { Some((pieces.recv().await?, pieces)) })
            .boxed(),
    };
    let working = pipeline.spawn(async move { route.answer(credentials.show(), request).await });
    let both = async {
        let mut working = std::pin::pin!(working);
        tokio::select! {
            answer = &mut working => answer,
            () = hand_on(payload, sender) => working.await,
        }
    };
    let answer = timeout_at(deadline, both).await.unwrap_or_else(|_elapsed| Err(pipeline::too_late()))?;
    Ok(answer?)
}

/// Hands a body on, piece by piece; it ends when the sender is dropped.
async fn hand_on(mut payload: web::Payload, sender: mpsc::Sender<io::Result<Bytes>>) {
    loop {
        let piece = match timeout(LONGEST_PAUSE, payload.next()).await {
            Ok(None) => return,
            Ok(Some(piece)) => piece.map_err(io::Error::other),
            Err(_elapsed) => Err(io::ErrorKind::TimedOut.into()),
        };
        let is_last = piece.is_err();
        if sender.send(piece).await.is_err() || is_last {
            return;
        }
    }
}

fn respond(answer: PlainAnswer) -> HttpResponse {
    let mut response = match &answer.outcome {
        PlainOutcome::Found => HttpResponse::Ok(),
        PlainOutcome::Made => HttpResponse::build(StatusCode::CREATED),
        PlainOutcome::Begun(path) => {
            let mut begun = HttpResponse::Accepted();
            begun.insert_header((header::LOCATION, path.as_str()));
            begun
        }
    };
    response.content_type("application/json").body(answer.json)
}
