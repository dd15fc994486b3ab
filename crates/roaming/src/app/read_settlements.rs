//! Reads settled months: complete for those who settle, one hub's part for its staff.

use kernel::{AuthError, Caller, Month, NetworkId, OpContext, Page, PageRequest, Permission, Place};
use platform_db::Reach;

use crate::{Roaming, RoamingError, Settlement, store};

impl Roaming {
    /// Returns a network's settlement of a month, as far as the caller may see it; `None` while the month is open.
    ///
    /// # Errors
    /// Fails if the caller may see no part of it.
    #[tracing::instrument(name = "roaming.find_settlement", skip_all)]
    pub async fn find_settlement(
        &self,
        op: &OpContext,
        network: NetworkId,
        month: Month,
    ) -> Result<Option<Settlement>, RoamingError> {
        let sight = Sight::of(op, network)?;
        let tx = self.db.read(Reach::Network(network)).await?;
        let found = store::settlement::find(&tx, network, month).await?;
        Ok(found.map(|settlement| sight.apply(op, settlement)))
    }

    /// Returns a page of a network's settlements, latest month first, as far as the caller may see them.
    ///
    /// # Errors
    /// Fails if the caller may see no part of them, or the cursor belongs to another list.
    #[tracing::instrument(name = "roaming.list_settlements", skip_all)]
    pub async fn list_settlements(
        &self,
        op: &OpContext,
        network: NetworkId,
        page: &PageRequest,
    ) -> Result<Page<Settlement>, RoamingError> {
        let sight = Sight::of(op, network)?;
        let cursor = page.read_cursor(Month::recorded)?;
        let tx = self.db.read(Reach::Network(network)).await?;
        let found = store::settlement::list(&tx, network, cursor, page).await?;
        Ok(page.page(found.into_iter().map(|settlement| sight.apply(op, settlement)).collect()))
    }
}

/// The part of a settlement that a caller sees.
#[derive(Debug, Clone, Copy)]
enum Sight {
    /// Every hub's position.
    Whole,
    /// The positions of the hubs at which the caller is staff.
    OwnHubs,
}

impl Sight {
    fn of(op: &OpContext, network: NetworkId) -> Result<Self, AuthError> {
        match op.require_in_network(Permission::ReadSettlement, network) {
            Ok(()) => Ok(Self::Whole),
            Err(AuthError::Forbidden) if is_staff_somewhere(op) => Ok(Self::OwnHubs),
            Err(refused) => Err(refused),
        }
    }

    fn apply(self, op: &OpContext, settlement: Settlement) -> Settlement {
        let network = settlement.network;
        match self {
            Self::Whole => settlement,
            Self::OwnHubs => {
                settlement.seen_from(|hub| op.may_at_hub(Permission::ReadSettlement, hub, network))
            }
        }
    }
}

/// Returns whether the caller may read the settlement of any hub. [`Sight::apply`] checks which hub it is.
fn is_staff_somewhere(op: &OpContext) -> bool {
    let asked = Permission::ReadSettlement;
    let is_hub = |at: Place| matches!(at, Place::Hub(_));
    match op.caller() {
        Caller::Person { grants, .. } => grants.iter().any(|it| is_hub(it.at) && it.role.allows(asked)),
        Caller::Program { scopes, .. } => scopes.iter().any(|it| is_hub(it.at) && it.permission == asked),
        Caller::Anonymous | Caller::Device { .. } | Caller::System => false,
    }
}
