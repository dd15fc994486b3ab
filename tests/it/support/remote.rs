//! A client of the graph over HTTP, like any other program: a URL, a token, JSON.

use std::{error::Error, fmt, time::Duration};

use testkit::{Json, json};

/// Longer than the server's own deadline: a late server reports it itself.
const PATIENCE: Duration = Duration::from_secs(10);

/// A caller with a token at a server.
#[derive(Debug, Clone)]
pub(crate) struct Remote {
    http: reqwest::Client,
    url: String,
    token: Option<String>,
    language: Option<&'static str>,
}

/// No reliable response: the caller has to send the request again.
#[derive(Debug)]
pub(crate) struct Unanswered(String);

impl fmt::Display for Unanswered {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Error for Unanswered {}

impl Remote {
    /// Returns an anonymous caller at a server of this URL.
    pub(crate) fn anonymous(url: &str) -> Self {
        let http = reqwest::Client::builder().timeout(PATIENCE).build().expect("a client");
        Self { http, url: format!("{url}/graphql"), token: None, language: None }
    }

    /// Returns the same server with a token.
    #[must_use]
    pub(crate) fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// Returns the same caller over a new connection.
    #[must_use]
    pub(crate) fn afresh(&self) -> Self {
        let http = reqwest::Client::builder().timeout(PATIENCE).build().expect("a client");
        Self { http, ..self.clone() }
    }

    /// Returns the same caller with a preferred language.
    #[must_use]
    pub(crate) fn in_language(&self, language: &'static str) -> Self {
        Self { language: Some(language), ..self.clone() }
    }

    /// Sends a request and expects data without errors.
    pub(crate) async fn ask(&self, document: &str, variables: Json) -> Json {
        let answer = self.response(document, variables).await;
        assert!(answer["errors"].is_null(), "{answer:#}\nasked: {document}");
        answer["data"].clone()
    }

    /// Sends a request and expects a response of any content.
    pub(crate) async fn response(&self, document: &str, variables: Json) -> Json {
        self.try_response(document, variables).await.expect("an answer")
    }

    /// Sends a request to a server that may be down.
    pub(crate) async fn try_response(&self, document: &str, variables: Json) -> Result<Json, Unanswered> {
        let lost = |error: reqwest::Error| Unanswered(format!("{error:?}"));
        let body = json!({ "query": document, "variables": variables });
        let mut request = self.http.post(&self.url).json(&body);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(language) = self.language {
            request = request.header(reqwest::header::ACCEPT_LANGUAGE, language);
        }
        let response = request.send().await.map_err(lost)?;
        let status = response.status();
        let answer = response.json::<Json>().await.map_err(lost)?;
        if status.is_server_error() {
            return Err(Unanswered(format!("{status}: {answer}")));
        }
        testkit::assert_contract(document, &body["variables"], &answer);
        Ok(answer)
    }

    /// Downloads the caller's export from a process of this URL: its status, its headers, its bytes.
    pub(crate) async fn export(&self, url: &str) -> (u16, reqwest::header::HeaderMap, Vec<u8>) {
        let mut request = self.http.get(format!("{url}/me/export"));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        (status, headers, response.bytes().await.expect("all of it").to_vec())
    }

    /// Opens a stream of server-sent events.
    pub(crate) async fn open_events(&self, document: &str, variables: Json) -> reqwest::Response {
        let body = json!({ "query": document, "variables": variables });
        // Without the timeout for whole requests: a stream has no end.
        let mut request = reqwest::Client::new().post(&self.url).json(&body);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let response = request.header("accept", "text/event-stream").send().await.expect("an answer");
        assert!(response.status().is_success(), "{}", response.status());
        response
    }
}
