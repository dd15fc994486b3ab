//! Access of resolvers to the caller's context in the request's data, where the edge puts it.

use async_graphql::{Context, Error};
use kernel::{ErrorCode, OpContext};

use crate::coded_with;

/// Finds the context of a request.
pub trait OpContextExt {
    /// Returns the caller's context.
    ///
    /// # Errors
    /// Fails with `INTERNAL` if the edge did not put it there.
    fn op(&self) -> Result<&OpContext, Error>;
}

impl OpContextExt for Context<'_> {
    fn op(&self) -> Result<&OpContext, Error> {
        self.data_opt::<OpContext>()
            .ok_or_else(|| coded_with(ErrorCode::Internal, "the request has no scope"))
    }
}
