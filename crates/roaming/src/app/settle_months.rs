//! Settling all months that wait for it, as a job: for a coordinator who is behind by several months.
//!
//! Always true: each month is settled by [`Roaming::close_settlement`] in a transaction of its own, under the name of
//! whoever started the job, oldest month first. A month that is settled already is left as it is, so the job may be run
//! again at any point.

use kernel::{Coded, ErrorCode, Job, JobId, Month, NetworkId, OpContext, Permission};
use platform_db::{Idempotent, Reach};
use platform_jobs::{JobError, Kind, NewJob, Run};
use serde::{Deserialize, Serialize};

use crate::{Roaming, RoamingError, store};

/// The kind of these jobs.
pub const SETTLE_MONTHS: &str = "settle_months";

/// What the job needs to know: the months, decided when it was asked for.
#[derive(Debug, Serialize, Deserialize)]
struct SettleMonths {
    months: Vec<Month>,
}

impl Roaming {
    /// Queues a job that settles every month with charges between hubs that is not settled, up to a month that is over,
    /// and that month. Asked for again while the caller's job waits or runs, it returns that job.
    ///
    /// # Errors
    /// The month is not over; the caller may not settle the network's months.
    #[tracing::instrument(name = "roaming.settle_months", skip_all)]
    pub async fn settle_months(
        &self,
        op: &OpContext,
        network: NetworkId,
        through: Month,
    ) -> Result<Job, RoamingError> {
        op.require_in_network(Permission::CloseSettlement, network)?;
        let id = match self.db.idempotent(op, Reach::Network(network), "settleMonths", &through).await? {
            Idempotent::Replayed(id) => id,
            Idempotent::New(tx) => {
                let known = store::facts::find_network(&tx, network).await?;
                let zone = known.ok_or(RoamingError::NotFound("network"))?.zone;
                if op.now() < through.interval(&zone).until() {
                    return Err(RoamingError::MonthNotOver(through));
                }
                let mut months = store::settlement::open_months(&tx, network, through).await?;
                if !months.contains(&through) {
                    months.push(through);
                }
                let job = NewJob::new(SETTLE_MONTHS, &SettleMonths { months })?.unique(through.to_string());
                let id: JobId = platform_jobs::enqueue(&tx, op, network, job).await?;
                tx.commit_with_outcome(&id).await?;
                id
            }
        };
        let job = platform_jobs::find_own(&self.db, op, network, id).await?;
        job.ok_or(RoamingError::NotFound("job"))
    }

    /// The kind, for the worker.
    pub(crate) fn settle_months_kind(&self) -> Kind {
        let roaming = self.clone();
        Kind::new(SETTLE_MONTHS, move |run| {
            let roaming = roaming.clone();
            async move { roaming.settle_each(&run).await }
        })
    }

    async fn settle_each(&self, run: &Run) -> Result<(), JobError> {
        let SettleMonths { months } = run.input()?;
        let total = i64::try_from(months.len()).unwrap_or(i64::MAX);
        for (done, month) in (0..).zip(&months) {
            run.progress(done, total, &format!("settling {month}")).await?;
            self.close_settlement(&run.op(), run.network(), *month)
                .await
                .map_err(|error| job_error(&error))?;
        }
        Ok(run.progress(total, total, "settled").await?)
    }
}

/// What the database or a broken rule prevents may go well later; what the caller or the rates prevent does not by itself.
fn job_error(error: &RoamingError) -> JobError {
    match error.code() {
        code @ (ErrorCode::Unavailable | ErrorCode::Internal) => JobError::retry(code, error),
        code => JobError::fail(code, error),
    }
}
