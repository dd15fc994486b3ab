//! Answers that come step by step: what sockets and event streams listen to.
//!
//! Always true: the last step of an operation is a refusal or its completion, a panic in a resolver included; the source
//! waits for a listener that is slow, and ends with a listener that is gone.

use std::{panic::AssertUnwindSafe, sync::Arc};

use async_graphql::{Request, Response, parser::types::OperationType};
use futures_util::{FutureExt, StreamExt};
use kernel::Language;
use tokio::sync::mpsc;

use crate::{
    Admission, CallerClass, ErrorCode, client_error::ClientError, error_format, operation::Operation,
    pipeline::Pipeline, while_wanted::WhileWanted,
};

/// One step of an answer.
pub(crate) enum Step {
    /// An answer.
    Next(Response),
    /// There is no (further) answer.
    ClientError(ClientError),
    /// That was all.
    Complete,
}

/// Who listens to the steps of one operation.
pub(crate) struct Listener<T> {
    /// The way to them.
    pub(crate) steps: mpsc::Sender<T>,
    /// How a step looks there.
    pub(crate) wrap: Box<dyn Fn(Step) -> T + Send + Sync>,
}

/// The listener is gone.
struct Gone;

impl<T> Listener<T> {
    async fn tell(&self, step: Step) -> Result<(), Gone> {
        self.steps.send((self.wrap)(step)).await.map_err(|_unheard| Gone)
    }
}

/// Answers `operation` to `listener` until it is complete or the returned task is dropped.
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
        // Nobody is left to be told that nobody listened.
        let _heard = listener.tell(last).await;
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
    let _heard = listener.tell(Step::Next(response)).await;
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
    while let Ok(()) = listener.tell(Step::Next(response)).await {
        let Some(event) = events.next().await else { break };
        response = error_format::next(event, language);
    }
    Ok(())
}
