//! One conversation over one socket: greeting, then operations, each each streaming on its own.
//!
//! Always true: nothing runs before the authenticator has admitted the caller; a client that neither reads nor answers pings is
//! let go.

use std::{pin::pin, sync::Arc, time::Duration};

use actix_ws::{AggregatedMessage, AggregatedMessageStream, ProtocolError};
use kernel::Language;
use serde_json::{Map, Value};
use tokio::time::{Instant, interval, timeout};

use super::{
    operations::{OperationStep, Operations},
    protocol::{ClientMessage, Farewell, ServerMessage},
};
use crate::{
    Admission, client_error::ClientError, credentials::KeptCredentials, operation_stream::Step,
    pipeline::Pipeline, readmission,
};

/// How long a client may leave a message of ours unread.
const SEND_TIMEOUT: Duration = Duration::from_secs(10);
/// How many heartbeats a silent client is given.
const SILENT_HEARTBEATS: u32 = 3;

/// Talks until one side has had enough.
pub(super) async fn run(
    pipeline: Arc<Pipeline>,
    wire: actix_ws::Session,
    mut messages: AggregatedMessageStream,
    credentials: KeptCredentials,
) {
    pipeline.figures.socket_opened();
    let mut session = Session {
        pipeline: Arc::clone(&pipeline),
        wire,
        last_heard: Instant::now(),
        language: Language::default(),
    };
    let farewell = match session.greet(&mut messages, credentials).await {
        Ok((admission, credentials)) => session.converse(&mut messages, admission, credentials).await,
        Err(farewell) => farewell,
    };
    if let Some(reason) = farewell.reason() {
        // A client that does not read its farewell is not waited for.
        let _unread = timeout(SEND_TIMEOUT, session.wire.close(Some(reason))).await;
    }
    pipeline.figures.socket_closed();
}

struct Session {
    pipeline: Arc<Pipeline>,
    wire: actix_ws::Session,
    last_heard: Instant,
    language: Language,
}

impl Session {
    /// Waits for `connection_init`, asks the authenticator, acknowledges.
    async fn greet(
        &mut self,
        messages: &mut AggregatedMessageStream,
        credentials: KeptCredentials,
    ) -> Result<(Admission, KeptCredentials), Farewell> {
        let pipeline = Arc::clone(&self.pipeline);
        let initialised = async {
            let payload = self.hear_init(messages).await?;
            let credentials = credentials.with_init(&payload);
            let admission = pipeline.admit_to_socket(&credentials).await?;
            self.language = credentials.language();
            self.say(&ServerMessage::ConnectionAck).await?;
            Ok((admission, credentials))
        };
        tokio::select! {
            greeted = timeout(pipeline.edge.limits.socket_init_timeout, initialised) => {
                greeted.unwrap_or_else(|_elapsed| Err(Farewell::init_timeout()))
            }
            () = pipeline.closed() => Err(Farewell::closing()),
        }
    }

    async fn hear_init(
        &mut self,
        messages: &mut AggregatedMessageStream,
    ) -> Result<Map<String, Value>, Farewell> {
        loop {
            match self.hear(messages.recv().await).await? {
                Some(ClientMessage::ConnectionInit { payload }) => return Ok(payload.unwrap_or_default()),
                Some(ClientMessage::Ping { payload }) => self.say(&ServerMessage::Pong { payload }).await?,
                Some(ClientMessage::Subscribe { .. }) => return Err(Farewell::not_initialised()),
                Some(ClientMessage::Complete { .. } | ClientMessage::Pong) | None => {}
            }
        }
    }

    /// Carries out operations until one side has had enough.
    async fn converse(
        &mut self,
        messages: &mut AggregatedMessageStream,
        admission: Admission,
        credentials: KeptCredentials,
    ) -> Farewell {
        let pipeline = Arc::clone(&self.pipeline);
        let caller = credentials.clone();
        let mut lease = pin!(readmission::end(Arc::clone(&pipeline), credentials, admission.expires_at));
        let mut heartbeat = interval(pipeline.edge.limits.keep_alive_interval);
        let (mut operations, mut steps) = Operations::new(pipeline, admission, caller);
        loop {
            let went_well = tokio::select! {
                message = messages.recv() => match self.hear(message).await {
                    Ok(Some(message)) => self.obey(message, &mut operations).await,
                    Ok(None) => Ok(()),
                    Err(farewell) => Err(farewell),
                },
                Some(step) = steps.recv() => self.pass_on(step, &mut operations).await,
                _now = heartbeat.tick() => self.beat().await,
                end = &mut lease => Err(end.into()),
            };
            if let Err(farewell) = went_well {
                return farewell;
            }
        }
    }

    /// Reads a frame; `None`: it was only a sign of life.
    async fn hear(
        &mut self,
        frame: Option<Result<AggregatedMessage, ProtocolError>>,
    ) -> Result<Option<ClientMessage>, Farewell> {
        self.last_heard = Instant::now();
        match frame {
            Some(Ok(AggregatedMessage::Text(text))) => serde_json::from_str(&text)
                .map(Some)
                .map_err(|error| Farewell::bad_message(format!("Invalid message: {error}"))),
            Some(Ok(AggregatedMessage::Binary(_))) => Err(Farewell::bad_message("Send text")),
            Some(Ok(AggregatedMessage::Ping(payload))) => {
                self.wire.pong(&payload).await.map_err(|_closed| Farewell::Gone)?;
                Ok(None)
            }
            Some(Ok(AggregatedMessage::Pong(_))) => Ok(None),
            Some(Err(ProtocolError::Overflow)) => Err(Farewell::too_large()),
            Some(Ok(AggregatedMessage::Close(_)) | Err(_)) | None => Err(Farewell::Gone),
        }
    }

    async fn obey(&mut self, message: ClientMessage, operations: &mut Operations) -> Result<(), Farewell> {
        match message {
            ClientMessage::Subscribe { id, payload } => {
                let Err(refused) = operations.begin(&id, *payload)? else { return Ok(()) };
                self.refuse(&id, &refused).await
            }
            ClientMessage::Complete { id } => {
                operations.end(&id);
                Ok(())
            }
            ClientMessage::Ping { payload } => self.say(&ServerMessage::Pong { payload }).await,
            ClientMessage::Pong => Ok(()),
            ClientMessage::ConnectionInit { .. } => Err(Farewell::second_init()),
        }
    }

    async fn pass_on(&mut self, step: OperationStep, operations: &mut Operations) -> Result<(), Farewell> {
        let OperationStep { id, serial, step } = step;
        if !operations.is_running(&id, serial) {
            return Ok(());
        }
        match step {
            Step::Next(response) => self.say(&ServerMessage::Next { id: &id, payload: &response }).await,
            Step::ClientError(refused) => {
                operations.end(&id);
                self.refuse(&id, &refused).await
            }
            Step::Complete => {
                operations.end(&id);
                self.say(&ServerMessage::Complete { id: &id }).await
            }
        }
    }

    async fn refuse(&mut self, id: &str, refused: &ClientError) -> Result<(), Farewell> {
        self.pipeline.figures.refused(refused.code());
        self.say(&ServerMessage::Error { id, payload: &refused.errors_in(self.language) }).await
    }

    async fn beat(&mut self) -> Result<(), Farewell> {
        let patience = self.pipeline.edge.limits.keep_alive_interval * SILENT_HEARTBEATS;
        if self.last_heard.elapsed() > patience {
            return Err(Farewell::Gone);
        }
        self.wire.ping(b"").await.map_err(|_closed| Farewell::Gone)
    }

    async fn say(&mut self, message: &ServerMessage<'_>) -> Result<(), Farewell> {
        let text = serde_json::to_string(message).map_err(|error| {
            tracing::error!(%error, "an answer could not be written as JSON");
            Farewell::Close(1011, "INTERNAL".to_owned())
        })?;
        match timeout(SEND_TIMEOUT, self.wire.text(text)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Farewell::Gone),
        }
    }
}
