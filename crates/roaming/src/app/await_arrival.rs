//! Reading what another service wrote a moment ago: its event is on the way, so a young id is waited for.

use std::time::Duration;

use jiff::SignedDuration;
use kernel::{Id, Scope};

use crate::RoamingError;

/// An id older than this was told of long ago, or never.
const YOUNG: SignedDuration = SignedDuration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(50);
/// Two seconds in all.
const ATTEMPTS: u32 = 40;

/// Looks for a thing of another service; if its id is young, for up to two seconds.
pub(super) async fn await_arrival<T, F>(
    scope: &Scope,
    id: impl Id,
    find: impl Fn() -> F,
) -> Result<Option<T>, RoamingError>
where
    F: Future<Output = Result<Option<T>, RoamingError>>,
{
    let is_young = scope.now().duration_since(id.born_at()).abs() < YOUNG;
    for _ in 1..if is_young { ATTEMPTS } else { 1 } {
        if let Some(found) = find().await? {
            return Ok(Some(found));
        }
        tokio::time::sleep(PAUSE).await;
    }
    find().await
}
