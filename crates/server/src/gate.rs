//! The gate: who stands behind a request, and the scope they get.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{Caller, ErrorCode, Scope};
use platform_http::{Admission, CallerClass, Credentials, Gate, Refusal};

use crate::House;

/// Reads tokens and hands out scopes.
#[derive(Debug)]
pub struct HouseGate {
    house: House,
}

impl HouseGate {
    /// The gate of a house.
    pub fn new(house: House) -> Self {
        Self { house }
    }
}

#[async_trait]
impl Gate for HouseGate {
    async fn admit(&self, credentials: Credentials<'_>) -> Result<Admission, Refusal> {
        let (caller, expires_at) = match credentials.bearer {
            None => (Arc::new(Caller::Anonymous), None),
            Some(token) => {
                let read = self.house.tokens().read(token, self.house.world().now());
                let (caller, expires_at) = read.map_err(|error| {
                    tracing::debug!(%error, "token refused");
                    Refusal { code: ErrorCode::Unauthenticated, message: error.to_string() }
                })?;
                (caller, Some(expires_at))
            }
        };
        let (class, account) = counted_as(&caller);
        let house = self.house.clone();
        let key = credentials.idempotency_key.map(str::to_owned);
        let install = move |request| {
            let scope =
                Scope::new(caller.as_ref().clone(), house.world().clone()).with_idempotency_key(key.clone());
            house.equip(request, &scope)
        };
        Ok(Admission { class, account, install: Arc::new(install), expires_at })
    }
}

/// As what and whom the edge counts a caller.
fn counted_as(caller: &Caller) -> (CallerClass, String) {
    match caller {
        Caller::Anonymous => (CallerClass::Nameless, String::new()),
        Caller::Person { person, .. } => (CallerClass::Person, person.to_string()),
        Caller::Device { device, .. } => (CallerClass::Device, device.to_string()),
        Caller::System => (CallerClass::Person, "system".to_owned()),
    }
}
