//! The front door from inside: the command line and the demo ask the same graph that everybody else asks, as the
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

/// The graph said no.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message} ({code})")]
pub struct GraphError {
    /// `extensions.code`.
    pub code: String,
    /// What was said.
    pub message: String,
    /// `extensions.field`: the field of the input that is wrong, if it is one.
    pub field: Option<String>,
}

impl GraphError {
    /// A refusal that names no field.
    pub fn new(code: &str, message: impl ToString) -> Self {
        Self { code: code.into(), message: message.to_string(), field: None }
    }
}

impl FrontDoor {
    /// Enters as somebody.
    pub fn new(app: App, op: OpContext) -> Self {
        Self { app, op }
    }

    /// Enters as the system itself.
    pub fn as_system(app: App) -> Self {
        let op = OpContext::system(app.world().clone());
        Self::new(app, op)
    }

    /// The same caller, with an idempotency key for what is done next.
    #[must_use]
    pub fn with_idempotency_key(&self, key: &str) -> Self {
        let op = self.op.clone().with_idempotency_key(Some(key.to_owned()));
        Self { app: self.app.clone(), op }
    }

    /// The application behind the door.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Asks or does something; answers the data.
    ///
    /// # Errors
    /// The first error the graph gives.
    pub async fn ask(&self, document: &str, variables: Json) -> Result<Json, GraphError> {
        self.run(Request::new(document).variables(Variables::from_json(variables))).await
    }

    /// Does something with an input object as `$input`.
    ///
    /// # Errors
    /// The first error the graph gives.
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
