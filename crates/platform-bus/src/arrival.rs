//! Reads facts that another service wrote a moment ago. Their events are on the way, so a lookup waits for a young id.
//!
//! Always true: a lookup waits only for an id made within the last minute, for two seconds at most, and holds no
//! transaction open meanwhile.

use std::{collections::HashMap, hash::Hash, time::Duration};

use jiff::SignedDuration;
use kernel::{Id, OpContext};

/// The event of an older id has arrived long ago, or never will.
const YOUNG: SignedDuration = SignedDuration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(50);
/// Two seconds in total.
const TRIES: u32 = 40;

/// Finds the local copy of a fact; retries for a while if the id is young.
///
/// # Errors
/// Returns the error of `find`.
pub async fn await_arrival<T, E, F>(op: &OpContext, id: impl Id, find: impl Fn() -> F) -> Result<Option<T>, E>
where
    F: Future<Output = Result<Option<T>, E>>,
{
    patiently(|found: &Option<T>| found.is_none() && is_young(op, id), find).await
}

/// Finds the local copies of several facts; retries for a while if a missing one is young.
///
/// # Errors
/// Returns the error of `find`.
pub async fn await_arrivals<I, T, E, F>(
    op: &OpContext,
    ids: &[I],
    find: impl Fn() -> F,
) -> Result<HashMap<I, T>, E>
where
    I: Id + Hash,
    F: Future<Output = Result<HashMap<I, T>, E>>,
{
    let is_awaited =
        |found: &HashMap<I, T>| ids.iter().any(|id| !found.contains_key(id) && is_young(op, *id));
    patiently(is_awaited, find).await
}

fn is_young(op: &OpContext, id: impl Id) -> bool {
    op.now().duration_since(id.born_at()).abs() < YOUNG
}

async fn patiently<T, E, F>(is_awaited: impl Fn(&T) -> bool, find: impl Fn() -> F) -> Result<T, E>
where
    F: Future<Output = Result<T, E>>,
{
    let mut tries = TRIES;
    loop {
        let found = find().await?;
        if tries == 0 || !is_awaited(&found) {
            return Ok(found);
        }
        tries -= 1;
        tokio::time::sleep(PAUSE).await;
    }
}
