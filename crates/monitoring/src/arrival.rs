//! Waiting for a fact that is still on its way: a hub onboarded a moment ago may not have arrived here yet.
//!
//! Always true: only ids made within the last minute are waited for, for two seconds at most, and no transaction is
//! open meanwhile.

use std::{collections::HashMap, hash::Hash, time::Duration};

use jiff::SignedDuration;
use kernel::{Id, Scope};
use platform_db::DbError;

const YOUNG: SignedDuration = SignedDuration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(50);
const TRIES: u32 = 40;

/// Finds our copies of facts; asks again for a while where one that is missing is so young that its event may still
/// be under way.
pub(crate) async fn arrived<I, T, F>(
    scope: &Scope,
    ids: &[I],
    find: impl Fn() -> F,
) -> Result<HashMap<I, T>, DbError>
where
    I: Id + Hash,
    F: Future<Output = Result<HashMap<I, T>, DbError>>,
{
    let is_young = |id: &I| scope.now().duration_since(id.born_at()).abs() < YOUNG;
    let mut tries = TRIES;
    loop {
        let found = find().await?;
        let is_awaited = ids.iter().any(|id| !found.contains_key(id) && is_young(id));
        if tries == 0 || !is_awaited {
            return Ok(found);
        }
        tries -= 1;
        tokio::time::sleep(PAUSE).await;
    }
}
