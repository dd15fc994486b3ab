//! The messages of graphql-transport-ws. Always true: any other text ends the socket with 4400.

use actix_ws::{CloseCode, CloseReason};
use async_graphql::{Response, ServerError};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    limits::readmission::StreamEnd, requests::request::GraphqlRequest, responses::client_error::ClientError,
};

/// A message from the client.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ClientMessage {
    ConnectionInit { payload: Option<Map<String, Value>> },
    Subscribe { id: String, payload: Box<GraphqlRequest> },
    Complete { id: String },
    Ping { payload: Option<Map<String, Value>> },
    Pong,
}

/// A message to the client.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ServerMessage<'a> {
    ConnectionAck,
    Next {
        id: &'a str,
        payload: &'a Response,
    },
    Error {
        id: &'a str,
        payload: &'a [ServerError],
    },
    Complete {
        id: &'a str,
    },
    Pong {
        #[serde(skip_serializing_if = "Option::is_none")]
        payload: Option<Map<String, Value>>,
    },
}

/// How a socket ends.
pub(super) enum SocketEnd {
    /// The client is gone or has closed the socket.
    Gone,
    /// The server closes the socket with a code and a reason.
    Close(u16, String),
}

impl SocketEnd {
    pub(super) fn bad_message(why: impl Into<String>) -> Self {
        Self::Close(4400, why.into())
    }

    pub(super) fn not_initialised() -> Self {
        Self::Close(4401, "Unauthorized".to_owned())
    }

    pub(super) fn init_timeout() -> Self {
        Self::Close(4408, "Connection initialisation timeout".to_owned())
    }

    pub(super) fn id_taken(id: &str) -> Self {
        Self::Close(4409, format!("Subscriber for {id} already exists"))
    }

    pub(super) fn second_init() -> Self {
        Self::Close(4429, "Too many initialisation requests".to_owned())
    }

    pub(super) fn too_large() -> Self {
        Self::Close(1009, "Message too large".to_owned())
    }

    pub(super) fn closing() -> Self {
        Self::Close(1001, "Going away".to_owned())
    }

    /// The reason for the closing frame; `None` if no client reads it.
    pub(super) fn reason(self) -> Option<CloseReason> {
        match self {
            Self::Gone => None,
            Self::Close(code, mut description) => {
                // A closing frame holds 123 bytes.
                description.truncate(description.floor_char_boundary(120));
                Some(CloseReason { code: CloseCode::from(code), description: Some(description) })
            }
        }
    }
}

impl From<ClientError> for SocketEnd {
    fn from(refused: ClientError) -> Self {
        // The client should retry if the moment was bad, and not if the caller was refused.
        let code = if refused.is_about_caller() { 4403 } else { 1013 };
        Self::Close(code, refused.code().to_owned())
    }
}

impl From<StreamEnd> for SocketEnd {
    fn from(end: StreamEnd) -> Self {
        match end {
            StreamEnd::ClientError(refused) => refused.into(),
            StreamEnd::Closing => Self::closing(),
        }
    }
}
