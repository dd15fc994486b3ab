//! Queries the graph for the pieces: in this process, or, if identity runs alone, through the router with the caller's
//! own token.
//!
//! Always true: each service returns what it would return to the caller; nothing here reads a table.

use std::{sync::LazyLock, time::Duration};

use async_graphql::{Request, Value, Variables};
use kernel::{ErrorCode, OpContext};
use platform_http::HttpError;
use platform_module::About;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::{App, ServiceSet, revocation_list::without_tls};

const PATIENCE: Duration = Duration::from_secs(6);
/// A router or a service that restarts is queried again.
const TRIES: u32 = 3;
const BETWEEN_TRIES: Duration = Duration::from_millis(300);
/// Well below a person's rate limit, so that they can go on using the graph meanwhile.
const BETWEEN_PIECES: Duration = Duration::from_millis(40);

/// A piece as a service returns it.
#[derive(Debug, Default)]
pub(super) struct Piece {
    pub(super) tables: Vec<Rows>,
    pub(super) next: Option<String>,
}

/// Rows of one table.
#[derive(Debug)]
pub(super) struct Rows {
    pub(super) name: String,
    pub(super) rows: Vec<Json>,
}

/// The graph to query, and the caller's identity for it.
pub(super) enum Asking {
    Here(Box<(App, OpContext)>),
    AtTheRouter { url: String, bearer: String },
}

impl Asking {
    pub(super) fn of(app: &App, graph_url: &str, op: &OpContext, bearer: Option<&str>) -> Self {
        match app.set() {
            ServiceSet::All => Self::Here(Box::new((app.clone(), op.clone()))),
            ServiceSet::One(_) => {
                Self::AtTheRouter { url: graph_url.to_owned(), bearer: bearer.unwrap_or_default().to_owned() }
            }
        }
    }

    /// Queries a service for the first piece, or the one after a cursor.
    pub(super) async fn piece(&self, about: &About, after: Option<&str>) -> Result<Piece, HttpError> {
        let document = format!(
            "query Export($after: String) {{ personalData {{ part: {}(after: $after) {{ tables {{ name rows }} next }} }} }}",
            about.name
        );
        let variables = json!({ "after": after });
        match self {
            Self::Here(here) => {
                let (app, op) = here.as_ref();
                let request = Request::new(document).variables(Variables::from_json(variables));
                let response = app.schema().execute(app.with_request_data(request, &op.afresh())).await;
                if let Some(error) = response.errors.first() {
                    let code = error.extensions.as_ref().and_then(|values| values.get("code"));
                    let code = if let Some(Value::String(code)) = code { code.as_str() } else { "" };
                    return Err(refused(code, &error.message));
                }
                read(response.data.into_json().unwrap_or_default())
            }
            Self::AtTheRouter { url, bearer } => {
                tokio::time::sleep(BETWEEN_PIECES).await;
                ask_router(url, bearer, &json!({ "query": document, "variables": variables })).await
            }
        }
    }
}

async fn ask_router(url: &str, bearer: &str, body: &Json) -> Result<Piece, HttpError> {
    let mut tries = 1;
    loop {
        match ask_once(url, bearer, body).await {
            Err(refusal) if tries < TRIES && refusal.code == ErrorCode::Unavailable => {
                tokio::time::sleep(BETWEEN_TRIES * tries).await;
                tries += 1;
            }
            outcome => return outcome,
        }
    }
}

async fn ask_once(url: &str, bearer: &str, body: &Json) -> Result<Piece, HttpError> {
    static CLIENT: LazyLock<Result<reqwest::Client, reqwest::Error>> =
        LazyLock::new(|| without_tls().timeout(PATIENCE).no_proxy().build());
    let away = |error: &dyn std::error::Error| {
        tracing::warn!(%error, "the router does not answer an export");
        refused("UNAVAILABLE", "a part of the service is away; try again in a moment")
    };
    let client = CLIENT.as_ref().map_err(|error| away(error))?;
    let response = client.post(url).bearer_auth(bearer).json(body).send().await;
    let mut answer: Json = match response {
        Ok(response) => response.json().await.map_err(|error| away(&error))?,
        Err(error) => return Err(away(&error)),
    };
    if let Some(error) = answer["errors"].as_array().and_then(|errors| errors.first()) {
        let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
        return Err(refused(&text(&error["extensions"]["code"]), &text(&error["message"])));
    }
    read(answer["data"].take())
}

/// Converts a graph error for a plain route; an error that is not about the caller means that a part is away.
fn refused(code: &str, message: &str) -> HttpError {
    let about_caller =
        [ErrorCode::Unauthenticated, ErrorCode::Forbidden, ErrorCode::NotFound, ErrorCode::InvalidInput];
    let code =
        about_caller.into_iter().find(|known| known.as_str() == code).unwrap_or(ErrorCode::Unavailable);
    HttpError { code, message: message.to_owned() }
}

#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "personalData")]
    personal_data: Option<PersonalData>,
}

#[derive(Deserialize)]
struct PersonalData {
    part: Option<Part>,
}

#[derive(Deserialize)]
struct Part {
    tables: Vec<Table>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct Table {
    name: String,
    rows: String,
}

fn read(data: Json) -> Result<Piece, HttpError> {
    let unreadable = |error: serde_json::Error| {
        tracing::error!(%error, "a piece of an export cannot be read");
        HttpError { code: ErrorCode::Internal, message: "a piece of the export cannot be read".into() }
    };
    let answer: Answer = serde_json::from_value(data).map_err(unreadable)?;
    let part = answer
        .personal_data
        .and_then(|data| data.part)
        .ok_or_else(|| refused("UNAVAILABLE", "a part of the service is away"))?;
    let table = |table: Table| Ok(Rows { name: table.name, rows: serde_json::from_str(&table.rows)? });
    let tables = part.tables.into_iter().map(table).collect::<Result<_, _>>().map_err(unreadable)?;
    Ok(Piece { tables, next: part.next })
}
