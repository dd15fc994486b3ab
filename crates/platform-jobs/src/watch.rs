//! Watching a job: as it is, then at every change, until it is finished.
//!
//! The job is read again every half second while somebody watches it; so it does not matter which process runs it.

use std::time::Duration;

use futures_util::{Stream, stream};
use kernel::{Job, JobId, NetworkId, OpContext};
use platform_db::{Db, DbError};

use crate::find_own;

const LOOK_EVERY: Duration = Duration::from_millis(500);

/// The states of a job that the caller started in a network, the present one first. Ends after the last one, and when the
/// job is not there.
pub fn watch(
    db: Db,
    op: OpContext,
    network: NetworkId,
    id: JobId,
) -> impl Stream<Item = Result<Job, DbError>> + Send {
    let begin: Option<Option<Job>> = Some(None);
    stream::unfold(begin, move |last| {
        let (db, op) = (db.clone(), op.clone());
        async move {
            let last = last?;
            loop {
                match find_own(&db, &op, network, id).await {
                    Err(error) => return Some((Err(error), None)),
                    Ok(None) => return None,
                    Ok(Some(job)) if last.as_ref() == Some(&job) => tokio::time::sleep(LOOK_EVERY).await,
                    Ok(Some(job)) => {
                        let next = (!job.state.is_finished()).then(|| Some(job.clone()));
                        return Some((Ok(job), next));
                    }
                }
            }
        }
    })
}
