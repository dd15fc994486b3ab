//! Responses that come step by step, for sockets and event streams.
//!
//! Always true: the last step of an operation is an error or its completion, even after a panic in a resolver. The
//! source waits for a slow listener, and ends if the listener is gone.

use std::{panic::AssertUnwindSafe, sync::Arc};

use async_graphql::{Request, Response, parser::types::OperationType};
use futures_util::{FutureExt, StreamExt};
use kernel::Language;
use tokio::sync::mpsc;

use crate::{
    Admission, CallerClass, ErrorCode, documents::operation::Operation, requests::pipeline::Pipeline,
    responses::client_error::ClientError, responses::error_format, sockets::while_wanted::WhileWanted,
};

/// One step of an operation.
pub(crate) enum Step {
    /// A response.
    Next(Response),
    /// The operation failed; no response follows.
    ClientError(ClientError),
    /// The operation is complete.
    Complete,
}

/// The receiver of the steps of one operation.
pub(crate) struct Listener<T> {
    /// The channel to the receiver.
    pub(crate) steps: mpsc::Sender<T>,
    /// Converts a step for the channel.
    pub(crate) wrap: Box<dyn Fn(Step) -> T + Send + Sync>,
}

struct Gone;

impl<T> Listener<T> {
    async fn send(&self, step: Step) -> Result<(), Gone> {
        self.steps.send((self.wrap)(step)).await.map_err(|_closed| Gone)
    }
}

/// Sends the steps of `operation` to `listener` until it is complete or the returned task is dropped.
pub(crate) fn stream_operation<T: Send + 'static>(
    pipeline: &Arc<Pipeline>,
    operation: Operation,
    admission: &Admission,
    language: Language,
    listener: Listener<T>,
) -> WhileWanted<()> {
    let (kind, class, install) = (operation.kind, admission.class, Arc::clone(&admission.install));
    let carrier = Arc::clone(pipeline);
    pipeline.spawn(async move {
        let request = install(operation.request);
        let answered = async {
            match kind {
                OperationType::Subscription => subscribe(&carrier, request, language, &listener).await,
                OperationType::Query | OperationType::Mutation => {
                    answer_once(&carrier, class, kind, request, language, &listener).await
                }
            }
        };
        let last = match AssertUnwindSafe(answered).catch_unwind().await {
            Ok(Ok(())) => Step::Complete,
            Ok(Err(refused)) => Step::ClientError(refused),
            Err(_panic) => Step::ClientError(ClientError::new(ErrorCode::Internal, error_format::INTERNAL)),
        };
        // If the listener is gone, the failure concerns no client.
        let _sent = listener.send(last).await;
    })
}

async fn answer_once<T>(
    pipeline: &Pipeline,
    class: CallerClass,
    kind: OperationType,
    request: Request,
    language: Language,
    listener: &Listener<T>,
) -> Result<(), ClientError> {
    let response = pipeline.answer_admitted(class, kind, request, language).await?;
    let _sent = listener.send(Step::Next(response)).await;
    Ok(())
}

async fn subscribe<T>(
    pipeline: &Pipeline,
    request: Request,
    language: Language,
    listener: &Listener<T>,
) -> Result<(), ClientError> {
    let mut events = pipeline.edge.service.stream(request);
    let Some(first) = events.next().await else { return Ok(()) };
    let mut response = error_format::first(first, language)?;
    while let Ok(()) = listener.send(Step::Next(response)).await {
        let Some(event) = events.next().await else { break };
        response = error_format::next(event, language);
    }
    Ok(())
}
