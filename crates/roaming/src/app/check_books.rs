//! Checks which visits roaming has rated and whether its books are complete, for the comparison of the services.

use std::collections::HashMap;

use kernel::{NetworkId, VisitId};
use platform_db::{DbError, Reach};
use uuid::Uuid;

use crate::{Roaming, RoamingError};

const PAGE: i64 = 2_000;

/// Roaming's state of a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RatedVisit {
    /// The last revision taken in.
    pub revision: i64,
    /// Whether the visit has an effective charge.
    pub is_charged: bool,
}

impl Roaming {
    /// Returns those of the visits that roaming has taken in.
    ///
    /// # Errors
    /// Fails if the database is unavailable.
    pub async fn find_rated_visits(
        &self,
        network: NetworkId,
        visits: &[VisitId],
    ) -> Result<HashMap<VisitId, RatedVisit>, RoamingError> {
        let tx = self.db.read(Reach::Network(network)).await?;
        let (which, ids) = tx.among_ids("visit_id", 2, visits);
        let sql = format!(
            "select visit_id, revision, charge_id from roaming_visit where network_id = $1 and {which}"
        );
        let rows = tx.rows(&sql, std::iter::once(Uuid::from(network).into()).chain(ids)).await?;
        let mut rated = HashMap::with_capacity(rows.len());
        for row in rows {
            let visit: Uuid = row.try_get("", "visit_id").map_err(DbError::from)?;
            let charge: Option<Uuid> = row.try_get("", "charge_id").map_err(DbError::from)?;
            let revision = row.try_get("", "revision").map_err(DbError::from)?;
            rated.insert(visit.into(), RatedVisit { revision, is_charged: charge.is_some() });
        }
        Ok(rated)
    }

    /// R10: counts the transactions of a network's ledger that do not sum to zero in a currency, page by page: none.
    ///
    /// # Errors
    /// Fails if the database is unavailable.
    pub async fn count_unbalanced_transactions(&self, network: NetworkId) -> Result<usize, RoamingError> {
        let tx = self.db.read(Reach::Network(network)).await?;
        let (mut unbalanced, mut last) = (0, Uuid::nil());
        loop {
            let sql = "select transaction_id, exists (select 1 from ledger_entry as entry \
                       where entry.network_id = posted.network_id and entry.transaction_id = posted.transaction_id \
                       group by entry.currency having sum(entry.amount_minor) <> 0) as unbalanced \
                       from ledger_transaction as posted where network_id = $1 and transaction_id > $2 \
                       order by transaction_id limit $3";
            let rows = tx.rows(sql, [Uuid::from(network).into(), last.into(), PAGE.into()]).await?;
            let Some(row) = rows.last() else { return Ok(unbalanced) };
            last = row.try_get("", "transaction_id").map_err(DbError::from)?;
            for row in &rows {
                unbalanced += usize::from(row.try_get::<bool>("", "unbalanced").map_err(DbError::from)?);
            }
        }
    }

    /// Counts the non-zero charges of a network without an entry in the ledger: none, if the books are complete.
    ///
    /// # Errors
    /// Fails if the database is unavailable.
    pub async fn count_unposted_charges(&self, network: NetworkId) -> Result<usize, RoamingError> {
        let tx = self.db.read(Reach::Network(network)).await?;
        let (mut unposted, mut last) = (0, Uuid::nil());
        loop {
            let sql = "select charge_id, amount_minor <> 0 and not exists (select 1 from ledger_transaction as posted \
                       where posted.network_id = charge.network_id and posted.charge_id = charge.charge_id) as lacks \
                       from charge where network_id = $1 and charge_id > $2 order by charge_id limit $3";
            let rows = tx.rows(sql, [Uuid::from(network).into(), last.into(), PAGE.into()]).await?;
            let Some(row) = rows.last() else { return Ok(unposted) };
            last = row.try_get("", "charge_id").map_err(DbError::from)?;
            for row in &rows {
                unposted += usize::from(row.try_get::<bool>("", "lacks").map_err(DbError::from)?);
            }
        }
    }
}
