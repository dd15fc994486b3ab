//! A client of the graph, as somebody.

use async_graphql::{Request, Variables};
use futures_util::{Stream, StreamExt};
use kernel::Scope;
use serde_json::{Value as Json, json};
use server::{FrontDoor, House};

/// Asks the graph as one caller.
#[derive(Debug, Clone)]
pub struct Client {
    house: House,
    scope: Scope,
}

impl Client {
    pub(crate) fn new(house: House, scope: Scope) -> Self {
        Self { house, scope }
    }

    /// The same caller, with an idempotency key.
    #[must_use]
    pub fn with_idempotency_key(&self, key: &str) -> Self {
        let scope = self.scope.clone().with_idempotency_key(Some(key.to_owned()));
        Self { house: self.house.clone(), scope }
    }

    /// Asks, and expects an answer.
    ///
    /// # Panics
    /// When the graph refuses: with its code and message.
    pub async fn ask(&self, document: &str, variables: Json) -> Json {
        let answer = self.door().ask(document, variables).await;
        answer.unwrap_or_else(|refusal| panic!("{refusal}\nasked: {document}"))
    }

    /// Asks, and expects a refusal; answers its code.
    ///
    /// # Panics
    /// When the graph answers.
    pub async fn refused(&self, document: &str, variables: Json) -> String {
        match self.door().ask(document, variables).await {
            Ok(answer) => panic!("answered {answer}, not refused\nasked: {document}"),
            Err(refusal) => refusal.code,
        }
    }

    /// Asks without expecting anything: everything there is, errors too.
    pub async fn response(&self, document: &str, variables: Json) -> Json {
        let request = Request::new(document).variables(Variables::from_json(variables));
        let response = self.house.schema().execute(self.house.equip(request, &self.scope.afresh())).await;
        serde_json::to_value(response).unwrap_or_else(|error| json!({ "unreadable": error.to_string() }))
    }

    /// Watches a subscription: the data of each event.
    pub fn watch(&self, document: &str, variables: Json) -> impl Stream<Item = Json> + Unpin + use<> {
        let request = Request::new(document).variables(Variables::from_json(variables));
        let responses = self.house.schema().stream(self.house.equip(request, &self.scope.afresh()));
        responses.map(|response| {
            assert!(response.errors.is_empty(), "the subscription fails: {:?}", response.errors);
            response.data.into_json().expect("JSON")
        })
    }

    /// The first event of a subscription, errors too; null when it ends without one.
    pub async fn first_event(&self, document: &str, variables: Json) -> Json {
        let request = Request::new(document).variables(Variables::from_json(variables));
        let mut responses = self.house.schema().stream(self.house.equip(request, &self.scope.afresh()));
        let first = responses.next().await.map(serde_json::to_value);
        first.and_then(Result::ok).unwrap_or(Json::Null)
    }

    fn door(&self) -> FrontDoor {
        FrontDoor::new(self.house.clone(), self.scope.clone())
    }
}
