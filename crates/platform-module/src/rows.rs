//! Statements about the tables that a service names itself.

use kernel::{HubId, NetworkId};
use platform_db::{Db, DbError, Reach};
use uuid::Uuid;

use crate::Module;

/// Counts the rows of a network in each table that the service wants counted.
///
/// # Errors
/// Fails if the database is away.
pub async fn count_rows(
    module: &dyn Module,
    network: NetworkId,
) -> Result<Vec<(&'static str, i64)>, DbError> {
    let tx = module.db().read(Reach::Network(network)).await?;
    let mut counts = Vec::new();
    for table in module.about().counted {
        let sql = format!("select count(*) as many from {table} where network_id = $1");
        let row = tx.row(&sql, [Uuid::from(network).into()]).await?;
        let row = row.ok_or_else(|| DbError::inconsistent("count", "there is none"))?;
        counts.push((*table, row.try_get("", "many")?));
    }
    Ok(counts)
}

pub(crate) async fn list_networks(db: &Db, table: &'static str) -> Result<Vec<NetworkId>, DbError> {
    let tx = db.read(Reach::Directory).await?;
    let sql = format!("select distinct network_id from {table} order by network_id");
    let rows = tx.rows(&sql, []).await?;
    rows.iter().map(|row| Ok(row.try_get::<Uuid>("", "network_id")?.into())).collect()
}

pub(crate) async fn find_network_of_hub(
    db: &Db,
    table: &'static str,
    hub: HubId,
) -> Result<Option<NetworkId>, DbError> {
    let tx = db.read(Reach::Directory).await?;
    let sql = format!("select network_id from {table} where hub_id = $1");
    let row = tx.row(&sql, [Uuid::from(hub).into()]).await?;
    Ok(row.map(|row| row.try_get::<Uuid>("", "network_id")).transpose()?.map(Into::into))
}
