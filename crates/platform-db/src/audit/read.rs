//! Reads the log a page at a time, the latest audit event first, or backward from the earliest.

use kernel::{AuditRecord, HubId, NetworkId, Page, PageError, PageRequest};
use sea_orm::Value;
use uuid::Uuid;

use super::{COLUMNS, record};
use crate::{DbError, Tx};

/// Which records to read.
#[derive(Debug, Clone)]
pub struct AuditQuery {
    /// The network.
    pub network: NetworkId,
    /// The hub; `None` for what concerns the network as a whole.
    pub hub: Option<HubId>,
    /// Only these actions. A service reads its own, since in the embedded shape all services share one log.
    pub actions: Vec<&'static str>,
    /// The sequence to continue from, in the direction of the page.
    cursor: Option<i64>,
    page: PageRequest,
}

impl AuditQuery {
    /// Checks a client's query: one of the service's actions or all of them, and a page.
    ///
    /// # Errors
    /// Fails if the cursor is not of this list.
    pub fn new(
        network: NetworkId,
        hub: Option<HubId>,
        own: &[&'static str],
        action: Option<&str>,
        page: PageRequest,
    ) -> Result<Self, PageError> {
        let cursor = page.read_cursor(str::parse)?;
        let actions = own.iter().copied().filter(|own| action.is_none_or(|wanted| wanted == *own)).collect();
        Ok(Self { network, hub, actions, cursor, page })
    }
}

/// Reads a page of a chain, the latest audit event first.
///
/// # Errors
/// Fails if the database is away.
pub async fn list_audit(tx: &Tx, query: &AuditQuery) -> Result<Page<AuditRecord>, DbError> {
    if query.actions.is_empty() {
        return Ok(query.page.page(Vec::new()));
    }
    let places: Vec<String> = (5..5 + query.actions.len()).map(|place| format!("${place}")).collect();
    let (beyond, order, start) =
        if query.page.is_backward() { (">", "asc", 0) } else { ("<", "desc", i64::MAX) };
    let sql = format!(
        "select {COLUMNS} from audit where network_id = $1 and chain_id = $2 and sequence {beyond} $3 \
         and action in ({}) order by sequence {order} limit $4",
        places.join(", ")
    );
    let chain = query.hub.map_or_else(|| Uuid::from(query.network), Uuid::from);
    let limit = i64::try_from(query.page.fetch()).unwrap_or(i64::MAX);
    let bounds: [Value; 4] =
        [Uuid::from(query.network).into(), chain.into(), query.cursor.unwrap_or(start).into(), limit.into()];
    let values = bounds.into_iter().chain(query.actions.iter().map(|action| (*action).into()));
    let rows = tx.rows(&sql, values).await?;
    Ok(query.page.page(rows.iter().map(record).collect::<Result<_, _>>()?))
}
