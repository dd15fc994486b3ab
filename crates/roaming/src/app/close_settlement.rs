//! Closes a month: nets what the hubs owe each other, for good.

use kernel::{CloudEvent, Money, Month, NetworkId, OpContext, Permission};
use platform_db::{Idempotent, Reach, Tx};

use crate::{
    KnownNetwork, Roaming, RoamingError, Settlement, audit,
    events::SettlementClosed,
    model::ledger::{Cause, Transaction},
    model::netting::{Netting, net},
    store,
};

impl Roaming {
    /// Settles a past month of a network. A month that is already settled is returned unchanged. Emits
    /// `roaming.settlement_closed.v1`.
    ///
    /// # Errors
    /// Fails if the month is not over, a needed rate is missing, or the caller may not settle the network's months.
    #[tracing::instrument(name = "roaming.close_settlement", skip_all)]
    pub async fn close_settlement(
        &self,
        op: &OpContext,
        network: NetworkId,
        month: Month,
    ) -> Result<Settlement, RoamingError> {
        op.require_in_network(Permission::CloseSettlement, network)?;
        let reach = Reach::Network(network);
        let tx = match self.db.idempotent(op, reach, "closeSettlement", &month).await? {
            Idempotent::Replayed(month) => return self.load_settled(network, month).await,
            Idempotent::New(tx) => tx,
        };
        let network =
            store::facts::lock_network(&tx, network).await?.ok_or(RoamingError::NotFound("network"))?;
        if let Some(settled) = store::settlement::find(&tx, network.id, month).await? {
            tx.commit_with_outcome(&month).await?;
            return Ok(settled);
        }
        if op.now() < month.interval(&network.zone).until() {
            return Err(RoamingError::MonthNotOver(month));
        }
        let settlement = self.settle(op, &tx, &network, month).await?;
        tx.audit(op, audit::settlement_closed(&settlement)).await?;
        tx.commit_with_outcome(&month).await?;
        Ok(settlement)
    }

    /// A settled month never changes, so the outcome only stores its name.
    async fn load_settled(&self, network: NetworkId, month: Month) -> Result<Settlement, RoamingError> {
        let tx = self.db.read(Reach::Network(network)).await?;
        let settled = store::settlement::find(&tx, network, month).await?;
        settled.ok_or(RoamingError::NotFound("settlement"))
    }

    async fn settle(
        &self,
        op: &OpContext,
        tx: &Tx,
        network: &KnownNetwork,
        month: Month,
    ) -> Result<Settlement, RoamingError> {
        let hubs = store::facts::hubs(tx, network.id).await?;
        let amounts = store::charge::gross_amounts(tx, network.id, month).await?;
        let netting = net(network, &hubs, &amounts, Settlement::rates_day(month), &self.rates)?;
        let commission: Money = netting.network_commission;
        let Netting { positions, gross_positions, rates, entries, .. } = netting;
        let settlement = Settlement {
            id: op.new_id(),
            network: network.id,
            month,
            closed_at: op.now(),
            clearing_currency: network.clearing_currency,
            rates,
            network_commission: Some(commission),
            positions,
            gross_positions,
        };
        store::settlement::insert(tx, &settlement, commission).await?;
        let cause = Cause::Settlement(settlement.id);
        let transaction = Transaction::balanced(cause, month, &entries, op.world())?;
        store::ledger::post(tx, network.id, transaction.as_slice()).await?;
        let fact = SettlementClosed::from(&settlement);
        tx.emit(CloudEvent::new(&fact, network.id, None, op.world())?).await?;
        Ok(settlement)
    }
}
