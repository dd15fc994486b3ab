//! The place of a role or a key, as a client names it.

use kernel::{HubId, InvalidInput, NetworkId, OpContext, Place};

use crate::{Identity, IdentityError};

impl Identity {
    /// Returns the named hub, else the named network, else the caller's own network.
    ///
    /// # Errors
    /// Fails with `INVALID_INPUT` if neither is known, or if the hub belongs to another network than the one named
    /// beside it.
    pub async fn place(
        &self,
        op: &OpContext,
        hub: Option<HubId>,
        network: Option<NetworkId>,
    ) -> Result<Place, IdentityError> {
        match (hub, network.or(op.network())) {
            (Some(hub), _) => {
                if let Some(named) = network
                    && self.network_of_hub(op, hub).await? != named
                {
                    return Err(InvalidInput::new("networkId", "must be the hub's, or be left out").into());
                }
                Ok(Place::Hub(hub))
            }
            (None, Some(network)) => Ok(Place::Network(network)),
            (None, None) => Err(InvalidInput::new("hubId", "must be given, or networkId").into()),
        }
    }
}
