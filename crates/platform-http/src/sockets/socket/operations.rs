//! The operations of one socket. Always true: an id names at most one running operation, and steps of an ended
//! operation are recognised even if its id is in use again.

use std::{collections::HashMap, sync::Arc};

use async_graphql::parser::types::OperationType;
use tokio::sync::mpsc;
use tracing::info_span;

use super::protocol::SocketEnd;
use crate::{
    Admission, ErrorCode,
    callers::credentials::KeptCredentials,
    documents::operation::Operation,
    requests::pipeline::Pipeline,
    requests::request::GraphqlRequest,
    responses::client_error::ClientError,
    sockets::operation_stream::{Listener, Step, stream_operation},
    sockets::while_wanted::WhileWanted,
};

/// Steps of all operations that may wait for a slow client before their sources wait, too.
const WAITING_STEPS: usize = 64;

/// A step and its operation.
pub(super) struct OperationStep {
    pub(super) id: String,
    pub(super) serial: u64,
    pub(super) step: Step,
}

/// The operations that run on one socket.
pub(super) struct Operations {
    pipeline: Arc<Pipeline>,
    admission: Admission,
    caller: KeptCredentials,
    running: HashMap<String, (u64, WhileWanted<()>)>,
    steps: mpsc::Sender<OperationStep>,
    /// Distinguishes an operation from an earlier one of the same id, whose last steps may still be on their way.
    serial: u64,
}

impl Operations {
    pub(super) fn new(
        pipeline: Arc<Pipeline>,
        admission: Admission,
        caller: KeptCredentials,
    ) -> (Self, mpsc::Receiver<OperationStep>) {
        let (steps, received) = mpsc::channel(WAITING_STEPS);
        (Self { pipeline, admission, caller, running: HashMap::new(), steps, serial: 0 }, received)
    }

    /// Begins an operation, or refuses it; the outer error ends the socket.
    pub(super) fn begin(
        &mut self,
        id: &str,
        asked: GraphqlRequest,
    ) -> Result<Result<(), ClientError>, SocketEnd> {
        if self.running.contains_key(id) {
            return Err(SocketEnd::id_taken(id));
        }
        Ok(self.check(asked).map(|operation| self.start(id.to_owned(), operation)))
    }

    fn check(&self, asked: GraphqlRequest) -> Result<Operation, ClientError> {
        let limits = &self.pipeline.edge.limits;
        if self.running.len() >= limits.operations_per_socket {
            let message = format!("This socket carries {} operations already.", limits.operations_per_socket);
            return Err(ClientError::new(ErrorCode::TooManyOperations, message));
        }
        self.pipeline.traffic.pass(self.admission.class, &self.admission.account, self.caller.address())?;
        let request = asked.request(&self.pipeline.edge.documents)?;
        let operation = Operation::check(request, &self.pipeline.parsed)?;
        self.pipeline.charge(Some(&self.admission), &self.caller, &operation)?;
        if operation.kind == OperationType::Mutation {
            return Err(ClientError::new(ErrorCode::PostRequired, "Send mutations by POST."));
        }
        Ok(operation)
    }

    fn start(&mut self, id: String, operation: Operation) {
        self.serial += 1;
        let (serial, whose) = (self.serial, id.clone());
        let wrap = move |step| OperationStep { id: whose.clone(), serial, step };
        let span =
            info_span!(parent: None, "graphql.socket", otel.kind = "server", operation = %operation.kind);
        let listener = Listener { steps: self.steps.clone(), wrap: Box::new(wrap) };
        let streaming = span.in_scope(|| {
            stream_operation(&self.pipeline, operation, &self.admission, self.caller.language(), listener)
        });
        self.running.insert(id, (serial, streaming));
    }

    pub(super) fn end(&mut self, id: &str) {
        self.running.remove(id);
    }

    pub(super) fn is_running(&self, id: &str, serial: u64) -> bool {
        self.running.get(id).is_some_and(|(running, _)| *running == serial)
    }
}
