//! The authenticator identifies callers. The edge passes credentials to it; only the authenticator knows what a token
//! is.

use std::{fmt, net::IpAddr, sync::Arc};

use async_graphql::Request;
use async_trait::async_trait;
use jiff::Timestamp;
use kernel::ErrorCode;

/// Decides which callers are admitted.
#[async_trait]
pub trait Authenticator: Send + Sync + 'static {
    /// Admits a caller; it may admit nameless ones, too. It is called before anything of a request is read, so it must
    /// be fast. It is called for each `POST`, once for each socket and stream, and again every
    /// [`Limits::readmission_interval`](crate::Limits::readmission_interval) while those are open.
    ///
    /// # Errors
    /// Fails if the credentials are invalid or no longer valid.
    async fn admit(&self, credentials: Credentials<'_>) -> Result<Admission, HttpError>;
}

/// The credentials of a caller.
#[derive(Clone, Copy, Default)]
pub struct Credentials<'a> {
    /// The token of `Authorization: Bearer …`, from the header or a socket's `connection_init`.
    pub bearer: Option<&'a str>,
    /// `Idempotency-Key`.
    pub idempotency_key: Option<&'a str>,
    /// `Accept-Language`.
    pub accept_language: Option<&'a str>,
    /// The address the connection came from.
    pub address: Option<IpAddr>,
}

/// The kind of caller; each kind has its own limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CallerClass {
    /// An unknown caller, counted by address.
    Nameless,
    /// A person or an integration.
    Person,
    /// A reader, kiosk or door. People stand in front of it, so it is served while other callers wait.
    Device,
}

/// A successful authentication.
#[derive(Clone)]
pub struct Admission {
    /// The kind of caller.
    pub class: CallerClass,
    /// The caller's name for counting, the same for all its tokens. Meaningless for nameless callers.
    pub account: String,
    /// Puts the caller's context into a request's data. Called once for each operation, inside its span.
    pub install: Arc<dyn Fn(Request) -> Request + Send + Sync>,
    /// When the token expires; open sockets and streams end with it.
    pub expires_at: Option<Timestamp>,
}

/// An error response to a caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpError {
    /// The stable code. Only codes with status 401 or 403 close open sockets and streams.
    pub code: ErrorCode,
    /// The English message for the caller.
    pub message: String,
}

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
