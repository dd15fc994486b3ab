//! The service in the graph: thin resolvers that parse, call and map.
//!
//! Always true: fields added to `Hub` and `Network` are nullable; a hub's metrics load through the request's loader,
//! so that a list of hubs costs a fixed number of statements; series are parallel arrays, because a field for each
//! number would cost more than the numbers.
//!
//! A nullable field returns `Option<Result<…>>`: an error then makes only that field null, whereas an error of
//! `Result<Option<…>>` makes the parent object null.

mod hub;
mod indicator_card;
mod loaders;
mod metrics;
mod network;
mod query;

use async_graphql::{Context, Error, Request};
use kernel::OpContext;
use loaders::Loaders;

pub use hub::HubFields;
pub use indicator_card::IndicatorCard;
pub use metrics::{Metrics, MetricsPeriod, Period};
pub use network::NetworkFields;
pub use query::Query;

use crate::Monitoring;

pub(crate) fn with_request_data(monitoring: &Monitoring, request: Request, op: &OpContext) -> Request {
    request.data(monitoring.clone()).data(Loaders::of(monitoring, op))
}

/// Returns the service from the request's data.
fn service<'c>(ctx: &Context<'c>) -> Result<&'c Monitoring, Error> {
    platform_module::service(ctx)
}
