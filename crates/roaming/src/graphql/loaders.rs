//! The loaders of one request: tariffs of many hubs and passes of many members, one statement each.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{
    Context, Error,
    dataloader::{DataLoader, Loader},
};
use graph::coded_with;
use kernel::{Coded, ErrorCode, HubId, MemberId, OpContext};

use crate::{Roaming, RoamingError, SeenPass, Tariff};

/// Roaming's loaders, with the caller's context.
pub(super) struct Loaders {
    roaming: Roaming,
    op: OpContext,
}

impl Loaders {
    pub(super) fn of(roaming: &Roaming, op: &OpContext) -> DataLoader<Self> {
        DataLoader::new(Self { roaming: roaming.clone(), op: op.clone() }, tokio::spawn)
    }

    pub(super) fn find<'c>(ctx: &Context<'c>) -> Result<&'c DataLoader<Self>, Error> {
        ctx.data_opt()
            .ok_or_else(|| coded_with(ErrorCode::Internal, "the request is not equipped for roaming"))
    }
}

/// A failed load, shared by all that waited for it.
#[derive(Debug, Clone, thiserror::Error)]
#[error(transparent)]
pub(super) struct LoadError(Arc<RoamingError>);

impl Coded for LoadError {
    fn code(&self) -> ErrorCode {
        self.0.code()
    }
}

impl From<RoamingError> for LoadError {
    fn from(error: RoamingError) -> Self {
        Self(Arc::new(error))
    }
}

impl Loader<HubId> for Loaders {
    type Value = Tariff;
    type Error = LoadError;

    async fn load(&self, hubs: &[HubId]) -> Result<HashMap<HubId, Tariff>, LoadError> {
        Ok(self.roaming.find_guest_tariffs(&self.op, hubs).await?)
    }
}

impl Loader<MemberId> for Loaders {
    type Value = SeenPass;
    type Error = LoadError;

    async fn load(&self, members: &[MemberId]) -> Result<HashMap<MemberId, SeenPass>, LoadError> {
        Ok(self.roaming.find_roaming_passes(&self.op, members).await?)
    }
}
