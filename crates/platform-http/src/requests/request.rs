//! The request of a client: the JSON of a `POST` body or of a socket's `subscribe`. Always true: only a query (or the
//! id of a known one), its name and its variables are read from it.

use std::collections::HashMap;

use async_graphql::{Request, Value, Variables};
use serde::Deserialize;

use crate::{Documents, ErrorCode, responses::client_error::ClientError};

/// A GraphQL request in its JSON form.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GraphqlRequest {
    query: Option<String>,
    operation_name: Option<String>,
    #[serde(default)]
    variables: Variables,
    extensions: Option<HashMap<String, Value>>,
    document_id: Option<String>,
}

impl GraphqlRequest {
    /// Parses a body.
    pub(crate) fn read(body: &[u8]) -> Result<Self, ClientError> {
        if body.trim_ascii_start().first() == Some(&b'[') {
            return Err(ClientError::new(ErrorCode::BatchNotSupported, "Send one request at a time."));
        }
        serde_json::from_slice(body).map_err(|error| {
            ClientError::new(ErrorCode::BadRequest, format!("The body cannot be read: {error}."))
        })
    }

    /// Converts to a request; looks up its document if it is named by an id.
    pub(crate) fn request(self, documents: &Documents) -> Result<Request, ClientError> {
        let id = self.document_id.as_deref().or_else(|| self.persisted_id());
        let document = documents.resolve(self.query.as_deref(), id)?;
        let request = Request::new(document).variables(self.variables);
        Ok(match self.operation_name {
            Some(name) => request.operation_name(name),
            None => request,
        })
    }

    /// The id in the older form: `extensions.persistedQuery.sha256Hash`.
    fn persisted_id(&self) -> Option<&str> {
        match self.extensions.as_ref()?.get("persistedQuery")? {
            Value::Object(persisted) => match persisted.get("sha256Hash")? {
                Value::String(id) => Some(id),
                _ => None,
            },
            _ => None,
        }
    }
}
