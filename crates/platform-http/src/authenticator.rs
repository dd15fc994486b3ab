//! The authenticator: who calls. The edge carries credentials to it and does as it says; what a token is, only the authenticator knows.

use std::{fmt, net::IpAddr, sync::Arc};

use async_graphql::Request;
use async_trait::async_trait;
use jiff::Timestamp;
use kernel::ErrorCode;

/// Decides who may enter.
#[async_trait]
pub trait Authenticator: Send + Sync + 'static {
    /// Admits a caller, nameless ones included if it likes. GraphqlRequest before anything of a request is read: an answer waits
    /// for nothing slow. GraphqlRequest for each `POST`, once for each socket and stream,
    /// and again every [`Limits::readmission_interval`](crate::Limits::readmission_interval) while those are open.
    ///
    /// # Errors
    /// The credentials are not good, or not good any more.
    async fn admit(&self, credentials: Credentials<'_>) -> Result<Admission, HttpError>;
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

/// What kind of caller it is: limits differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CallerClass {
    /// Nobody we know; counted by address.
    Nameless,
    /// A person or an integration.
    Person,
    /// A reader, kiosk or door: people stand in front of it, so it is served when others have to wait.
    Device,
}

/// The way in.
#[derive(Clone)]
pub struct Admission {
    /// What kind of caller.
    pub class: CallerClass,
    /// Who, for counting: the same for all tokens of a caller. Means nothing for nameless ones.
    pub account: String,
    /// Puts the caller's context into a request's data. Called once for each operation, inside its span.
    pub install: Arc<dyn Fn(Request) -> Request + Send + Sync>,
    /// When the token ends: open sockets and streams end with it.
    pub expires_at: Option<Timestamp>,
}

/// The way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpError {
    /// The stable code; open sockets and streams are closed only by those with status 401 or 403.
    pub code: ErrorCode,
    /// What the caller is told, in English.
    pub message: String,
}

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
