//! A settlement in the graph. No personal data: it knows hubs and sums.

use std::marker::PhantomData;

use async_graphql::{ID, Object};
use graph::{DateTime, Entity, Graph, Money, Month, Rate, to_id};
use rust_decimal::Decimal;

use crate::{DatedRate, GrossPosition, Settlement, SettlementPosition};

/// A settled month.
#[derive(Debug, Clone)]
pub struct SettlementNode<G>(Settlement, PhantomData<fn() -> G>);

impl<G> From<Settlement> for SettlementNode<G> {
    fn from(settlement: Settlement) -> Self {
        Self(settlement, PhantomData)
    }
}

/// Where a hub stands after a month.
#[derive(Debug, Clone, Copy)]
pub struct SettlementPositionNode<G>(SettlementPosition, PhantomData<fn() -> G>);

/// What one hub owes another.
#[derive(Debug, Clone, Copy)]
pub struct GrossPositionNode<G>(GrossPosition, PhantomData<fn() -> G>);

/// What the hubs of a network owe each other for a month, netted to one amount per hub. It never changes.
#[Object(name = "Settlement")]
impl<G: Graph> SettlementNode<G> {
    /// The stable id.
    async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// The month, as 2026-10.
    async fn month(&self) -> Month {
        self.0.month.into()
    }

    /// When it was closed.
    async fn closed_at(&self) -> DateTime {
        self.0.closed_at.into()
    }

    /// The rates at which currencies met; none if none had to.
    async fn rates(&self) -> Vec<Rate> {
        let clearing = self.0.rates.iter().find(|rate| rate.currency == self.0.clearing_currency);
        let unit = clearing.map_or(Decimal::ONE, |rate| rate.per_eur);
        self.0.rates.iter().map(|rate| stated(rate, unit)).collect()
    }

    /// What the network keeps, in its clearing currency; null for a hub's staff.
    async fn network_commission(&self) -> Option<Money> {
        self.0.network_commission.map(Money::from)
    }

    /// Where each hub stands; a hub's staff see their own.
    async fn positions(&self) -> Vec<SettlementPositionNode<G>> {
        self.0.positions.iter().map(|position| SettlementPositionNode(*position, PhantomData)).collect()
    }

    /// What the members of each hub cost at each other, before commissions; a hub's staff see those with their own.
    async fn gross_positions(&self) -> Vec<GrossPositionNode<G>> {
        self.0.gross_positions.iter().map(|pair| GrossPositionNode(*pair, PhantomData)).collect()
    }
}

/// Where a hub stands after a month: `net` is `earned` less `owed` plus `commission`, all in the hub's currency.
#[Object(name = "SettlementPosition")]
impl<G: Graph> SettlementPositionNode<G> {
    /// The hub.
    async fn hub(&self) -> Option<G::Hub> {
        Some(G::Hub::from_key(self.0.hub))
    }

    /// What guests' visits here cost.
    async fn earned(&self) -> Money {
        self.0.earned.into()
    }

    /// What own members' visits elsewhere cost.
    async fn owed(&self) -> Money {
        self.0.owed.into()
    }

    /// What the hub keeps of its members' visits elsewhere, less what it leaves to others of its earnings.
    async fn commission(&self) -> Money {
        self.0.commission.into()
    }

    /// What the hub receives; what it pays, if negative.
    async fn net(&self) -> Money {
        self.0.net.into()
    }
}

/// What the members of one hub cost at another, in the host's currency.
#[Object(name = "GrossPosition")]
impl<G: Graph> GrossPositionNode<G> {
    /// The visitors' home hub.
    async fn home_hub(&self) -> Option<G::Hub> {
        Some(G::Hub::from_key(self.0.home_hub))
    }

    /// The host.
    async fn host_hub(&self) -> Option<G::Hub> {
        Some(G::Hub::from_key(self.0.host_hub))
    }

    /// What the visits cost.
    async fn gross(&self) -> Money {
        self.0.gross.into()
    }

    /// What of it stays with the home hub.
    async fn home_commission(&self) -> Money {
        self.0.home_commission.into()
    }

    /// What of it goes to the network.
    async fn network_commission(&self) -> Money {
        self.0.network_commission.into()
    }
}

fn stated(rate: &DatedRate, unit: Decimal) -> Rate {
    Rate {
        currency: rate.currency.to_string(),
        per_unit: (rate.per_eur / unit).normalize().to_string(),
        on: rate.on.into(),
    }
}
