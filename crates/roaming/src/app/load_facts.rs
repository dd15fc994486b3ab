//! Loads what roaming knows of networks, hubs and members, for a caller.
//!
//! Always true: an object outside the caller's networks is not found.

use kernel::{AuthError, Caller, HubId, MemberId, NetworkId, OpContext};
use platform_bus::await_arrival;
use platform_db::Reach;

use crate::{KnownHub, KnownMember, Roaming, RoamingError, store};

impl Roaming {
    /// Returns the networks that the caller can access: their own; for the system, all.
    pub(super) async fn networks_of(&self, op: &OpContext) -> Result<Vec<NetworkId>, RoamingError> {
        match op.caller() {
            Caller::Anonymous => Err(AuthError::Unauthenticated.into()),
            Caller::Person { network, .. }
            | Caller::Device { network, .. }
            | Caller::Program { network, .. } => Ok(vec![*network]),
            Caller::System => Ok(store::facts::networks(&self.db.read(Reach::Directory).await?).await?),
        }
    }

    /// Loads a hub. The existence of a hub is public.
    pub(super) async fn load_hub(&self, op: &OpContext, id: HubId) -> Result<KnownHub, RoamingError> {
        let found = await_arrival(op, id, || async move {
            Ok::<_, RoamingError>(store::facts::find_hub(&self.db.read(Reach::Directory).await?, id).await?)
        });
        found.await?.ok_or(RoamingError::NotFound("hub"))
    }

    /// Loads a member of one of the caller's networks.
    pub(super) async fn load_member(
        &self,
        op: &OpContext,
        id: MemberId,
    ) -> Result<KnownMember, RoamingError> {
        let networks = self.networks_of(op).await?;
        let found = await_arrival(op, id, || async {
            Ok::<_, RoamingError>(self.find_members(&networks, &[id]).await?.into_iter().next())
        });
        found.await?.ok_or(RoamingError::NotFound("member"))
    }

    /// Returns those of the members that are known in the given networks.
    pub(super) async fn find_members(
        &self,
        networks: &[NetworkId],
        members: &[MemberId],
    ) -> Result<Vec<KnownMember>, RoamingError> {
        let mut known = Vec::new();
        for network in networks {
            let tx = self.db.read(Reach::Network(*network)).await?;
            known.extend(store::facts::members(&tx, *network, members).await?.into_values());
        }
        Ok(known)
    }
}
