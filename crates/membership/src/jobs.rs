//! The kinds of jobs that membership does.

use jiff::SignedDuration;
use kernel::Coded;
use platform_jobs::{JobError, Kind};

use crate::Membership;

/// Closes the visits that nobody checked out of.
pub const FORGOTTEN_VISITS: &str = "forgotten_visits";

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
}
