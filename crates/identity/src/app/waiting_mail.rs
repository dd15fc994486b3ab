//! The amount of waiting mail, for monitoring.

use jiff::Timestamp;
use platform_db::{DbError, Reach};

use crate::{
    Identity,
    store::{copies, mail_rows},
};

/// Mail that has not gone out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WaitingMail {
    /// The messages that are still retried.
    pub waiting: i64,
    /// When the first of them was queued.
    pub since: Option<Timestamp>,
    /// The messages that are no longer retried.
    pub given_up: i64,
}

impl Identity {
    /// Counts it over all networks. Reads only the queueing time of a message.
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
