//! Lists the monitored networks.

use kernel::NetworkId;
use platform_db::Reach;

use crate::{Monitoring, MonitoringError, store::directory_rows};

impl Monitoring {
    /// Returns the networks, which are public, for a check of each of them.
    ///
    /// # Errors
    /// Fails if the database is unavailable.
    #[tracing::instrument(name = "monitoring.list_networks", skip_all)]
    pub async fn list_networks(&self) -> Result<Vec<NetworkId>, MonitoringError> {
        let tx = self.db.read(Reach::Directory).await?;
        Ok(directory_rows::list_networks(&tx).await?)
    }
}
