//! A client of the graph, as somebody.

use async_graphql::{Request, Response, Variables};
use futures_util::{Stream, StreamExt};
use kernel::OpContext;
use serde_json::Value as Json;
use server::App;

use crate::assert_contract;

/// Asks the graph as one caller.
#[derive(Debug, Clone)]
pub struct Client {
    services: App,
    op: OpContext,
}

impl Client {
    pub(crate) fn new(services: App, op: OpContext) -> Self {
        Self { services, op }
    }

    /// The same caller, with an idempotency key.
    #[must_use]
    pub fn with_idempotency_key(&self, key: &str) -> Self {
        let op = self.op.clone().with_idempotency_key(Some(key.to_owned()));
        Self { services: self.services.clone(), op }
    }

    /// Asks, and expects an answer.
    ///
    /// # Panics
    /// When the graph refuses: with its code and message.
    pub async fn ask(&self, document: &str, variables: Json) -> Json {
        let mut answer = self.response(document, variables).await;
        assert!(answer["errors"].is_null(), "{}\nasked: {document}", answer["errors"]);
        answer["data"].take()
    }

    /// Asks, and expects a refusal; answers its code.
    ///
    /// # Panics
    /// When the graph answers.
    pub async fn refused(&self, document: &str, variables: Json) -> String {
        let answer = self.response(document, variables).await;
        assert!(!answer["errors"].is_null(), "answered {answer}, not refused\nasked: {document}");
        answer["errors"][0]["extensions"]["code"].as_str().unwrap_or("INVALID_INPUT").to_owned()
    }

    /// Asks without expecting anything but what the schema says: everything there is, errors too.
    ///
    /// # Panics
    /// When the answer does not have the shape that the schema gives it.
    pub async fn response(&self, document: &str, variables: Json) -> Json {
        let request = Request::new(document).variables(Variables::from_json(variables.clone()));
        let response =
            self.services.schema().execute(self.services.with_request_data(request, &self.op.afresh())).await;
        checked(document, &variables, &response)
    }

    /// Watches a subscription: the data of each event.
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

    /// The first event of a subscription, errors too; null when it ends without one.
    pub async fn first_event(&self, document: &str, variables: Json) -> Json {
        let request = Request::new(document).variables(Variables::from_json(variables.clone()));
        let mut responses =
            self.services.schema().stream(self.services.with_request_data(request, &self.op.afresh()));
        let first = responses.next().await;
        first.map_or(Json::Null, |first| checked(document, &variables, &first))
    }
}

/// An answer that has the shape it should have.
fn checked(document: &str, variables: &Json, response: &Response) -> Json {
    let answer = serde_json::to_value(response).expect("JSON");
    assert_contract(document, variables, &answer);
    answer
}
