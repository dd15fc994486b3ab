//! Writes cached decisions: touches, the visits they changed and the events about them.
//!
//! Always true: rows are written only if every person is still at the cached version and every arrival finds a seat
//! ([`super::seats`]); then versions grow and seats are taken. Persons are locked before seats, seats in order.
//! PostgreSQL does it in one round trip (`record_presence`, in the migrations).

use kernel::{CloudEvent, HubId, NetworkId, PersonId};
use platform_db::{Db, DbError, Insert, Reach, Tx};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// The rows that touches leave in the database.
#[derive(Debug)]
pub(crate) struct Rows {
    pub touches: Insert,
    pub visits: Insert,
    pub events: Vec<CloudEvent>,
}

/// A person and their cached version.
pub(crate) type Known = (PersonId, i64);

/// The change in a hub's open visits, the maximum allowed, and the version of the hub that was decided on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SeatsWanted {
    pub hub: HubId,
    pub version: i64,
    pub more: i64,
    pub capacity: i64,
}

/// Writes if the cached versions still hold and every hub is unchanged and has the seats. Returns whether it wrote.
pub(crate) async fn write_if_still_so(
    db: &Db,
    network: NetworkId,
    known: &[Known],
    wanted: &[SeatsWanted],
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
        for wanted in wanted {
            if !take_seats(&tx, network, *wanted).await? {
                return Ok(false);
            }
        }
        tx.write_all(vec![touches, visits], events).await?;
        tx.commit().await?;
        return Ok(true);
    }
    let version = |(person, version): &Known| (Uuid::from(*person).to_string(), Value::from(*version));
    let versions: Map<String, Value> = known.iter().map(version).collect();
    let seats = |it: &SeatsWanted| json!({ "hub_id": Uuid::from(it.hub), "version": it.version, "more": it.more, "capacity": it.capacity });
    let seats: Vec<Value> = wanted.iter().map(seats).collect();
    let json = vec![
        Value::Object(versions).to_string(),
        Value::Array(seats).to_string(),
        touches.into_json()?,
        visits.into_json()?,
    ];
    db.write_at_once("record_presence", Uuid::from(network).to_string(), json, events).await
}

async fn raise(tx: &Tx, network: NetworkId, (person, version): Known) -> Result<bool, DbError> {
    let sql = "update person set version = version + 1 \
               where network_id = $1 and person_id = $2 and version = $3";
    let values = [Uuid::from(network).into(), Uuid::from(person).into(), version.into()];
    Ok(tx.run(sql, values).await?.rows_affected() == 1)
}

/// Takes seats or gives them back. Returns false if a hub does not have enough, or has changed.
async fn take_seats(tx: &Tx, network: NetworkId, wanted: SeatsWanted) -> Result<bool, DbError> {
    let sql = "update hub_seats set taken = taken + $1 \
               where network_id = $2 and hub_id = $3 and ($1 <= 0 or taken + $1 <= $4) \
               and hub_version = $5";
    let values = [
        wanted.more.into(),
        Uuid::from(network).into(),
        Uuid::from(wanted.hub).into(),
        wanted.capacity.into(),
        wanted.version.into(),
    ];
    Ok(tx.run(sql, values).await?.rows_affected() == 1)
}
