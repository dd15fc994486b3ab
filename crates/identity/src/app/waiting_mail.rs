//! How much mail waits, for whoever watches the installation.

use jiff::Timestamp;
use platform_db::{DbError, Reach};

use crate::{
    Identity,
    store::{copies, mail_rows},
};

/// Mail that has not gone out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WaitingMail {
    /// Messages that are still tried.
    pub waiting: i64,
    /// When the first of them was queued.
    pub since: Option<Timestamp>,
    /// Messages that are not tried any more.
    pub given_up: i64,
}

impl Identity {
    /// Counts it over all networks. Reads nothing of a message but when it was queued.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn waiting_mail(&self) -> Result<WaitingMail, DbError> {
        let tx = self.db.read(Reach::Directory).await?;
        let networks = copies::list_all_networks(&tx).await?;
        drop(tx);
        let mut all = WaitingMail::default();
        for network in networks {
            let tx = self.db.read(Reach::Network(network)).await?;
            let one = mail_rows::count(&tx, network).await?;
            all.waiting += one.waiting;
            all.given_up += one.given_up;
            all.since = [all.since, one.since].into_iter().flatten().min();
        }
        Ok(all)
    }
}
