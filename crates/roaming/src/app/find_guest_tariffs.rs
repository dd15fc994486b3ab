//! Finds hubs' guest tariffs, which are public.

use std::collections::HashMap;

use kernel::{HubId, OpContext};
use platform_db::Reach;

use crate::{Roaming, RoamingError, Tariff, store};

impl Roaming {
    /// Returns the guest tariffs valid now, of those hubs that have one.
    ///
    /// # Errors
    /// Fails if the database is unavailable.
    #[tracing::instrument(name = "roaming.find_guest_tariffs", skip_all)]
    pub async fn find_guest_tariffs(
        &self,
        op: &OpContext,
        hubs: &[HubId],
    ) -> Result<HashMap<HubId, Tariff>, RoamingError> {
        let tx = self.db.read(Reach::Directory).await?;
        let versions = store::tariff::public_versions(&tx, hubs).await?;
        let valid = versions.into_iter().filter_map(|(hub, versions)| {
            Tariff::valid_at(&versions, op.now()).map(|tariff| (hub, tariff.clone()))
        });
        Ok(valid.collect())
    }
}
