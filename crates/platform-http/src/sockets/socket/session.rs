//! One session over one socket: initialisation, then operations that stream independently.
//!
//! Always true: nothing runs before the authenticator has admitted the caller. A client that neither reads nor answers
//! pings is disconnected.

use std::{pin::pin, sync::Arc, time::Duration};

use actix_ws::{AggregatedMessage, AggregatedMessageStream, ProtocolError};
use kernel::Language;
use serde_json::{Map, Value};
use tokio::time::{Instant, interval, timeout};

use super::{
    operations::{OperationStep, Operations},
    protocol::{ClientMessage, ServerMessage, SocketEnd},
};
use crate::{
    Admission, callers::credentials::KeptCredentials, limits::readmission, requests::pipeline::Pipeline,
    responses::client_error::ClientError, sockets::operation_stream::Step,
};

/// How long a client may leave a message unread.
const SEND_TIMEOUT: Duration = Duration::from_secs(10);
/// How many heartbeats a client may stay silent.
const SILENT_HEARTBEATS: u32 = 3;

/// Runs the session until one side ends it.
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
        last_received: Instant::now(),
        language: Language::default(),
    };
    let socket_end = match session.initialise(&mut messages, credentials).await {
        Ok((admission, credentials)) => session.run_operations(&mut messages, admission, credentials).await,
        Err(socket_end) => socket_end,
    };
    if let Some(reason) = socket_end.reason() {
        // Does not wait for a client that does not read the closing frame.
        let _unread = timeout(SEND_TIMEOUT, session.wire.close(Some(reason))).await;
    }
    pipeline.figures.socket_closed();
}

struct Session {
    pipeline: Arc<Pipeline>,
    wire: actix_ws::Session,
    last_received: Instant,
    language: Language,
}

impl Session {
    /// Waits for `connection_init`, calls the authenticator, acknowledges.
    async fn initialise(
        &mut self,
        messages: &mut AggregatedMessageStream,
        credentials: KeptCredentials,
    ) -> Result<(Admission, KeptCredentials), SocketEnd> {
        let pipeline = Arc::clone(&self.pipeline);
        let initialised = async {
            let payload = self.receive_init(messages).await?;
            let credentials = credentials.with_init(&payload);
            let admission = pipeline.admit_to_socket(&credentials).await?;
            self.language = credentials.language();
            self.send(&ServerMessage::ConnectionAck).await?;
            Ok((admission, credentials))
        };
        tokio::select! {
            acknowledged = timeout(pipeline.edge.limits.socket_init_timeout, initialised) => {
                acknowledged.unwrap_or_else(|_elapsed| Err(SocketEnd::init_timeout()))
            }
            () = pipeline.closed() => Err(SocketEnd::closing()),
        }
    }

    async fn receive_init(
        &mut self,
        messages: &mut AggregatedMessageStream,
    ) -> Result<Map<String, Value>, SocketEnd> {
        loop {
            match self.receive(messages.recv().await).await? {
                Some(ClientMessage::ConnectionInit { payload }) => return Ok(payload.unwrap_or_default()),
                Some(ClientMessage::Ping { payload }) => self.send(&ServerMessage::Pong { payload }).await?,
                Some(ClientMessage::Subscribe { .. }) => return Err(SocketEnd::not_initialised()),
                Some(ClientMessage::Complete { .. } | ClientMessage::Pong) | None => {}
            }
        }
    }

    /// Carries out operations until one side ends the session.
    async fn run_operations(
        &mut self,
        messages: &mut AggregatedMessageStream,
        admission: Admission,
        credentials: KeptCredentials,
    ) -> SocketEnd {
        let pipeline = Arc::clone(&self.pipeline);
        let caller = credentials.clone();
        let mut expiry = pin!(readmission::end(Arc::clone(&pipeline), credentials, admission.expires_at));
        let mut heartbeat = interval(pipeline.edge.limits.keep_alive_interval);
        let (mut operations, mut steps) = Operations::new(pipeline, admission, caller);
        loop {
            let went_well = tokio::select! {
                message = messages.recv() => match self.receive(message).await {
                    Ok(Some(message)) => self.handle(message, &mut operations).await,
                    Ok(None) => Ok(()),
                    Err(socket_end) => Err(socket_end),
                },
                Some(step) = steps.recv() => self.forward(step, &mut operations).await,
                _now = heartbeat.tick() => self.beat().await,
                end = &mut expiry => Err(end.into()),
            };
            if let Err(socket_end) = went_well {
                return socket_end;
            }
        }
    }

    /// Reads a frame; `None` if it was only a keep-alive.
    async fn receive(
        &mut self,
        frame: Option<Result<AggregatedMessage, ProtocolError>>,
    ) -> Result<Option<ClientMessage>, SocketEnd> {
        self.last_received = Instant::now();
        match frame {
            Some(Ok(AggregatedMessage::Text(text))) => serde_json::from_str(&text)
                .map(Some)
                .map_err(|error| SocketEnd::bad_message(format!("Invalid message: {error}"))),
            Some(Ok(AggregatedMessage::Binary(_))) => Err(SocketEnd::bad_message("Send text")),
            Some(Ok(AggregatedMessage::Ping(payload))) => {
                self.wire.pong(&payload).await.map_err(|_closed| SocketEnd::Gone)?;
                Ok(None)
            }
            Some(Ok(AggregatedMessage::Pong(_))) => Ok(None),
            Some(Err(ProtocolError::Overflow)) => Err(SocketEnd::too_large()),
            Some(Ok(AggregatedMessage::Close(_)) | Err(_)) | None => Err(SocketEnd::Gone),
        }
    }

    async fn handle(&mut self, message: ClientMessage, operations: &mut Operations) -> Result<(), SocketEnd> {
        match message {
            ClientMessage::Subscribe { id, payload } => {
                let Err(refused) = operations.begin(&id, *payload)? else { return Ok(()) };
                self.refuse(&id, &refused).await
            }
            ClientMessage::Complete { id } => {
                operations.end(&id);
                Ok(())
            }
            ClientMessage::Ping { payload } => self.send(&ServerMessage::Pong { payload }).await,
            ClientMessage::Pong => Ok(()),
            ClientMessage::ConnectionInit { .. } => Err(SocketEnd::second_init()),
        }
    }

    async fn forward(&mut self, step: OperationStep, operations: &mut Operations) -> Result<(), SocketEnd> {
        let OperationStep { id, serial, step } = step;
        if !operations.is_running(&id, serial) {
            return Ok(());
        }
        match step {
            Step::Next(response) => self.send(&ServerMessage::Next { id: &id, payload: &response }).await,
            Step::ClientError(refused) => {
                operations.end(&id);
                self.refuse(&id, &refused).await
            }
            Step::Complete => {
                operations.end(&id);
                self.send(&ServerMessage::Complete { id: &id }).await
            }
        }
    }

    async fn refuse(&mut self, id: &str, refused: &ClientError) -> Result<(), SocketEnd> {
        self.pipeline.figures.refused(refused.code());
        self.send(&ServerMessage::Error { id, payload: &refused.errors_in(self.language) }).await
    }

    async fn beat(&mut self) -> Result<(), SocketEnd> {
        let patience = self.pipeline.edge.limits.keep_alive_interval * SILENT_HEARTBEATS;
        if self.last_received.elapsed() > patience {
            return Err(SocketEnd::Gone);
        }
        self.wire.ping(b"").await.map_err(|_closed| SocketEnd::Gone)
    }

    async fn send(&mut self, message: &ServerMessage<'_>) -> Result<(), SocketEnd> {
        let text = serde_json::to_string(message).map_err(|error| {
            tracing::error!(%error, "an answer could not be written as JSON");
            SocketEnd::Close(1011, "INTERNAL".to_owned())
        })?;
        match timeout(SEND_TIMEOUT, self.wire.text(text)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(SocketEnd::Gone),
        }
    }
}
