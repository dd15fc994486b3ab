//! Whether the demo network is here. Asked by the server before it serves.

use platform_db::Reach;

use crate::{Membership, MembershipError, store};

impl Membership {
    /// Whether any network is for trying things out.
    ///
    /// # Errors
    /// The database is away.
    pub async fn has_demonstration(&self) -> Result<bool, MembershipError> {
        let tx = self.db.read(Reach::Directory).await?;
        Ok(store::network::has_demonstration(&tx).await?)
    }
}
