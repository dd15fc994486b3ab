//! Writing what was decided by heart: touches, the visits they changed and the events that tell of them.
//!
//! Always true: written only if every person is still at the version that was known of them, and then their versions
//! grow. PostgreSQL does it in one round trip (`record_touches`, in the migrations).

use kernel::{CloudEvent, NetworkId, PersonId};
use platform_db::{Db, DbError, Insert, Reach, Tx};
use serde_json::{Map, Value};
use uuid::Uuid;

/// What touches leave in the database.
#[derive(Debug)]
pub(crate) struct Rows {
    pub touches: Insert,
    pub visits: Insert,
    pub events: Vec<CloudEvent>,
}

/// A person, and the version known of them.
pub(crate) type Known = (PersonId, i64);

/// Writes, if it is still so; answers whether it was.
pub(crate) async fn write_if_still_so(
    db: &Db,
    network: NetworkId,
    known: &[Known],
    rows: Rows,
) -> Result<bool, DbError> {
    let Rows { touches, visits, events } = rows;
    if db.is_embedded() {
        let tx = db.write(Reach::Network(network)).await?;
        for known in known {
            if !raise(&tx, network, *known).await? {
                return Ok(false);
            }
        }
        tx.write_all(vec![touches, visits], events).await?;
        tx.commit().await?;
        return Ok(true);
    }
    let version = |(person, version): &Known| (Uuid::from(*person).to_string(), Value::from(*version));
    let versions: Map<String, Value> = known.iter().map(version).collect();
    let json = vec![Value::Object(versions).to_string(), touches.into_json()?, visits.into_json()?];
    db.write_at_once("record_touches", Uuid::from(network).to_string(), json, events).await
}

async fn raise(tx: &Tx, network: NetworkId, (person, version): Known) -> Result<bool, DbError> {
    let sql = "update person set version = version + 1 \
               where network_id = $1 and person_id = $2 and version = $3";
    let values = [Uuid::from(network).into(), Uuid::from(person).into(), version.into()];
    Ok(tx.run(sql, values).await?.rows_affected() == 1)
}
