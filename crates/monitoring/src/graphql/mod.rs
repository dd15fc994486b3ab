//! The service in the graph: thin resolvers that parse, call and map.
//!
//! Always true: fields added to `Hub` and `Network` are nullable; a hub's metrics load through the request's loader,
//! so that a list of hubs costs a fixed number of statements; series are parallel arrays, because a field for each
//! number would cost more than the numbers.
//!
//! A nullable field returns `Option<Result<…>>`: an error then makes only that field null, whereas an error of
//! `Result<Option<…>>` makes the parent object null.

mod hub_fields;
mod indicator_card;
mod loader;
mod metrics;
mod network_fields;
mod query;

use async_graphql::{Context, Error, Request, dataloader::DataLoader};
use graph::coded_with;
use kernel::{ErrorCode, OpContext};
use loader::Loader;

pub use hub_fields::HubFields;
pub use indicator_card::IndicatorCard;
pub use metrics::{Metrics, MetricsPeriod, Period};
pub use network_fields::NetworkFields;
pub use query::Query;

use crate::Monitoring;

pub(crate) fn with_request_data(monitoring: &Monitoring, request: Request, op: &OpContext) -> Request {
    let loader = Loader::new(monitoring.clone(), op.clone());
    request.data(monitoring.clone()).data(DataLoader::new(loader, tokio::spawn))
}

/// Returns the service that the HTTP layer put into the request.
fn service<'ctx>(ctx: &Context<'ctx>) -> Result<&'ctx Monitoring, Error> {
    let missing = || coded_with(ErrorCode::Internal, "the request has no monitoring service");
    ctx.data_opt::<Monitoring>().ok_or_else(missing)
}
