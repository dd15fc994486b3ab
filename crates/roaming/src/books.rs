//! Books: the decision of what to charge, as visits are told.
//!
//! Pure: loaded with what it must know, told visits in the order they were heard, asked what to write down. So
//! one telling at a time or five hundred at once, the charges are the same.
//!
//! Always true: a telling counts only if its revision is higher than the last one of that visit (R11); a visit that
//! is told anew is credited whole and, unless it is open again or annulled, charged anew.

use std::collections::HashMap;

use jiff::{Timestamp, civil::Date};
use kernel::{HubId, Id, Interval, MemberId, Money, MoneyError, Month, NetworkId, TimeError, VisitId, World};

use crate::{
    Category, Charge, ChargeReason, ClosedMonths, DayTotal, KnownHub, KnownMember, Tariff,
    rating::{Rated, Stay, rate},
};

/// What was told of a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ToldVisit {
    /// The visit.
    pub visit: VisitId,
    /// Grows with each telling.
    pub revision: i64,
    /// The host.
    pub hub: HubId,
    /// The visitor's home hub.
    pub home_hub: HubId,
    /// The visitor.
    pub member: MemberId,
    /// Their category.
    pub category: Category,
    /// When it began.
    pub started_at: Timestamp,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It ended.
    Ended(Timestamp),
    /// It lasts after all.
    Open,
    /// It never was.
    Annulled,
}

/// What the books know of a visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitRecord {
    /// The highest telling so far.
    pub revision: i64,
    /// Its effective charge.
    pub charge: Option<Charge>,
}

/// A member's billing day at a hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DayKey {
    /// The host.
    pub hub: HubId,
    /// The visitor.
    pub member: MemberId,
    /// The day on the host's calendar.
    pub day: Date,
}

/// Why a visit could not be charged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BooksError {
    /// The hub has not been heard of yet.
    #[error("{0} is not known yet")]
    UnknownHub(HubId),
    /// The member has not been heard of yet.
    #[error("{0} is not known yet")]
    UnknownMember(MemberId),
    /// The visit ends before it begins.
    #[error("the visit runs backward")]
    Backward(#[from] TimeError),
    /// An amount is too large.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// A network's books, as far as some visits touch them.
#[derive(Debug, Clone)]
pub struct Books {
    /// The network.
    pub network: NetworkId,
    /// Its hubs.
    pub hubs: HashMap<HubId, KnownHub>,
    /// The visitors who are known.
    pub members: HashMap<MemberId, KnownMember>,
    /// All tariff versions of the hosts.
    pub tariffs: HashMap<HubId, Vec<Tariff>>,
    /// The settled months.
    pub closed: ClosedMonths,
    /// The visits told before.
    pub visits: HashMap<VisitId, VisitRecord>,
    /// What the visitors' days have cost.
    pub days: HashMap<DayKey, DayTotal>,
    /// What was posted since the books were opened, in order.
    pub posted: Vec<Charge>,
}

impl Books {
    /// Empty books of a network.
    pub fn new(network: NetworkId) -> Self {
        Self {
            network,
            hubs: HashMap::new(),
            members: HashMap::new(),
            tariffs: HashMap::new(),
            closed: ClosedMonths::default(),
            visits: HashMap::new(),
            days: HashMap::new(),
            posted: Vec::new(),
        }
    }

    /// Takes in what was told of a visit; answers whether it was news.
    ///
    /// # Errors
    /// See [`BooksError`]; the books are then no longer to be used.
    pub fn take(&mut self, told: &ToldVisit, world: &World) -> Result<bool, BooksError> {
        for hub in [told.hub, told.home_hub] {
            if !self.hubs.contains_key(&hub) {
                return Err(BooksError::UnknownHub(hub));
            }
        }
        if !self.members.contains_key(&told.member) {
            return Err(BooksError::UnknownMember(told.member));
        }
        let before = self.visits.get(&told.visit);
        if before.is_some_and(|before| before.revision >= told.revision) {
            return Ok(false);
        }
        if let Some(charge) = before.and_then(|before| before.charge.clone()) {
            let period = self.closed.first_open(charge.period);
            self.post(charge.credit(told.revision, period, world)?)?;
        }
        let charge = match told.outcome {
            Outcome::Ended(at) => {
                let charge = self.charge(told, Interval::new(told.started_at, at)?, world)?;
                self.post(charge.clone())?;
                Some(charge)
            }
            Outcome::Open | Outcome::Annulled => None,
        };
        self.visits.insert(told.visit, VisitRecord { revision: told.revision, charge });
        Ok(true)
    }

    fn charge(&self, told: &ToldVisit, interval: Interval, world: &World) -> Result<Charge, BooksError> {
        let host = self.hubs.get(&told.hub).ok_or(BooksError::UnknownHub(told.hub))?;
        let versions = self.tariffs.get(&told.hub).map_or(&[][..], Vec::as_slice);
        let tariff = Tariff::valid_at(versions, told.started_at).filter(|_| told.hub != told.home_hub);
        let rated = match tariff {
            Some(tariff) => {
                let stay = Stay { interval, zone: &host.zone, category: told.category };
                rate(stay, &tariff.terms, |day| self.day_total(told, day))?
            }
            None => free(told, host),
        };
        Ok(Charge {
            id: Id::generate(world),
            network: self.network,
            visit: told.visit,
            revision: told.revision,
            hub: told.hub,
            home_hub: told.home_hub,
            member: told.member,
            tariff: tariff.map(|tariff| tariff.id),
            credits: None,
            reason: rated.reason,
            started_at: interval.from(),
            ended_at: interval.until(),
            minutes: interval.seconds() / 60,
            amount: rated.amount,
            lines: rated.lines,
            period: self.closed.first_open(Month::of(host.zone.day_of(told.started_at))),
            posted_at: world.now(),
        })
    }

    fn day_total(&self, told: &ToldVisit, day: Date) -> DayTotal {
        let key = DayKey { hub: told.hub, member: told.member, day };
        self.days.get(&key).copied().unwrap_or_default()
    }

    fn post(&mut self, charge: Charge) -> Result<(), MoneyError> {
        for line in &charge.lines {
            let key = DayKey { hub: charge.hub, member: charge.member, day: line.day };
            let total = self.days.entry(key).or_default();
            *total = total.plus(line)?;
        }
        self.posted.push(charge);
        Ok(())
    }
}

/// A visit at home is covered by the member's plan; a host without prices asks nothing.
fn free(told: &ToldVisit, host: &KnownHub) -> Rated {
    let at_home = told.hub == told.home_hub;
    let reason = if at_home { ChargeReason::CoveredByHomePlan } else { ChargeReason::NoTariff };
    Rated { amount: Money::zero(host.currency), lines: Vec::new(), reason }
}
