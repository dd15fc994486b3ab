//! Whether accounts whose passwords everybody knows may be here. Asked by the server before it serves.

use platform_db::Reach;

use crate::{Identity, IdentityError, store::copies};

impl Identity {
    /// Whether any network is for trying things out.
    ///
    /// # Errors
    /// The database is away.
    pub async fn has_demonstration(&self) -> Result<bool, IdentityError> {
        let tx = self.db.read(Reach::Directory).await?;
        Ok(copies::has_demonstration(&tx).await?)
    }
}
