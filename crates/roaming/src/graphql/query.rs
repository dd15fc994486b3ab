//! The service's part of `Query`.

use async_graphql::{Context, Error, ID, Object};
use graph::{Job, OpContextExt, PersonalData, coded, parse_id};

use super::roaming;

/// Roaming's part of the query root.
#[derive(Debug, Clone, Copy, Default)]
pub struct Query;

#[Object(name = "RoamingQuery")]
impl Query {
    /// The personal data roaming keeps about the caller, in pieces of at most 500 rows: a part of the caller's
    /// export. Only for people, each about themselves.
    async fn roaming_personal_data(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The cursor from the previous piece; omit it for the first one.")] after: Option<
            String,
        >,
    ) -> Option<Result<PersonalData, Error>> {
        Some(personal_data(ctx, after.as_deref()).await)
    }

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
    let found = roaming(ctx)?.find_job(ctx.op()?, parse_id(id, "id")?).await;
    Ok(found.map_err(coded)?.into())
}

async fn personal_data(ctx: &Context<'_>, after: Option<&str>) -> Result<PersonalData, Error> {
    let piece = roaming(ctx)?.export_personal_data(ctx.op()?, after).await;
    Ok(piece.map_err(coded)?.into())
}
