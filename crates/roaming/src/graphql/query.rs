//! The service's part of `Query`.

use async_graphql::{Context, Error, ID, Object};
use graph::{Job, OpContextExt, coded, parse_id};

use super::service;

/// Roaming's part of the query root.
#[derive(Debug, Clone, Copy, Default)]
pub struct Query;

#[Object(name = "RoamingQuery")]
impl Query {
    /// A job that the caller started: by `settleMonths`. Somebody else's is not found.
    async fn job(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The job's id.")] id: ID,
    ) -> Option<Result<Job, Error>> {
        Some(job(ctx, &id).await)
    }
}

async fn job(ctx: &Context<'_>, id: &ID) -> Result<Job, Error> {
    let found = service(ctx)?.find_job(ctx.op()?, parse_id(id, "id")?).await;
    Ok(found.map_err(coded)?.into())
}
