//! Checks that the sealing key is the one that sealed the second factors here.

use platform_db::Reach;

use crate::{
    Identity, IdentityError,
    store::{copies, factor_rows},
};

impl Identity {
    /// Checks that the sealing key opens one second factor of each network. Returns the number opened.
    ///
    /// # Errors
    /// Fails if one does not open, or if the database is unavailable.
    pub async fn examine_sealing_key(&self) -> Result<usize, IdentityError> {
        let tx = self.db.read(Reach::Directory).await?;
        let networks = copies::list_all_networks(&tx).await?;
        drop(tx);
        let mut opened = 0;
        for network in networks {
            let tx = self.db.read(Reach::Network(network)).await?;
            if let Some((person, sealed)) = factor_rows::find_any(&tx, network).await? {
                self.sealing.open_for((network, person), &sealed)?;
                opened += 1;
            }
        }
        Ok(opened)
    }
}
