//! The graph as the edge sees it: something that answers requests.

use async_graphql::{ObjectType, Request, Response, Schema, SubscriptionType};
use async_trait::async_trait;
use futures_util::stream::BoxStream;

/// Answers GraphQL requests. Every async-graphql schema is one.
#[async_trait]
pub trait GraphService: Send + Sync + 'static {
    /// Carries out a query or a mutation.
    async fn execute(&self, request: Request) -> Response;

    /// Carries out a subscription: one response an event.
    fn stream(&self, request: Request) -> BoxStream<'static, Response>;
}

#[async_trait]
impl<Query, Mutation, Subscription> GraphService for Schema<Query, Mutation, Subscription>
where
    Query: ObjectType + 'static,
    Mutation: ObjectType + 'static,
    Subscription: SubscriptionType + 'static,
{
    async fn execute(&self, request: Request) -> Response {
        Schema::execute(self, request).await
    }

    fn stream(&self, request: Request) -> BoxStream<'static, Response> {
        Schema::execute_stream(self, request)
    }
}
