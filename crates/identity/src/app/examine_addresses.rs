//! Finds accounts whose e-mail is stored in an outdated form: nobody can sign in with it.

use platform_db::{OldAddress, Reach, list_old_addresses};

use crate::{Identity, IdentityError, store::copies};

impl Identity {
    /// Returns the accounts of all networks whose e-mail is stored in an outdated form, and the owner of that mailbox.
    ///
    /// # Errors
    /// Fails if the database is unavailable.
    pub async fn examine_addresses(&self) -> Result<Vec<OldAddress>, IdentityError> {
        let tx = self.db.read(Reach::Directory).await?;
        let networks = copies::list_all_networks(&tx).await?;
        drop(tx);
        let mut old = Vec::new();
        for network in networks {
            let tx = self.db.read(Reach::Network(network)).await?;
            old.extend(list_old_addresses(&tx, "sign_in_account", network).await?);
        }
        Ok(old)
    }
}
