//! The service's part of `Query`.

use std::marker::PhantomData;

use async_graphql::{Context, Error, Object};
use graph::{Graph, OpContextExt};

use super::Me;

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
}
