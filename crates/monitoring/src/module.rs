//! The service as the program runs it.

use std::sync::Arc;

use async_graphql::Request;
use async_trait::async_trait;
use kernel::{OpContext, World};
use platform_bus::{Consumer, Handler};
use platform_db::Db;
use platform_module::{About, Finding, Module};

use crate::{CONSUMES, Monitoring, MonitoringError, consumer::Batch, graphql, personal};

/// What every process knows of the service.
pub static ABOUT: About = About {
    name: "monitoring",
    consumes: CONSUMES,
    audits: &[],
    export: &personal::EXPORT,
    impersonal: personal::IMPERSONAL,
    knows: "counts of visits; it does not know whose they are",
    networks: "monitoring_network",
    hubs: "monitoring_hub",
    counted: &[],
};

#[async_trait]
impl Module for Monitoring {
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

    /// R17: the indicators of every network equal the sums of its visits.
    async fn verify(&self, op: &OpContext, repair: bool) -> Vec<Finding> {
        vec![Finding::new("indicators", compare(self, op, repair).await)]
    }
}

async fn compare(
    monitoring: &Monitoring,
    op: &OpContext,
    repair: bool,
) -> Result<Result<String, String>, MonitoringError> {
    let (mut differing, mut mended) = (0, 0);
    for network in monitoring.list_networks().await? {
        if repair {
            mended += monitoring.mend_rollups(op, network).await?;
        }
        differing += monitoring.verify_rollups(op, network).await?.len();
    }
    Ok(match (differing, mended) {
        (0, 0) => Ok("equal a recount of the visits in every network".into()),
        (0, some) => Ok(format!("{some} made equal to a recount of the visits")),
        (some, _) => Err(format!(
            "{some} differ from a recount of the visits: `hubnet doctor --repair` makes them equal"
        )),
    })
}
