//! Responses as server-sent events: the "distinct connections mode" of graphql-sse, one operation per connection.
//!
//! Always true: the edge refuses by status, before the first event. Faults of the document come as an event, because a
//! browser's EventSource shows nothing of a failed request.

use std::{net::IpAddr, pin::pin, sync::Arc};

use actix_web::{HttpResponse, web::Bytes};
use futures_util::Stream;
use kernel::Language;
use serde::Serialize;
use serde_json::json;
use tokio::{
    sync::mpsc,
    time::{Instant, interval, timeout_at},
};

use crate::{
    Admission,
    callers::credentials::KeptCredentials,
    documents::operation::Operation,
    limits::readmission::{self, StreamEnd},
    limits::traffic::Place,
    requests::pipeline::{self, Pipeline},
    responses::client_error::ClientError,
    sockets::operation_stream::{Listener, Step, stream_operation},
    sockets::while_wanted::WhileWanted,
};

/// Steps that may wait for a slow client before the source waits, too.
const WAITING_STEPS: usize = 16;
const KEEP_ALIVE: Bytes = Bytes::from_static(b":\n\n");
const COMPLETE: Bytes = Bytes::from_static(b"event: complete\ndata:\n\n");

/// Begins a stream of events.
pub(crate) async fn respond(
    pipeline: &Arc<Pipeline>,
    checked: Result<Operation, ClientError>,
    authenticated: Option<Admission>,
    credentials: KeptCredentials,
    deadline: Instant,
) -> Result<HttpResponse, ClientError> {
    let language = credentials.language();
    let operation = match checked {
        Ok(operation) => operation,
        Err(refused) if refused.is_of_document() => return Ok(stream(only(refused, language))),
        Err(refused) => return Err(refused),
    };
    let admitted = timeout_at(deadline, pipeline.admit_authenticated(authenticated, &credentials)).await;
    let admission = admitted.unwrap_or_else(|_elapsed| Err(pipeline::too_late()))?;
    let place = pipeline.traffic.open(credentials.address())?;
    let (sender, steps) = mpsc::channel(WAITING_STEPS);
    let listener = Listener { steps: sender, wrap: Box::new(|step| step) };
    let streaming = stream_operation(pipeline, operation, &admission, language, listener);
    let expiry = readmission::end(Arc::clone(pipeline), credentials, admission.expires_at);
    let open = Open { streaming, place, language };
    Ok(stream(events(Arc::clone(pipeline), steps, expiry, open)))
}

fn stream(events: impl Stream<Item = Bytes> + 'static) -> HttpResponse {
    use futures_util::StreamExt;
    HttpResponse::Ok()
        .content_type("text/event-stream; charset=utf-8")
        // A proxy that buffers the response would defeat the stream.
        .insert_header(("x-accel-buffering", "no"))
        .streaming(events.map(Ok::<_, actix_web::Error>))
}

fn only(refused: ClientError, language: Language) -> impl Stream<Item = Bytes> {
    async_stream::stream! {
        yield KEEP_ALIVE;
        yield refusal(&refused, language);
        yield COMPLETE;
    }
}

fn events(
    pipeline: Arc<Pipeline>,
    mut steps: mpsc::Receiver<Step>,
    expiry: impl Future<Output = StreamEnd>,
    open: Open,
) -> impl Stream<Item = Bytes> {
    async_stream::stream! {
        let open = open;
        let mut expiry = pin!(expiry);
        let mut heartbeat = interval(pipeline.edge.limits.keep_alive_interval);
        // The first beat comes at once, so that the client sees that the stream is open.
        heartbeat.tick().await;
        yield KEEP_ALIVE;
        loop {
            tokio::select! {
                _now = heartbeat.tick() => yield KEEP_ALIVE,
                step = steps.recv() => match step {
                    Some(Step::Next(response)) => yield next(&response),
                    Some(Step::ClientError(refused)) => {
                        pipeline.figures.refused(refused.code());
                        yield refusal(&refused, open.language);
                        break;
                    }
                    Some(Step::Complete) | None => break,
                },
                end = &mut expiry => {
                    if let StreamEnd::ClientError(refused) = end {
                        yield refusal(&refused, open.language);
                    }
                    break;
                }
            }
        }
        yield COMPLETE;
    }
}

/// Resources that an open stream holds until it ends.
struct Open {
    #[expect(dead_code, reason = "held: dropping it cancels the operation")]
    streaming: WhileWanted<()>,
    #[expect(dead_code, reason = "held: dropping it lets the address open another one")]
    place: Place<IpAddr>,
    language: Language,
}

fn refusal(refused: &ClientError, language: Language) -> Bytes {
    next(&json!({ "errors": refused.errors_in(language) }))
}

fn next(answer: &impl Serialize) -> Bytes {
    let json = serde_json::to_string(answer).unwrap_or_default();
    Bytes::from(format!("event: next\ndata: {json}\n\n"))
}
