//! The service's part of `Query`.

use std::marker::PhantomData;

use async_graphql::{Context, Error, Object};
use graph::{Graph, ScopeExt};

use super::Me;

/// What can be asked of the identity service.
#[derive(Debug, Clone, Copy)]
pub struct Query<G>(PhantomData<fn() -> G>);

impl<G> Default for Query<G> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

#[Object(name = "IdentityQuery")]
impl<G: Graph> Query<G> {
    /// Who is signed in; nothing without a token.
    async fn me(&self, ctx: &Context<'_>) -> Result<Option<Me<G>>, Error> {
        Ok(Me::of(ctx.scope()?.caller()))
    }
}
