//! The graph as the edge sees it: something that answers requests.

use std::sync::{Arc, OnceLock};

use async_graphql::{ObjectType, Request, Response, Schema, SubscriptionType};
use async_trait::async_trait;
use futures_util::{StreamExt, stream::BoxStream};

use crate::complete::Shape;

/// Answers GraphQL requests. Always true: what it answers has the shape that its schema says, whichever fields failed.
#[async_trait]
pub trait GraphService: Send + Sync + 'static {
    /// Carries out a query or a mutation.
    async fn execute(&self, request: Request) -> Response;

    /// Carries out a subscription: one response an event.
    fn stream(&self, request: Request) -> BoxStream<'static, Response>;
}

/// An async-graphql schema as a service.
pub struct SchemaService<Query, Mutation, Subscription> {
    schema: Schema<Query, Mutation, Subscription>,
    /// Read when the first field fails.
    shape: Arc<OnceLock<Shape>>,
}

impl<Query, Mutation, Subscription> SchemaService<Query, Mutation, Subscription> {
    /// Answers by a schema.
    pub fn new(schema: Schema<Query, Mutation, Subscription>) -> Self {
        Self { schema, shape: Arc::default() }
    }
}

#[async_trait]
impl<Query, Mutation, Subscription> GraphService for SchemaService<Query, Mutation, Subscription>
where
    Query: ObjectType + 'static,
    Mutation: ObjectType + 'static,
    Subscription: SubscriptionType + 'static,
{
    async fn execute(&self, request: Request) -> Response {
        let (document, operation) = (request.query.clone(), request.operation_name.clone());
        let mut response = self.schema.execute(request).await;
        if !response.errors.is_empty() {
            let shape = self.shape.get_or_init(|| Shape::of(&self.schema.sdl()));
            shape.complete(&document, operation.as_deref(), &mut response);
        }
        response
    }

    fn stream(&self, request: Request) -> BoxStream<'static, Response> {
        let (document, operation) = (request.query.clone(), request.operation_name.clone());
        let (schema, shape) = (self.schema.clone(), Arc::clone(&self.shape));
        let completed = move |mut response: Response| {
            if !response.errors.is_empty() {
                let shape = shape.get_or_init(|| Shape::of(&schema.sdl()));
                shape.complete(&document, operation.as_deref(), &mut response);
            }
            response
        };
        self.schema.execute_stream(request).map(completed).boxed()
    }
}
