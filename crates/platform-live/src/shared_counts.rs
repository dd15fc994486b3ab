//! Counts that all processes share, such as the requests of one caller in the present second.
//!
//! Always true: a count expires soon after it began; without Redis there is none, and its user counts alone.

use crate::redis_connection::{PATIENCE, RedisConnection};

/// A count is useless after this time.
const COUNTED_SECONDS: i64 = 30;

/// Adds to counts and returns the totals in the same order; `None` while Redis is away.
pub(crate) async fn add(connection: &RedisConnection, counts: &[(String, u64)]) -> Option<Vec<u64>> {
    let mut pipe = redis::pipe();
    for (name, count) in counts {
        let key = connection.key(&format!("count:{name}"));
        pipe.incr(&key, *count).expire(&key, COUNTED_SECONDS).ignore();
    }
    let added = async {
        let mut redis = connection.open().await?;
        pipe.query_async::<Vec<u64>>(&mut redis).await
    };
    match tokio::time::timeout(PATIENCE, added).await {
        Ok(Ok(totals)) => Some(totals),
        Ok(Err(error)) => {
            tracing::debug!(%error, "callers are counted by this process alone");
            None
        }
        Err(_late) => None,
    }
}
