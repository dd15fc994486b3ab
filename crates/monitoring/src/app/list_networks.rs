//! Names the networks that are monitored here.

use kernel::NetworkId;
use platform_db::Reach;

use crate::{Monitoring, MonitoringError, store::directory_rows};

impl Monitoring {
    /// The networks, which are public: for whoever checks them one by one.
    ///
    /// # Errors
    /// The database is away.
    #[tracing::instrument(name = "monitoring.list_networks", skip_all)]
    pub async fn list_networks(&self) -> Result<Vec<NetworkId>, MonitoringError> {
        let tx = self.db.read(Reach::Directory).await?;
        Ok(directory_rows::list_networks(&tx).await?)
    }
}
