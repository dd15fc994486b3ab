//! The in-process client of the graph: the command line and the demo use the same graph as all clients, as the
//! application itself.

use async_graphql::{Request, Value, Variables};
use kernel::OpContext;
use serde_json::Value as Json;

use crate::App;

/// A client of the graph in the same process.
#[derive(Debug, Clone)]
pub struct FrontDoor {
    app: App,
    op: OpContext,
}

/// An error of the graph.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message} ({code})")]
pub struct GraphError {
    /// `extensions.code`.
    pub code: String,
    /// The error message.
    pub message: String,
    /// `extensions.field`: the wrong field of the input, if there is one.
    pub field: Option<String>,
}

impl GraphError {
    /// Creates an error that names no field.
    pub fn new(code: &str, message: impl ToString) -> Self {
        Self { code: code.into(), message: message.to_string(), field: None }
    }
}

impl FrontDoor {
    /// Creates a client with a caller's context.
    pub fn new(app: App, op: OpContext) -> Self {
        Self { app, op }
    }

    /// Creates a client that acts as the system itself.
    pub fn as_system(app: App) -> Self {
        let op = OpContext::system(app.world().clone());
        Self::new(app, op)
    }

    /// Returns the same client, with an idempotency key for the next mutation.
    #[must_use]
    pub fn with_idempotency_key(&self, key: &str) -> Self {
        let op = self.op.clone().with_idempotency_key(Some(key.to_owned()));
        Self { app: self.app.clone(), op }
    }

    /// The application that the client calls.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Runs a query or a mutation and returns its data.
    ///
    /// # Errors
    /// Fails with the graph's first error.
    pub async fn ask(&self, document: &str, variables: Json) -> Result<Json, GraphError> {
        self.run(Request::new(document).variables(Variables::from_json(variables))).await
    }

    /// Runs a mutation with an input object as `$input`.
    ///
    /// # Errors
    /// Fails with the graph's first error.
    pub async fn put(&self, document: &str, input: Value) -> Result<Json, GraphError> {
        let mut variables = async_graphql::indexmap::IndexMap::new();
        variables.insert(async_graphql::Name::new("input"), input);
        self.run(Request::new(document).variables(Variables::from_value(Value::Object(variables)))).await
    }

    async fn run(&self, request: Request) -> Result<Json, GraphError> {
        let request = self.app.with_request_data(request, &self.op.afresh());
        let response = self.app.schema().execute(request).await;
        if let Some(error) = response.errors.into_iter().next() {
            let extension = |name: &str| match error.extensions.as_ref()?.get(name)? {
                Value::String(text) => Some(text.clone()),
                _ => None,
            };
            return Err(GraphError {
                code: extension("code").unwrap_or_else(|| "INVALID_INPUT".into()),
                field: extension("field"),
                message: error.message,
            });
        }
        response.data.into_json().map_err(|error| GraphError::new("INTERNAL", error))
    }
}
