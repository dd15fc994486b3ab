//! Seats: the number of people inside each hub, counted at admission (R24).
//!
//! Always true:
//! - `hub_seats.taken` is at least the number of a hub's open visits. A transaction that changes that number locks
//!   the row, after the persons and in order of hubs, and writes the new number together with the visits. Two
//!   transactions that admit people to one hub are therefore serialised, in one process or in many, whatever the live
//!   state shows; the second sees the seats that the first has taken.
//! - If the number leaves no seat, the open visits are counted under that lock. Nobody else changes them meanwhile,
//!   so the count is exact and the written number is exact again: a number that was too high corrects itself.
//! - A hub that was never counted has [`UNCOUNTED`]: its first arrival counts it.
//! - The row holds the version of its hub. A decision made under another version is not written: the hub has changed
//!   since (its hours, its capacity, its devices), perhaps in another process.
//! - The row is read in the statement that raises the persons' versions and written with the visits: a hub with free
//!   seats costs no extra round trip, and at most one row for each batch.

use std::collections::{BTreeMap, HashMap, HashSet};

use kernel::{HubId, NetworkId, PersonId};
use platform_db::{DbError, Insert, Tx};
use sea_orm::{QueryResult, Value};
use uuid::Uuid;

use super::uuids;

/// More than any hub has: the hub is not counted yet.
pub(crate) const UNCOUNTED: i64 = 1 << 40;

/// The seats of hubs that are locked until the end of the transaction.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    seats: HashMap<HubId, i64>,
    versions: HashMap<HubId, i64>,
    counted: HashSet<HubId>,
}

impl Taken {
    /// Returns the number of missing seats of a hub for so many more people.
    pub(crate) fn missing(&self, hub: HubId, more: i64, capacity: u32) -> i64 {
        let taken = self.seats.get(&hub).copied().unwrap_or(UNCOUNTED);
        taken.saturating_add(more).saturating_sub(capacity.into())
    }

    /// Returns the present versions of the locked hubs.
    pub(crate) fn versions(&self) -> impl Iterator<Item = (HubId, i64)> {
        self.versions.iter().map(|(hub, version)| (*hub, *version))
    }

    /// Returns whether the number of a hub is exact.
    pub(crate) fn is_counted(&self, hub: HubId) -> bool {
        self.counted.contains(&hub)
    }

    /// Sets the exact number of a hub.
    pub(crate) fn count(&mut self, hub: HubId, present: i64) {
        self.seats.insert(hub, present);
        self.counted.insert(hub);
    }

    /// Returns the rows to write when the number of open visits changes.
    pub(crate) fn rows(&self, network: NetworkId, changes: &BTreeMap<HubId, i64>) -> Insert {
        let hubs: BTreeMap<HubId, i64> = self.counted.iter().map(|hub| (*hub, 0)).collect();
        let changes = hubs.into_iter().chain(changes.iter().map(|(hub, change)| (*hub, *change)));
        let row = |(hub, change): (HubId, i64)| {
            let taken = self.seats.get(&hub).copied().unwrap_or(UNCOUNTED).saturating_add(change).max(0);
            vec![Uuid::from(hub).into(), Uuid::from(network).into(), taken.into()]
        };
        // A hub that was counted and changes appears once: the change wins.
        let changes: BTreeMap<HubId, i64> = changes.collect();
        Insert {
            head: "insert into hub_seats (hub_id, network_id, taken)".into(),
            rows: changes.into_iter().map(row).collect(),
            tail: "on conflict (hub_id) do update set taken = excluded.taken",
        }
    }

    fn add(&mut self, rows: &[QueryResult]) -> Result<(), DbError> {
        for row in rows {
            let hub: HubId = row.try_get::<Uuid>("", "hub_id")?.into();
            self.seats.insert(hub, row.try_get("", "taken")?);
            self.versions.insert(hub, row.try_get("", "hub_version")?);
        }
        Ok(())
    }
}

/// Raises the versions of locked persons and locks the seats of hubs. Cached data about the persons is no longer
/// valid.
pub(crate) async fn raise_and_lock(
    tx: &Tx,
    network: NetworkId,
    persons: &[PersonId],
    hubs: &[HubId],
) -> Result<Taken, DbError> {
    let mut taken = Taken::default();
    if persons.is_empty() {
        return Ok(taken);
    }
    let (which, ids) = tx.among_ids("person_id", 2, persons);
    let raise = format!("update person set version = version + 1 where network_id = $1 and {which}");
    if !tx.is_postgres() || hubs.is_empty() {
        tx.run(&raise, of(network, ids)).await?;
        lock_more(tx, network, hubs, &mut taken).await?;
        return Ok(taken);
    }
    let (select, more) = select(tx, 3, hubs);
    let sql = format!("with raised as ({raise}) {select}");
    taken.add(&tx.rows(&sql, of(network, ids).chain(more)).await?)?;
    lock_more(tx, network, hubs, &mut taken).await?;
    Ok(taken)
}

/// Locks the seats of the hubs that are not locked yet.
pub(crate) async fn lock_more(
    tx: &Tx,
    network: NetworkId,
    hubs: &[HubId],
    taken: &mut Taken,
) -> Result<(), DbError> {
    let missing = |taken: &Taken| -> Vec<HubId> {
        hubs.iter().copied().filter(|hub| !taken.seats.contains_key(hub)).collect()
    };
    let unlocked = missing(taken);
    if unlocked.is_empty() {
        return Ok(());
    }
    let (sql, ids) = select(tx, 2, &unlocked);
    taken.add(&tx.rows(&sql, of(network, ids)).await?)?;
    let unknown = missing(taken);
    if unknown.is_empty() {
        return Ok(());
    }
    let row = |hub: &HubId| [Uuid::from(*hub).into(), Uuid::from(network).into(), UNCOUNTED.into()];
    let head = "insert into hub_seats (hub_id, network_id, taken)";
    tx.insert_rows(head, unknown.iter().map(row).collect(), "on conflict (hub_id) do nothing").await?;
    let (sql, ids) = select(tx, 2, &unknown);
    taken.add(&tx.rows(&sql, of(network, ids)).await?)
}

fn select(tx: &Tx, first: usize, hubs: &[HubId]) -> (String, Vec<Value>) {
    let (which, ids) = tx.among("hub_id", first, &uuids(hubs));
    let lock = if tx.is_postgres() { "for no key update" } else { "" };
    (
        format!(
            "select hub_id, taken, hub_version from hub_seats where network_id = $1 and {which} order by hub_id {lock}"
        ),
        ids,
    )
}

fn of(network: NetworkId, others: Vec<Value>) -> impl Iterator<Item = Value> {
    std::iter::once(Uuid::from(network).into()).chain(others)
}
