//! A client of the graph: sends requests over one connection, as one caller.

use anyhow::{Context as _, Result, bail};
use serde_json::{Value as Json, json};

use crate::connection::Connection;

/// The server and the caller.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Endpoint {
    /// Host and port of the server.
    #[arg(long)]
    pub(crate) address: String,
    /// The caller's token.
    #[arg(long, default_value = "")]
    pub(crate) token: String,
}

/// An open client.
#[derive(Debug)]
pub(crate) struct Graph {
    connection: Connection,
    token: String,
}

impl Endpoint {
    /// Connects.
    pub(crate) async fn open(&self) -> Result<Graph> {
        Ok(Graph { connection: Connection::open(&self.address).await?, token: self.token.clone() })
    }
}

impl Graph {
    /// Sends a request; returns the data, or fails with the first error.
    pub(crate) async fn ask(&mut self, document: &str, variables: Json) -> Result<Json> {
        let body = json!({ "query": document, "variables": variables }).to_string();
        let token = (!self.token.is_empty()).then_some(self.token.as_str());
        let answer = self.connection.post("/graphql", token, &body).await?;
        let text = || String::from_utf8_lossy(&answer.body).into_owned();
        let mut response: Json = serde_json::from_slice(&answer.body).with_context(text)?;
        if answer.status != 200 || !response["errors"].is_null() {
            bail!("refused with status {}: {response}", answer.status);
        }
        Ok(response["data"].take())
    }

    /// Sends a mutation with an input object; returns the mutation's own field.
    pub(crate) async fn mutate(&mut self, document: &str, input: Json) -> Result<Json> {
        let mut data = self.ask(document, json!({ "input": input })).await?;
        let answer = data.as_object_mut().and_then(|data| data.values_mut().next()).map(Json::take);
        answer.context("the mutation answered nothing")
    }

    /// Returns the id of a hub.
    pub(crate) async fn hub(&mut self, slug: &str) -> Result<String> {
        let data =
            self.ask("query($slug: String!) { hub(slug: $slug) { id } }", json!({ "slug": slug })).await?;
        text(&data["hub"]["id"]).with_context(|| format!("there is no hub {slug:?}"))
    }

    /// Returns the code of a hub's plan with which residents may roam, if it has one.
    pub(crate) async fn plan(&mut self, hub: &str) -> Result<Option<String>> {
        let asked = "query($id: ID!) { hub(id: $id) { plans { code roaming categories } } }";
        let data = self.ask(asked, json!({ "id": hub })).await?;
        let admits = |plan: &&Json| {
            let categories = plan["categories"].as_array().map_or(&[][..], Vec::as_slice);
            plan["roaming"] == true && (categories.is_empty() || categories.contains(&json!("RESIDENT")))
        };
        let plan = data["hub"]["plans"].as_array().and_then(|plans| plans.iter().find(admits));
        plan.map(|plan| text(&plan["code"])).transpose()
    }
}

/// Returns a response value as text.
pub(crate) fn text(value: &Json) -> Result<String> {
    value.as_str().map(str::to_owned).with_context(|| format!("{value} is no text"))
}
