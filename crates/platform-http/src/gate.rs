//! The gate: who calls. The edge carries credentials to it and does as it says; what a token is, only the gate knows.

use std::{fmt, net::IpAddr, sync::Arc};

use async_graphql::Request;
use async_trait::async_trait;
use jiff::Timestamp;

/// Decides who may enter.
#[async_trait]
pub trait Gate: Send + Sync + 'static {
    /// Admits a caller, nameless ones included if it likes. Asked for each `POST`, once for each socket and stream,
    /// and again every [`Limits::readmission_interval`](crate::Limits::readmission_interval) while those are open.
    ///
    /// # Errors
    /// The credentials are not good, or not good any more.
    async fn admit(&self, credentials: Credentials<'_>) -> Result<Admission, Refusal>;
}

/// What a caller showed.
#[derive(Clone, Copy, Default)]
pub struct Credentials<'a> {
    /// The token of `Authorization: Bearer …`, from the header or a socket's `connection_init`.
    pub bearer: Option<&'a str>,
    /// `Idempotency-Key`.
    pub idempotency_key: Option<&'a str>,
    /// `Accept-Language`.
    pub accept_language: Option<&'a str>,
    /// Where the connection came from.
    pub address: Option<IpAddr>,
}

/// The way in.
#[derive(Clone)]
pub struct Admission {
    /// Puts the caller's scope into a request's data. Called once for each operation, inside its span.
    pub install: Arc<dyn Fn(Request) -> Request + Send + Sync>,
    /// When the token ends: open sockets and streams end with it.
    pub expires_at: Option<Timestamp>,
}

/// The way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The stable code. `FORBIDDEN` travels with status 403, `RATE_LIMITED` with 429, `UNAVAILABLE` with 503 (and closes
    /// nothing that is open); every other one with 401.
    pub code: &'static str,
    /// What the caller is told.
    pub message: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
