//! Waiting for a fact that is still on its way: a member enrolled a moment ago may not have arrived here yet.
//!
//! Always true: only an id made within the last minute is waited for, for two seconds at most, and no transaction is
//! open meanwhile.

use std::time::Duration;

use jiff::SignedDuration;
use kernel::{Id, Scope};
use platform_db::DbError;

const YOUNG: SignedDuration = SignedDuration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(50);
const TRIES: u32 = 40;

/// Finds our copy of a fact; asks again for a while where the id is so young that the event may still be under way.
pub(crate) async fn arrived<T, F>(
    scope: &Scope,
    id: impl Id,
    find: impl Fn() -> F,
) -> Result<Option<T>, DbError>
where
    F: Future<Output = Result<Option<T>, DbError>>,
{
    let age = scope.now().duration_since(id.born_at());
    let mut tries = if age.abs() < YOUNG { TRIES } else { 0 };
    loop {
        let found = find().await?;
        if found.is_some() || tries == 0 {
            return Ok(found);
        }
        tries -= 1;
        tokio::time::sleep(PAUSE).await;
    }
}
