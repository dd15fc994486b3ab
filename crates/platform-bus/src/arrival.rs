//! Reading what another service wrote a moment ago: its event is on the way, so a young id is waited for.
//!
//! Always true: only an id made within the last minute is waited for, for two seconds at most; whoever waits holds no
//! transaction open meanwhile.

use std::{collections::HashMap, hash::Hash, time::Duration};

use jiff::SignedDuration;
use kernel::{Id, OpContext};

/// An id older than this was told of long ago, or never.
const YOUNG: SignedDuration = SignedDuration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(50);
/// Two seconds in all.
const TRIES: u32 = 40;

/// Finds our copy of a fact; asks again for a while where the id is young.
///
/// # Errors
/// Whatever `find` answers.
pub async fn await_arrival<T, E, F>(op: &OpContext, id: impl Id, find: impl Fn() -> F) -> Result<Option<T>, E>
where
    F: Future<Output = Result<Option<T>, E>>,
{
    patiently(|found: &Option<T>| found.is_none() && is_young(op, id), find).await
}

/// Finds our copies of several facts; asks again for a while where a missing one is young.
///
/// # Errors
/// Whatever `find` answers.
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
