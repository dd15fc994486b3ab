//! The end of a caller's socket or stream: the token expires, the authenticator refuses it, or the server closes.
//! Always true: an unavailable authenticator closes nothing.

use std::{future, sync::Arc};

use jiff::Timestamp;
use tokio::time::sleep;

use crate::{
    ErrorCode, callers::credentials::KeptCredentials, requests::pipeline::Pipeline,
    responses::client_error::ClientError,
};

/// Why a socket or stream ends before its client ends it.
pub(crate) enum StreamEnd {
    /// The caller is no longer admitted.
    ClientError(ClientError),
    /// The server stops; the client should reconnect.
    Closing,
}

/// Waits until a caller's admission ends.
pub(crate) async fn end(
    pipeline: Arc<Pipeline>,
    credentials: KeptCredentials,
    expires_at: Option<Timestamp>,
) -> StreamEnd {
    tokio::select! {
        () = expired(&pipeline, expires_at) => {
            StreamEnd::ClientError(ClientError::new(ErrorCode::Unauthenticated, "The token has expired."))
        }
        refused = readmission_refused(&pipeline, &credentials) => StreamEnd::ClientError(refused),
        () = pipeline.closed() => StreamEnd::Closing,
    }
}

async fn expired(pipeline: &Pipeline, expires_at: Option<Timestamp>) {
    match expires_at {
        Some(at) => sleep(pipeline.time_until(at)).await,
        None => future::pending().await,
    }
}

async fn readmission_refused(pipeline: &Pipeline, credentials: &KeptCredentials) -> ClientError {
    loop {
        sleep(pipeline.edge.limits.readmission_interval).await;
        match pipeline.admit(credentials).await {
            Err(refused) if refused.is_about_caller() => return refused,
            Err(refused) => tracing::warn!(code = refused.code(), "a caller could not be checked again"),
            Ok(_still_good) => {}
        }
    }
}
