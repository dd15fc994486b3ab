//! Charge: a rated visit.
//!
//! Always true:
//! - R7: an ended visit has exactly one charge that no credit names, including a zero-priced one.
//! - A charge is never edited. A credit cancels a wrong charge whole, and a new charge replaces it.
//! - R20: a day's charges follow from the set of its visits. When one of them changes, each charge whose amount
//!   changes with it is credited, and charged anew as the next rating of the same revision.
//! - The amount is the sum of the lines, one line per billing day of the host's zone (R8), each rounded once (R9).

use jiff::{Timestamp, civil::Date};
use kernel::{ChargeId, HubId, MemberId, Money, MoneyError, Month, NetworkId, TariffId, VisitId, World};

/// A rated visit, or the credit of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    /// The stable id.
    pub id: ChargeId,
    /// The network.
    pub network: NetworkId,
    /// The visit.
    pub visit: VisitId,
    /// The revision of the visit event that led to it.
    pub revision: i64,
    /// 1 for the first charge of a revision; increases each time another visit of the same day changes its amount.
    pub rating: i64,
    /// The host hub, which earns the amount.
    pub hub: HubId,
    /// The home hub, which owes the amount.
    pub home_hub: HubId,
    /// The visitor.
    pub member: MemberId,
    /// The tariff used.
    pub tariff: Option<TariffId>,
    /// The charge that this credit cancels.
    pub credits: Option<ChargeId>,
    /// The reason for the amount.
    pub reason: ChargeReason,
    /// The start of the visit.
    pub started_at: Timestamp,
    /// The end of the visit.
    pub ended_at: Timestamp,
    /// The visit's whole minutes; negative on a credit.
    pub minutes: i64,
    /// The amount the home hub owes the host, in the host's currency; negative on a credit.
    pub amount: Money,
    /// One line per billing day.
    pub lines: Vec<ChargeLine>,
    /// The settlement month.
    pub period: Month,
    /// The time of posting.
    pub posted_at: Timestamp,
}

/// The price of one billing day of a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChargeLine {
    /// The day on the host's calendar.
    pub day: Date,
    /// The billed time, after grace and rounding up to the billing step; negative on a credit.
    pub billed_seconds: i64,
    /// The price of that time alone.
    pub gross: Money,
    /// The amount added to the day, within the day's minimum and maximum.
    pub amount: Money,
}

/// The reason for the amount of a charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, async_graphql::Enum)]
pub enum ChargeReason {
    /// The host's guest tariff sets the price.
    RatedByTariff,
    /// The visitor was at home and their plan covers the visit.
    CoveredByHomePlan,
    /// The visitor was at home without a plan: nothing is owed between hubs. What they owe their own hub is for that
    /// hub to bill.
    NoPlan,
    /// The host had no guest tariff at that time.
    NoTariff,
    /// The visit was not longer than the free minutes.
    WithinGrace,
}

kernel::stored_words!(ChargeReason {
    RatedByTariff = "rated_by_tariff",
    CoveredByHomePlan = "covered_by_home_plan",
    NoPlan = "no_plan",
    NoTariff = "no_tariff",
    WithinGrace = "within_grace",
});

impl Charge {
    /// Returns the credit that cancels this charge whole, because of a later event about the visit.
    ///
    /// # Errors
    /// Fails if an amount is too large to negate.
    pub fn credit(&self, revision: i64, period: Month, world: &World) -> Result<Self, MoneyError> {
        let turned = |line: &ChargeLine| -> Result<ChargeLine, MoneyError> {
            let (gross, amount) = (line.gross.negated()?, line.amount.negated()?);
            Ok(ChargeLine { day: line.day, billed_seconds: -line.billed_seconds, gross, amount })
        };
        Ok(Self {
            id: kernel::Id::generate(world),
            revision,
            credits: Some(self.id),
            minutes: -self.minutes,
            amount: self.amount.negated()?,
            lines: self.lines.iter().map(turned).collect::<Result<_, _>>()?,
            period,
            posted_at: world.now(),
            ..self.clone()
        })
    }

    /// Returns whether the visitor was away from home.
    pub fn is_roaming(&self) -> bool {
        self.hub != self.home_hub
    }
}
