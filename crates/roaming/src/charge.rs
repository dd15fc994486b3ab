//! Charge: a rated visit.
//!
//! Always true:
//! - R7: an ended visit has exactly one charge that no credit names, a zero-priced one too.
//! - A charge is never edited. What it got wrong, a credit takes back whole, and a new charge puts right.
//! - R20: a day's charges follow from the set of its visits. When one of them changes, each charge whose amount changes
//!   with it is credited, and charged anew as the next rating of the same revision.
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
    /// Which telling of the visit led to it.
    pub revision: i64,
    /// 1 for the first charge of a revision; grows each time another visit of the same day changes its amount.
    pub rating: i64,
    /// The host, who earns it.
    pub hub: HubId,
    /// The home hub, who owes it.
    pub home_hub: HubId,
    /// The visitor.
    pub member: MemberId,
    /// The tariff it was rated by.
    pub tariff: Option<TariffId>,
    /// The charge this one takes back.
    pub credits: Option<ChargeId>,
    /// Why it costs what it costs.
    pub reason: ChargeReason,
    /// When the visit began.
    pub started_at: Timestamp,
    /// When the visit ended.
    pub ended_at: Timestamp,
    /// Whole minutes of the visit; negative on a credit.
    pub minutes: i64,
    /// What the home hub owes the host, in the host's currency; negative on a credit.
    pub amount: Money,
    /// One line per billing day.
    pub lines: Vec<ChargeLine>,
    /// The month it is settled in.
    pub period: Month,
    /// When it was posted.
    pub posted_at: Timestamp,
}

/// What one billing day of a visit costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChargeLine {
    /// The day, on the host's calendar.
    pub day: Date,
    /// The billed time, after grace and rounding up to the billing step; negative on a credit.
    pub billed_seconds: i64,
    /// The price of that time alone.
    pub gross: Money,
    /// What it adds to the day, once the day's minimum and maximum are kept.
    pub amount: Money,
}

/// Why a charge costs what it costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, async_graphql::Enum)]
pub enum ChargeReason {
    /// The host's guest tariff says so.
    RatedByTariff,
    /// The visitor was at home; their plan covers it.
    CoveredByHomePlan,
    /// The visitor was at home, without a plan: between hubs nothing is owed. What they owe their own hub is for that hub
    /// to bill.
    NoPlan,
    /// The host had no guest tariff at that time.
    NoTariff,
    /// The visit did not outlast the free minutes.
    WithinGrace,
}

impl ChargeReason {
    const WORDS: [(Self, &'static str); 5] = [
        (Self::RatedByTariff, "rated_by_tariff"),
        (Self::CoveredByHomePlan, "covered_by_home_plan"),
        (Self::NoPlan, "no_plan"),
        (Self::NoTariff, "no_tariff"),
        (Self::WithinGrace, "within_grace"),
    ];

    /// The word it is stored as.
    pub(crate) fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(reason, _)| *reason == self).map_or("", |(_, word)| word)
    }

    /// Reads the stored word.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(_, known)| *known == word).map(|(reason, _)| *reason)
    }
}

impl Charge {
    /// The credit that takes this charge back whole, because of a later telling of the visit.
    ///
    /// # Errors
    /// An amount is too large to turn.
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

    /// Whether the visitor was away from home.
    pub fn is_roaming(&self) -> bool {
        self.hub != self.home_hub
    }
}
