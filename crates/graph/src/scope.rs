//! Where resolvers find the caller's scope: in the request's data, put there by the edge.

use async_graphql::{Context, Error};
use kernel::{ErrorCode, Scope};

use crate::coded_with;

/// Finds the scope of a request.
pub trait ScopeExt {
    /// The caller's scope.
    ///
    /// # Errors
    /// `INTERNAL` when the edge forgot to put it there.
    fn scope(&self) -> Result<&Scope, Error>;
}

impl ScopeExt for Context<'_> {
    fn scope(&self) -> Result<&Scope, Error> {
        self.data_opt::<Scope>().ok_or_else(|| coded_with(ErrorCode::Internal, "the request has no scope"))
    }
}
