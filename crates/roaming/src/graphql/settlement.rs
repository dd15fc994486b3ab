//! A settlement in the graph. It contains hubs and sums, no personal data.

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

/// The position of a hub after a month.
#[derive(Debug, Clone, Copy)]
pub struct SettlementPositionNode<G>(SettlementPosition, PhantomData<fn() -> G>);

/// The amount one hub owes another.
#[derive(Debug, Clone, Copy)]
pub struct GrossPositionNode<G>(GrossPosition, PhantomData<fn() -> G>);

/// What the hubs of a network owe each other for a month, netted to one amount per hub. A settlement never changes.
#[Object(name = "Settlement")]
impl<G: Graph> SettlementNode<G> {
    /// The stable id.
    async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// The month, such as `2026-10`.
    async fn month(&self) -> Month {
        self.0.month.into()
    }

    /// The time of closing.
    async fn closed_at(&self) -> DateTime {
        self.0.closed_at.into()
    }

    /// The exchange rates used; empty if none were needed.
    async fn rates(&self) -> Vec<Rate> {
        let clearing = self.0.rates.iter().find(|rate| rate.currency == self.0.clearing_currency);
        let unit = clearing.map_or(Decimal::ONE, |rate| rate.per_eur);
        self.0.rates.iter().map(|rate| stated(rate, unit)).collect()
    }

    /// The network's commission, in its clearing currency; null for a hub's staff.
    async fn network_commission(&self) -> Option<Money> {
        self.0.network_commission.map(Money::from)
    }

    /// The position of each hub; a hub's staff see their own.
    async fn positions(&self) -> Vec<SettlementPositionNode<G>> {
        self.0.positions.iter().map(|position| SettlementPositionNode(*position, PhantomData)).collect()
    }

    /// The cost of each hub's members at each other hub, before commissions; a hub's staff see those of their own
    /// hub.
    async fn gross_positions(&self) -> Vec<GrossPositionNode<G>> {
        self.0.gross_positions.iter().map(|pair| GrossPositionNode(*pair, PhantomData)).collect()
    }
}

/// The position of a hub after a month: `net` is `earned` less `owed` plus `commission`, all in the hub's currency.
#[Object(name = "SettlementPosition")]
impl<G: Graph> SettlementPositionNode<G> {
    /// The hub.
    async fn hub(&self) -> Option<G::Hub> {
        Some(G::Hub::from_key(self.0.hub))
    }

    /// The cost of guests' visits at this hub.
    async fn earned(&self) -> Money {
        self.0.earned.into()
    }

    /// The cost of its members' visits at other hubs.
    async fn owed(&self) -> Money {
        self.0.owed.into()
    }

    /// The commission on its members' visits elsewhere, less the commissions it leaves to others from its earnings.
    async fn commission(&self) -> Money {
        self.0.commission.into()
    }

    /// The amount the hub receives, or pays if negative.
    async fn net(&self) -> Money {
        self.0.net.into()
    }
}

/// The cost of one hub's members at another hub, in the host's currency.
#[Object(name = "GrossPosition")]
impl<G: Graph> GrossPositionNode<G> {
    /// The visitors' home hub.
    async fn home_hub(&self) -> Option<G::Hub> {
        Some(G::Hub::from_key(self.0.home_hub))
    }

    /// The host hub.
    async fn host_hub(&self) -> Option<G::Hub> {
        Some(G::Hub::from_key(self.0.host_hub))
    }

    /// The cost of the visits.
    async fn gross(&self) -> Money {
        self.0.gross.into()
    }

    /// The share that the home hub keeps.
    async fn home_commission(&self) -> Money {
        self.0.home_commission.into()
    }

    /// The share that the network keeps.
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
