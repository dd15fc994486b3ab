//! A client of the graph, for one caller.

use async_graphql::{Request, Response, Variables};
use futures_util::{Stream, StreamExt};
use kernel::OpContext;
use serde_json::Value as Json;
use server::App;

use crate::assert_contract;

/// Sends requests to the graph as one caller.
#[derive(Debug, Clone)]
pub struct Client {
    services: App,
    op: OpContext,
}

impl Client {
    pub(crate) fn new(services: App, op: OpContext) -> Self {
        Self { services, op }
    }

    /// Returns the same caller with an idempotency key.
    #[must_use]
    pub fn with_idempotency_key(&self, key: &str) -> Self {
        let op = self.op.clone().with_idempotency_key(Some(key.to_owned()));
        Self { services: self.services.clone(), op }
    }

    /// Sends a request; returns the data.
    ///
    /// # Panics
    /// If the graph refuses: with its code and message.
    pub async fn ask(&self, document: &str, variables: Json) -> Json {
        let mut answer = self.response(document, variables).await;
        assert!(answer["errors"].is_null(), "{}\nasked: {document}", answer["errors"]);
        answer["data"].take()
    }

    /// Sends a request that must be refused; returns the code.
    ///
    /// # Panics
    /// If the graph does not refuse.
    pub async fn refused(&self, document: &str, variables: Json) -> String {
        let answer = self.response(document, variables).await;
        assert!(!answer["errors"].is_null(), "answered {answer}, not refused\nasked: {document}");
        answer["errors"][0]["extensions"]["code"].as_str().unwrap_or("INVALID_INPUT").to_owned()
    }

    /// Sends a request; returns the whole response, errors included.
    ///
    /// # Panics
    /// If the response does not have the shape of the schema.
    pub async fn response(&self, document: &str, variables: Json) -> Json {
        let request = Request::new(document).variables(Variables::from_json(variables.clone()));
        let response =
            self.services.schema().execute(self.services.with_request_data(request, &self.op.afresh())).await;
        checked(document, &variables, &response)
    }

    /// Subscribes; returns the data of each event.
    pub fn watch(&self, document: &str, variables: Json) -> impl Stream<Item = Json> + Unpin + use<> {
        let request = Request::new(document).variables(Variables::from_json(variables.clone()));
        let responses =
            self.services.schema().stream(self.services.with_request_data(request, &self.op.afresh()));
        let document = document.to_owned();
        responses.map(move |response| {
            assert!(response.errors.is_empty(), "the subscription fails: {:?}", response.errors);
            checked(&document, &variables, &response)["data"].take()
        })
    }

    /// Returns the first event of a subscription, errors included; null if it ends without one.
    pub async fn first_event(&self, document: &str, variables: Json) -> Json {
        let request = Request::new(document).variables(Variables::from_json(variables.clone()));
        let mut responses =
            self.services.schema().stream(self.services.with_request_data(request, &self.op.afresh()));
        let first = responses.next().await;
        first.map_or(Json::Null, |first| checked(document, &variables, &first))
    }
}

/// Returns a response after checking its shape.
fn checked(document: &str, variables: &Json, response: &Response) -> Json {
    let answer = serde_json::to_value(response).expect("JSON");
    assert_contract(document, variables, &answer);
    answer
}
