//! The service's part of `Query`.

use async_graphql::{Context, Error, Object};
use graph::{OpContextExt, PersonalData, coded};

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
}

async fn personal_data(ctx: &Context<'_>, after: Option<&str>) -> Result<PersonalData, Error> {
    let piece = roaming(ctx)?.export_personal_data(ctx.op()?, after).await;
    Ok(piece.map_err(coded)?.into())
}
