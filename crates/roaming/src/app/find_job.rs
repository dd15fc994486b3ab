//! Finding a job of the caller's own, and watching it.

use futures_util::Stream;
use kernel::{AuthError, Caller, Job, JobId, NetworkId, OpContext};
use platform_db::DbError;

use crate::{Roaming, RoamingError};

impl Roaming {
    /// The job that the caller started.
    ///
    /// # Errors
    /// There is none of theirs by this id.
    #[tracing::instrument(name = "roaming.find_job", skip_all)]
    pub async fn find_job(&self, op: &OpContext, id: JobId) -> Result<Job, RoamingError> {
        let network = network_of(op)?;
        let found = platform_jobs::find_own(&self.db, op, network, id).await?;
        found.ok_or(RoamingError::NotFound("job"))
    }

    /// The job that the caller started: as it is, then at every change, until it is finished.
    ///
    /// # Errors
    /// There is none of theirs by this id.
    pub async fn watch_job(
        &self,
        op: &OpContext,
        id: JobId,
    ) -> Result<impl Stream<Item = Result<Job, DbError>> + use<>, RoamingError> {
        self.find_job(op, id).await?;
        Ok(platform_jobs::watch(self.db.clone(), op.clone(), network_of(op)?, id))
    }
}

fn network_of(op: &OpContext) -> Result<NetworkId, RoamingError> {
    match op.caller() {
        Caller::Anonymous => Err(AuthError::Unauthenticated.into()),
        _ => op.network().ok_or(RoamingError::NotFound("job")),
    }
}
