//! The kinds of jobs that membership does.

use jiff::SignedDuration;
use kernel::Coded;
use platform_jobs::{JobError, Kind};

use crate::Membership;

/// Closes the visits that nobody checked out of.
pub const FORGOTTEN_VISITS: &str = "forgotten_visits";

/// Makes members of before there was a search searchable.
pub const MEMBER_INDEX: &str = "member_index";

/// How often members that cannot be found are looked for: there are some only after an upgrade.
const INDEXED_WITHIN: SignedDuration = SignedDuration::from_hours(24);
/// A forgotten visit is closed so long after its hub has closed, at most.
const CLOSED_WITHIN: SignedDuration = SignedDuration::from_mins(1);
/// Attempts end before the next run is due.
const ATTEMPTS: i64 = 3;
const FIRST_PAUSE: SignedDuration = SignedDuration::from_secs(5);

impl Membership {
    /// The recurring job.
    pub(crate) fn forgotten_visits(&self) -> Kind {
        let membership = self.clone();
        let forgotten_visits = Kind::new(FORGOTTEN_VISITS, move |run| {
            let membership = membership.clone();
            async move {
                let closed = membership.close_forgotten_visits(&run.op()).await;
                closed.map(drop).map_err(|error| JobError::retry(error.code(), error))
            }
        });
        forgotten_visits.every(CLOSED_WITHIN).attempts(ATTEMPTS).first_pause(FIRST_PAUSE)
    }

    /// The recurring job that makes members of before there was a search searchable.
    pub(crate) fn member_index(&self) -> Kind {
        let membership = self.clone();
        let member_index = Kind::new(MEMBER_INDEX, move |_run| {
            let membership = membership.clone();
            async move {
                let indexed = membership.index_all_members().await;
                indexed.map(drop).map_err(|error| JobError::retry(error.code(), error))
            }
        });
        member_index.every(INDEXED_WITHIN)
    }
}
