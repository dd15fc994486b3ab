//! Checks for a demonstration network before the server starts serving.

use platform_db::Reach;

use crate::{Membership, MembershipError, store};

impl Membership {
    /// Returns whether any network is a demonstration network.
    ///
    /// # Errors
    /// Fails if the database is unavailable.
    pub async fn has_demonstration(&self) -> Result<bool, MembershipError> {
        let tx = self.db.read(Reach::Directory).await?;
        Ok(store::network::has_demonstration(&tx).await?)
    }
}
