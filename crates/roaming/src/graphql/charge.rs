//! A charge in the graph.

use std::marker::PhantomData;

use async_graphql::{ID, Object, SimpleObject};
use graph::{Date, DateTime, Entity, Graph, Money, Month, SafeInt, to_id};

use crate::{Charge, ChargeLine, ChargeReason};

/// A rated visit, or the credit of one.
#[derive(Debug, Clone)]
pub struct ChargeNode<G>(Charge, PhantomData<fn() -> G>);

impl<G> From<Charge> for ChargeNode<G> {
    fn from(charge: Charge) -> Self {
        Self(charge, PhantomData)
    }
}

/// The price of one billing day of a visit.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(name = "ChargeLine")]
pub struct ChargeLineNode {
    /// The day on the host's calendar.
    pub day: Date,
    /// The billed time in seconds, after the free minutes and rounded up; negative on a credit.
    pub billed_seconds: SafeInt,
    /// The price of that time alone.
    pub gross: Money,
    /// The amount added to the day, within the day's minimum and maximum.
    pub amount: Money,
}

impl From<&ChargeLine> for ChargeLineNode {
    fn from(line: &ChargeLine) -> Self {
        Self {
            day: line.day.into(),
            billed_seconds: line.billed_seconds.into(),
            gross: line.gross.into(),
            amount: line.amount.into(),
        }
    }
}

/// The price of a visit, or the credit that cancels a charge. Every ended visit has exactly one charge that is not
/// cancelled, including a free one.
#[Object(name = "Charge")]
impl<G: Graph> ChargeNode<G> {
    /// The stable id.
    async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// The id of the visit.
    async fn visit_id(&self) -> ID {
        to_id(self.0.visit)
    }

    /// The hub visited, which earns the amount.
    async fn hub(&self) -> Option<G::Hub> {
        Some(G::Hub::from_key(self.0.hub))
    }

    /// The visitor's home hub, which owes the amount.
    async fn home_hub(&self) -> Option<G::Hub> {
        Some(G::Hub::from_key(self.0.home_hub))
    }

    /// The reason for the amount.
    async fn reason(&self) -> ChargeReason {
        self.0.reason
    }

    /// The start of the visit.
    async fn started_at(&self) -> DateTime {
        self.0.started_at.into()
    }

    /// The end of the visit.
    async fn ended_at(&self) -> DateTime {
        self.0.ended_at.into()
    }

    /// The visit's whole minutes; negative on a credit.
    async fn minutes(&self) -> SafeInt {
        self.0.minutes.into()
    }

    /// The sum of the lines, in the host's currency; negative on a credit.
    async fn amount(&self) -> Money {
        self.0.amount.into()
    }

    /// One line per billing day.
    async fn lines(&self) -> Vec<ChargeLineNode> {
        self.0.lines.iter().map(ChargeLineNode::from).collect()
    }

    /// The settlement month, such as `2026-10`.
    async fn period(&self) -> Month {
        self.0.period.into()
    }

    /// The id of the charge that this credit cancels; null on a charge.
    async fn credits(&self) -> Option<ID> {
        self.0.credits.map(to_id)
    }

    /// The time of posting.
    async fn posted_at(&self) -> DateTime {
        self.0.posted_at.into()
    }
}
