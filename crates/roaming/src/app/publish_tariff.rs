//! Publishes a hub's guest prices.

use jiff::Timestamp;
use kernel::{CloudEvent, HubId, InvalidInput, OpContext, Permission};
use platform_db::{Idempotent, Reach};

use crate::{Roaming, RoamingError, Tariff, Terms, TermsDraft, audit, events::TariffPublished, store};

/// The input for publishing a tariff.
#[derive(Debug, Clone, serde::Serialize)]
pub struct PublishTariff {
    /// The hub.
    pub hub: HubId,
    /// The start of validity; now if `None`. Only a hub's first tariff may begin in the past, and only as far back as
    /// no guest has been charged since: the tariff of a charged visit never changes (R20).
    pub valid_from: Option<Timestamp>,
    /// The prices.
    pub terms: TermsDraft,
}

impl Roaming {
    /// Publishes the next version of a hub's guest tariff; earlier versions do not change. Emits
    /// `roaming.tariff_published.v1`.
    ///
    /// # Errors
    /// Fails if a field breaks a rule, or the caller may not set prices at the hub.
    #[tracing::instrument(name = "roaming.publish_tariff", skip_all)]
    pub async fn publish_tariff(&self, op: &OpContext, cmd: PublishTariff) -> Result<Tariff, RoamingError> {
        let hub = self.load_hub(op, cmd.hub).await?;
        op.require_at_hub(Permission::ManageTariffs, hub.id, hub.network)?;
        let reach = Reach::Hub(hub.network, hub.id);
        let tx = match self.db.idempotent(op, reach, "publishTariff", &cmd).await? {
            Idempotent::Replayed(tariff) => return Ok(tariff),
            Idempotent::New(tx) => tx,
        };
        let terms = Terms::check(&cmd.terms, hub.currency)?;
        store::facts::lock_network(&tx, hub.network).await?;
        store::facts::lock_hub(&tx, &hub).await?;
        let versions =
            store::tariff::versions(&tx, hub.network, &[hub.id]).await?.remove(&hub.id).unwrap_or_default();
        let valid_from = cmd.valid_from.unwrap_or(op.now());
        if !versions.is_empty() && valid_from < op.now() {
            return Err(InvalidInput::new(
                "validFrom",
                "must not lie in the past: visits have been charged since",
            )
            .into());
        }
        if store::charge::exists_since(&tx, &hub, valid_from).await? {
            return Err(InvalidInput::new(
                "validFrom",
                "must not lie before the visit of a guest who has been charged",
            )
            .into());
        }
        let tariff = Tariff {
            id: op.new_id(),
            network: hub.network,
            hub: hub.id,
            version: versions.iter().map(|tariff| tariff.version).max().unwrap_or(0) + 1,
            valid_from,
            published_at: op.now(),
            terms,
        };
        store::tariff::insert(&tx, &tariff).await?;
        let fact = TariffPublished::from(&tariff);
        tx.emit(CloudEvent::new(&fact, hub.network, Some(hub.id), op.world())?).await?;
        tx.audit(op, audit::tariff_published(&tariff)).await?;
        tx.commit_with_outcome(&tariff).await?;
        Ok(tariff)
    }
}
