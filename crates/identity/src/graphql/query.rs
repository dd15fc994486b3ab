//! The service's part of `Query`.

use std::marker::PhantomData;

use async_graphql::{Context, Error, Object};
use graph::{Graph, OpContextExt, PersonalData, coded};

use super::{Me, service};

/// The queries of the identity service.
#[derive(Debug, Clone, Copy)]
pub struct Query<G>(PhantomData<fn() -> G>);

impl<G> Default for Query<G> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

#[Object(name = "IdentityQuery")]
impl<G: Graph> Query<G> {
    /// The authenticated caller; null without a token.
    async fn me(&self, ctx: &Context<'_>) -> Result<Option<Me<G>>, Error> {
        Ok(Me::of(ctx.op()?.caller()))
    }
    /// The identity service's data about the caller, in pieces of at most 500 rows: its part of their export. For
    /// people only, each about themselves.
    async fn identity_personal_data(
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
    let piece = service(ctx)?.export_personal_data(ctx.op()?, after).await;
    Ok(piece.map_err(coded)?.into())
}
