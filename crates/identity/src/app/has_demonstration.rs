//! Detects accounts with publicly known passwords. The server checks it before it starts.

use platform_db::Reach;

use crate::{Identity, IdentityError, store::copies};

impl Identity {
    /// Returns whether any network is a demonstration.
    ///
    /// # Errors
    /// Fails if the database is unavailable.
    pub async fn has_demonstration(&self) -> Result<bool, IdentityError> {
        let tx = self.db.read(Reach::Directory).await?;
        Ok(copies::has_demonstration(&tx).await?)
    }
}
