//! The graph as the edge sees it: a service that executes requests.

use std::sync::{Arc, OnceLock};

use async_graphql::{ObjectType, Request, Response, Schema, SubscriptionType};
use async_trait::async_trait;
use futures_util::{StreamExt, stream::BoxStream};

use crate::requests::complete::Shape;

/// Executes GraphQL requests. Always true: a response has the shape of the schema, whichever fields failed.
#[async_trait]
pub trait GraphService: Send + Sync + 'static {
    /// Executes a query or a mutation.
    async fn execute(&self, request: Request) -> Response;

    /// Executes a subscription: one response for each event.
    fn stream(&self, request: Request) -> BoxStream<'static, Response>;
}

/// An async-graphql schema as a service.
pub struct SchemaService<Query, Mutation, Subscription> {
    schema: Schema<Query, Mutation, Subscription>,
    /// Parsed when the first field fails.
    shape: Arc<OnceLock<Shape>>,
}

impl<Query, Mutation, Subscription> SchemaService<Query, Mutation, Subscription> {
    /// Creates a service from a schema.
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
