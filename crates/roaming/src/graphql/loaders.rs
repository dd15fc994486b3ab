//! The loaders of one request: tariffs of many hubs and passes of many members, one statement each.

use std::collections::HashMap;

use async_graphql::{Error, dataloader::Loader};
use graph::coded;
use kernel::{HubId, MemberId};

use crate::{Roaming, SeenPass, Tariff};

platform_module::loaders!(Roaming);

impl Loader<HubId> for Loaders {
    type Value = Tariff;
    type Error = Error;

    async fn load(&self, hubs: &[HubId]) -> Result<HashMap<HubId, Tariff>, Error> {
        self.service.find_guest_tariffs(&self.op, hubs).await.map_err(coded)
    }
}

impl Loader<MemberId> for Loaders {
    type Value = SeenPass;
    type Error = Error;

    async fn load(&self, members: &[MemberId]) -> Result<HashMap<MemberId, SeenPass>, Error> {
        self.service.find_roaming_passes(&self.op, members).await.map_err(coded)
    }
}
