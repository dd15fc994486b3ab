//! The authenticator: identifies the caller of a request and creates their context.
//!
//! Always true: a token that is revoked, or whose revocation is unknown, admits nothing and ends what it had opened:
//! open sockets and streams are checked again every half minute.

use std::sync::Arc;

use async_trait::async_trait;
use identity::{Passport, Revoked};
use jiff::Timestamp;
use kernel::{Caller, ErrorCode, OpContext};
use platform_http::{Admission, Authenticator, CallerClass, Credentials, HttpError};

use crate::{App, ServiceSet, denials::CountedDenials};

/// Reads tokens and creates operation contexts.
#[derive(Debug)]
pub struct AppAuthenticator {
    app: App,
    denials: Arc<CountedDenials>,
}

impl AppAuthenticator {
    /// Creates the authenticator of an application.
    pub fn new(app: App) -> Self {
        Self { app, denials: Arc::new(CountedDenials::new()) }
    }

    fn passport(&self, token: &str) -> Result<Passport, HttpError> {
        let now = self.app.world().now();
        let passport = self.app.tokens().read(token, now).map_err(|error| {
            tracing::debug!(%error, "token refused");
            HttpError { code: ErrorCode::Unauthenticated, message: error.to_string() }
        })?;
        match self.app.revocations().check(&passport, now) {
            Ok(()) => Ok(passport),
            Err(revoked @ Revoked::Revoked) => {
                Err(HttpError { code: ErrorCode::Unauthenticated, message: revoked.to_string() })
            }
            Err(unknown @ Revoked::Unknown) => {
                Err(HttpError { code: ErrorCode::Unavailable, message: unknown.to_string() })
            }
        }
    }
}

impl AppAuthenticator {
    /// Returns the context of these credentials' owner, and when it expires.
    ///
    /// # Errors
    /// Fails if the token is invalid or no longer valid.
    pub fn op(&self, credentials: Credentials<'_>) -> Result<(OpContext, Option<Timestamp>), HttpError> {
        let passport = credentials.bearer.map(|token| self.passport(token)).transpose()?;
        let expires_at = passport.as_ref().map(|passport| passport.expires_at);
        let session = passport.as_ref().and_then(|passport| passport.session);
        let caller = passport.map_or_else(|| Arc::new(Caller::Anonymous), |passport| passport.caller);
        // Behind the router every connection comes from the router, so its address identifies no caller.
        let address = credentials.address.filter(|_| self.app.set() == ServiceSet::All);
        let op = OpContext::new(caller.as_ref().clone(), self.app.world().clone())
            .with_idempotency_key(credentials.idempotency_key.map(str::to_owned))
            .with_session(session)
            .with_address(address)
            .with_denials(self.denials.clone());
        Ok((op, expires_at))
    }
}

#[async_trait]
impl Authenticator for AppAuthenticator {
    async fn admit(&self, credentials: Credentials<'_>) -> Result<Admission, HttpError> {
        let (op, expires_at) = self.op(credentials)?;
        let (class, account) = counted_as(op.caller());
        let app = self.app.clone();
        let install = move |request| app.with_request_data(request, &op.afresh());
        Ok(Admission { class, account, install: Arc::new(install), expires_at })
    }
}

/// The class and the account under which the edge counts a caller.
fn counted_as(caller: &Caller) -> (CallerClass, String) {
    match caller {
        Caller::Anonymous => (CallerClass::Nameless, String::new()),
        Caller::Person { person, .. } => (CallerClass::Person, person.to_string()),
        Caller::Device { device, .. } => (CallerClass::Device, device.to_string()),
        Caller::Program { key, .. } => (CallerClass::Person, key.to_string()),
        Caller::System => (CallerClass::Person, "system".to_owned()),
    }
}
