//! The gate: who stands behind a request, and the scope they get.
//!
//! Always true: a token that was revoked, or of which nobody can tell, opens nothing, and closes what it had opened: open
//! sockets and streams come back here every half minute.

use std::sync::Arc;

use async_trait::async_trait;
use identity::{Passport, Revoked};
use jiff::Timestamp;
use kernel::{Caller, ErrorCode, Scope};
use platform_http::{Admission, CallerClass, Credentials, Gate, Refusal};

use crate::{House, ServiceSet, denials::CountedDenials};

/// Reads tokens and hands out scopes.
#[derive(Debug)]
pub struct HouseGate {
    house: House,
    denials: Arc<CountedDenials>,
}

impl HouseGate {
    /// The gate of a house.
    pub fn new(house: House) -> Self {
        Self { house, denials: Arc::new(CountedDenials::new()) }
    }

    fn passport(&self, token: &str) -> Result<Passport, Refusal> {
        let now = self.house.world().now();
        let passport = self.house.tokens().read(token, now).map_err(|error| {
            tracing::debug!(%error, "token refused");
            Refusal { code: ErrorCode::Unauthenticated, message: error.to_string() }
        })?;
        match self.house.revocations().check(&passport, now) {
            Ok(()) => Ok(passport),
            Err(revoked @ Revoked::Revoked) => {
                Err(Refusal { code: ErrorCode::Unauthenticated, message: revoked.to_string() })
            }
            Err(unknown @ Revoked::Unknown) => {
                Err(Refusal { code: ErrorCode::Unavailable, message: unknown.to_string() })
            }
        }
    }
}

impl HouseGate {
    /// The scope of whoever shows these credentials, and until when it is theirs.
    ///
    /// # Errors
    /// The token is not good, or not any more.
    pub fn scope(&self, credentials: Credentials<'_>) -> Result<(Scope, Option<Timestamp>), Refusal> {
        let passport = credentials.bearer.map(|token| self.passport(token)).transpose()?;
        let expires_at = passport.as_ref().map(|passport| passport.expires_at);
        let session = passport.as_ref().and_then(|passport| passport.session);
        let caller = passport.map_or_else(|| Arc::new(Caller::Anonymous), |passport| passport.caller);
        // Behind the router every connection comes from the router: that address says nothing about anybody.
        let address = credentials.address.filter(|_| self.house.set() == ServiceSet::All);
        let scope = Scope::new(caller.as_ref().clone(), self.house.world().clone())
            .with_idempotency_key(credentials.idempotency_key.map(str::to_owned))
            .with_session(session)
            .with_address(address)
            .with_denials(self.denials.clone());
        Ok((scope, expires_at))
    }
}

#[async_trait]
impl Gate for HouseGate {
    async fn admit(&self, credentials: Credentials<'_>) -> Result<Admission, Refusal> {
        let (scope, expires_at) = self.scope(credentials)?;
        let (class, account) = counted_as(scope.caller());
        let house = self.house.clone();
        let install = move |request| house.equip(request, &scope.afresh());
        Ok(Admission { class, account, install: Arc::new(install), expires_at })
    }
}

/// As what and whom the edge counts a caller.
fn counted_as(caller: &Caller) -> (CallerClass, String) {
    match caller {
        Caller::Anonymous => (CallerClass::Nameless, String::new()),
        Caller::Person { person, .. } => (CallerClass::Person, person.to_string()),
        Caller::Device { device, .. } => (CallerClass::Device, device.to_string()),
        Caller::Program { key, .. } => (CallerClass::Person, key.to_string()),
        Caller::System => (CallerClass::Person, "system".to_owned()),
    }
}
