//! Loaders: one statement for a field of many objects, made per request, with the request's own context.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{
    Error, Request,
    dataloader::{DataLoader, Loader},
};
use graph::coded;
use kernel::{HubId, MemberId, NetworkId, OpContext};

use crate::{Hub, Member, Membership, Network, Plan, Space};

pub(crate) struct Hubs(Membership);
pub(crate) struct SpacesOf(Membership);
pub(crate) struct PlansOf(Membership);
pub(crate) struct Networks(Membership);
pub(crate) struct Members(Membership, OpContext);

macro_rules! loader {
    ($($name:ident: $key:ty => $value:ty, |$self:ident, $keys:ident| $load:expr;)*) => {$(
        impl Loader<$key> for $name {
            type Value = $value;
            type Error = Error;
            async fn load(&$self, $keys: &[$key]) -> Result<HashMap<$key, $value>, Error> {
                $load.await.map_err(coded)
            }
        }
    )*};
}

loader! {
    Hubs: HubId => Arc<Hub>, |self, ids| self.0.hubs(ids);
    SpacesOf: HubId => Vec<Space>, |self, ids| self.0.spaces(ids);
    PlansOf: HubId => Vec<Plan>, |self, ids| self.0.plans(ids);
    Networks: NetworkId => Network, |self, ids| self.0.networks(ids);
    Members: MemberId => Member, |self, ids| self.0.members(&self.1, ids);
}

/// Adds the service and its loaders to a request.
pub(crate) fn with_request_data(membership: &Membership, request: Request, op: &OpContext) -> Request {
    let service = || membership.clone();
    request
        .data(service())
        .data(DataLoader::new(Hubs(service()), tokio::spawn))
        .data(DataLoader::new(SpacesOf(service()), tokio::spawn))
        .data(DataLoader::new(PlansOf(service()), tokio::spawn))
        .data(DataLoader::new(Networks(service()), tokio::spawn))
        .data(DataLoader::new(Members(service(), op.clone()), tokio::spawn))
}
