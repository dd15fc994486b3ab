//! The service as the program runs it.

use std::sync::Arc;

use async_graphql::Request;
use async_trait::async_trait;
use kernel::{OpContext, World};
use platform_bus::{Consumer, Handler};
use platform_db::Db;
use platform_module::{About, Module};

use crate::{AUDITED_ACTIONS, CONSUMES, Events, consumer::Batch, graphql, personal};

/// What every process knows of the service.
pub static ABOUT: About = About {
    name: "events",
    consumes: CONSUMES,
    audits: AUDITED_ACTIONS,
    export: &personal::EXPORT,
    impersonal: personal::IMPERSONAL,
    knows: "your seats at events",
    networks: "events_hub",
    hubs: "events_hub",
    counted: &["seat"],
};

#[async_trait]
impl Module for Events {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn db(&self) -> &Db {
        &self.db
    }

    fn handler(&self, world: &World) -> Arc<dyn Handler> {
        Arc::new(Consumer::<Batch>::new(&self.db, world))
    }

    fn with_request_data(&self, request: Request, op: &OpContext) -> Request {
        graphql::with_request_data(self, request, op)
    }
}
