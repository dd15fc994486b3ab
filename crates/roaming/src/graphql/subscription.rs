//! What can be watched of roaming.

use async_graphql::{Context, Error, ID, Result, Subscription as Subscribe};
use futures_util::{Stream, StreamExt};
use graph::{Job, OpContextExt, coded, parse_id};

use super::service;
use crate::RoamingError;

/// Roaming's part of the subscription root.
#[derive(Debug, Clone, Copy, Default)]
pub struct Subscription;

#[Subscribe(name = "RoamingSubscription")]
impl Subscription {
    /// A job that the caller started: as it is, then at every change, until it is done or has failed. Somebody else's is
    /// not found.
    async fn job_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The job's id.")] id: ID,
    ) -> Result<impl Stream<Item = Result<Job, Error>> + use<>> {
        let id = parse_id(&id, "id")?;
        let watched = service(ctx)?.watch_job(ctx.op()?, id).await.map_err(coded)?;
        Ok(watched.map(|job| job.map(Job::from).map_err(|error| coded(RoamingError::from(error)))))
    }
}
