//! Readiness: whether what this process needs answers.

use async_trait::async_trait;
use platform_http::Probe;

use crate::House;

/// Looks at databases. The broker and Redis may be away without harm: events wait in the outbox, occupancy is counted
/// from the database; so they do not make a process unready.
#[derive(Debug)]
pub struct HouseProbe {
    house: House,
}

impl HouseProbe {
    /// The probe of a house.
    pub fn new(house: House) -> Self {
        Self { house }
    }
}

#[async_trait]
impl Probe for HouseProbe {
    async fn ready(&self) -> Result<(), Vec<String>> {
        for db in self.house.databases() {
            if let Err(error) = db.ping().await {
                tracing::warn!(%error, "not ready");
                return Err(vec!["database".into()]);
            }
        }
        Ok(())
    }
}
