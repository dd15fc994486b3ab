//! Counts the mail that has not gone out, for monitoring.

use platform_db::{DbError, Reach};
use platform_mail::MailCounts;

use crate::{Identity, store::copies};

impl Identity {
    /// Counts it over all networks.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn count_mail(&self) -> Result<MailCounts, DbError> {
        let tx = self.db.read(Reach::Directory).await?;
        let networks = copies::list_all_networks(&tx).await?;
        let mut all = MailCounts::default();
        for network in networks {
            tx.enter(Reach::Network(network)).await?;
            all = all.and(platform_mail::count(&tx, network).await?);
        }
        Ok(all)
    }
}
