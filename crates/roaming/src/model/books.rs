//! Books: decides what to charge as visit events arrive.
//!
//! Pure: loaded with the facts it needs, given visit events in the order they were received, and asked what to write.
//! One event at a time or five hundred at once result in the same charges.
//!
//! Always true:
//! - A visit event counts only if its revision is higher than the last one of that visit (R11); a newer event credits
//!   the visit's charge whole and, unless the visit is open again or annulled, charges it anew.
//! - R20: what a member's visits at a hub add to a billing day follows from the set of those visits, taken in the
//!   order they began. An added, changed or removed visit re-rates the others of its days: a charge with another
//!   amount than before is credited and charged anew; the rest do not change. A line depends on the visits of its own
//!   day only, so no other days follow.

use std::collections::{BTreeSet, HashMap};

use jiff::{Timestamp, civil::Date};
use kernel::{
    HubId, Id, Interval, MemberId, Money, MoneyError, Month, NetworkId, TariffId, TimeError, VisitId, World,
};

use crate::{
    Category, Charge, ChargeLine, ChargeReason, ClosedMonths, DayTotal, KnownHub, KnownMember, Tariff,
    model::rating::{Stay, added, price},
};

/// A visit event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VisitEvent {
    /// The visit.
    pub visit: VisitId,
    /// The revision, which increases with every event about the visit.
    pub revision: i64,
    /// The host hub.
    pub hub: HubId,
    /// The visitor's home hub.
    pub home_hub: HubId,
    /// The visitor.
    pub member: MemberId,
    /// Their category.
    pub category: Category,
    /// The start of the visit.
    pub started_at: Timestamp,
    /// The outcome of the visit.
    pub outcome: Outcome,
}

/// The outcome of a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The visit ended.
    Ended(Timestamp),
    /// The visit is open after all.
    Open,
    /// The visit is annulled.
    Annulled,
}

/// What the books know of a visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitRecord {
    /// The highest revision so far.
    pub revision: i64,
    /// Its effective charge.
    pub charge: Option<Charge>,
}

/// A member's billing day at a hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DayKey {
    /// The host hub.
    pub hub: HubId,
    /// The visitor.
    pub member: MemberId,
    /// The day on the host's calendar.
    pub day: Date,
}

/// Why a visit could not be charged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BooksError {
    /// The event of the hub has not arrived yet.
    #[error("{0} is not known yet")]
    UnknownHub(HubId),
    /// The event of the member has not arrived yet.
    #[error("{0} is not known yet")]
    UnknownMember(MemberId),
    /// A charge names a tariff that its host does not have.
    #[error("{0} is not a tariff of the host")]
    UnknownTariff(TariffId),
    /// The visit ends before it begins.
    #[error("the visit runs backward")]
    Backward(#[from] TimeError),
    /// An amount is too large.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// A network's books, as far as some visits affect them.
#[derive(Debug, Clone)]
pub struct Books {
    /// The network.
    pub network: NetworkId,
    /// Its hubs.
    pub hubs: HashMap<HubId, KnownHub>,
    /// The known visitors.
    pub members: HashMap<MemberId, KnownMember>,
    /// All tariff versions of the hosts.
    pub tariffs: HashMap<HubId, Vec<Tariff>>,
    /// The settled months.
    pub closed: ClosedMonths,
    /// The charges posted since the books were opened, in order.
    pub posted: Vec<Charge>,
    visits: HashMap<VisitId, VisitRecord>,
    /// The visits with a line on a day, in the order they began.
    days: HashMap<DayKey, BTreeSet<(Timestamp, VisitId)>>,
    changed: BTreeSet<VisitId>,
}

impl Books {
    /// Creates empty books of a network.
    pub fn new(network: NetworkId) -> Self {
        Self {
            network,
            hubs: HashMap::new(),
            members: HashMap::new(),
            tariffs: HashMap::new(),
            closed: ClosedMonths::default(),
            posted: Vec::new(),
            visits: HashMap::new(),
            days: HashMap::new(),
            changed: BTreeSet::new(),
        }
    }

    /// Enters a known visit: one with a new event, or one that shares a day with such a visit.
    pub fn enter(&mut self, visit: VisitId, record: VisitRecord) {
        self.forget(visit);
        for key in record.charge.iter().flat_map(days_of) {
            let began = record.charge.as_ref().map_or(Timestamp::MIN, |charge| charge.started_at);
            self.days.entry(key).or_default().insert((began, visit));
        }
        self.visits.insert(visit, record);
    }

    /// Returns the record of a visit.
    pub fn visit(&self, visit: VisitId) -> Option<&VisitRecord> {
        self.visits.get(&visit)
    }

    /// Returns the visits whose record changed since the books were opened.
    pub fn changed(&self) -> impl Iterator<Item = (VisitId, &VisitRecord)> {
        self.changed.iter().filter_map(|visit| self.visits.get(visit).map(|record| (*visit, record)))
    }

    /// Takes in a visit event. Returns whether it was new.
    ///
    /// # Errors
    /// See [`BooksError`]; the books must not be used afterwards.
    pub fn take(&mut self, visit: &VisitEvent, world: &World) -> Result<bool, BooksError> {
        for hub in [visit.hub, visit.home_hub] {
            if !self.hubs.contains_key(&hub) {
                return Err(BooksError::UnknownHub(hub));
            }
        }
        if !self.members.contains_key(&visit.member) {
            return Err(BooksError::UnknownMember(visit.member));
        }
        if self.visits.get(&visit.visit).is_some_and(|before| before.revision >= visit.revision) {
            return Ok(false);
        }
        let mut days = BTreeSet::new();
        if let Some(before) = self.forget(visit.visit).and_then(|before| before.charge) {
            days.extend(days_of(&before));
            self.credit(&before, visit.revision, world)?;
        }
        let charge = match visit.outcome {
            Outcome::Ended(at) => Some(self.price(visit, Interval::new(visit.started_at, at)?, world)?),
            Outcome::Open | Outcome::Annulled => None,
        };
        days.extend(charge.iter().flat_map(days_of));
        self.enter(visit.visit, VisitRecord { revision: visit.revision, charge });
        self.changed.insert(visit.visit);
        self.rate(visit.visit, &days, world)?;
        Ok(true)
    }

    /// Removes a visit. Returns its record.
    fn forget(&mut self, visit: VisitId) -> Option<VisitRecord> {
        let record = self.visits.remove(&visit)?;
        if let Some(charge) = &record.charge {
            for key in days_of(charge) {
                self.days.entry(key).or_default().remove(&(charge.started_at, visit));
            }
        }
        Some(record)
    }

    /// Returns the charge of a visit by its duration alone, before the limits of its days.
    fn price(&self, visit: &VisitEvent, interval: Interval, world: &World) -> Result<Charge, BooksError> {
        let host = self.hubs.get(&visit.hub).ok_or(BooksError::UnknownHub(visit.hub))?;
        let versions = self.tariffs.get(&visit.hub).map_or(&[][..], Vec::as_slice);
        let tariff = Tariff::valid_at(versions, visit.started_at).filter(|_| visit.hub != visit.home_hub);
        let (lines, reason) = match tariff {
            Some(tariff) => {
                let stay = Stay { interval, zone: &host.zone, category: visit.category };
                let lines = price(stay, &tariff.terms)?;
                let is_free = lines.is_empty();
                (lines, if is_free { ChargeReason::WithinGrace } else { ChargeReason::RatedByTariff })
            }
            None => (Vec::new(), self.free(visit)),
        };
        Ok(Charge {
            id: Id::generate(world),
            network: self.network,
            visit: visit.visit,
            revision: visit.revision,
            rating: 1,
            hub: visit.hub,
            home_hub: visit.home_hub,
            member: visit.member,
            tariff: tariff.map(|tariff| tariff.id),
            credits: None,
            reason,
            started_at: interval.from(),
            ended_at: interval.until(),
            minutes: interval.seconds() / 60,
            amount: Money::zero(host.currency),
            lines,
            period: self.closed.first_open(Month::of(host.zone.day_of(visit.started_at))),
            posted_at: world.now(),
        })
    }

    /// Returns why a visit without prices is free: a host without prices asks nothing; at home the member's plan
    /// covers it, or they have none.
    fn free(&self, visit: &VisitEvent) -> ChargeReason {
        if visit.hub != visit.home_hub {
            return ChargeReason::NoTariff;
        }
        let is_covered = self.members.get(&visit.member).is_some_and(|member| member.plan.covers_home());
        if is_covered { ChargeReason::CoveredByHomePlan } else { ChargeReason::NoPlan }
    }

    /// Rates some days anew: posts the new charge of a visit and, for each other visit whose amount changed, a credit
    /// and a new charge.
    fn rate(&mut self, new: VisitId, days: &BTreeSet<DayKey>, world: &World) -> Result<(), BooksError> {
        let mut amounts: HashMap<(VisitId, Date), Money> = HashMap::new();
        for key in days {
            self.divide(*key, &mut amounts)?;
        }
        if let Some(charge) = self.visits.get(&new).and_then(|record| record.charge.as_ref()) {
            let charge = with_amounts(charge, &amounts)?;
            self.post(charge);
        }
        let mut others: Vec<VisitId> = amounts.keys().map(|(visit, _)| *visit).collect();
        others.sort_unstable();
        others.dedup();
        for visit in others.into_iter().filter(|visit| *visit != new) {
            let Some(before) = self.visits.get(&visit).and_then(|record| record.charge.clone()) else {
                continue;
            };
            let anew = with_amounts(&before, &amounts)?;
            if anew.lines != before.lines {
                self.credit(&before, before.revision, world)?;
                self.post(Charge {
                    id: Id::generate(world),
                    rating: before.rating + 1,
                    period: self.closed.first_open(before.period),
                    posted_at: world.now(),
                    ..anew
                });
                self.changed.insert(visit);
            }
        }
        Ok(())
    }

    /// Divides the price of a day among its visits, in the order they began.
    fn divide(&self, key: DayKey, amounts: &mut HashMap<(VisitId, Date), Money>) -> Result<(), BooksError> {
        let mut so_far = DayTotal::default();
        for (_, visit) in self.days.get(&key).into_iter().flatten() {
            let Some(charge) = self.visits.get(visit).and_then(|record| record.charge.as_ref()) else {
                continue;
            };
            let Some(id) = charge.tariff else { continue };
            let versions = self.tariffs.get(&key.hub).map_or(&[][..], Vec::as_slice);
            let tariff = versions.iter().find(|version| version.id == id);
            let terms = &tariff.ok_or(BooksError::UnknownTariff(id))?.terms;
            for line in charge.lines.iter().filter(|line| line.day == key.day) {
                let amount = added(terms, so_far, line.gross)?;
                so_far = so_far.plus(&ChargeLine { amount, ..*line })?;
                amounts.insert((*visit, key.day), amount);
            }
        }
        Ok(())
    }

    fn credit(&mut self, charge: &Charge, revision: i64, world: &World) -> Result<(), MoneyError> {
        let period = self.closed.first_open(charge.period);
        self.posted.push(charge.credit(revision, period, world)?);
        Ok(())
    }

    /// Posts a charge and makes it the effective one of its visit.
    fn post(&mut self, charge: Charge) {
        if let Some(record) = self.visits.get_mut(&charge.visit) {
            record.charge = Some(charge.clone());
        }
        self.posted.push(charge);
    }
}

/// Returns the billing days a charge has lines on.
fn days_of(charge: &Charge) -> impl Iterator<Item = DayKey> {
    charge.lines.iter().map(|line| DayKey { hub: charge.hub, member: charge.member, day: line.day })
}

/// Returns the charge with the given amounts on the days that have one.
fn with_amounts(charge: &Charge, amounts: &HashMap<(VisitId, Date), Money>) -> Result<Charge, MoneyError> {
    let mut charge = charge.clone();
    charge.amount = Money::zero(charge.amount.currency);
    for line in &mut charge.lines {
        line.amount = amounts.get(&(charge.visit, line.day)).copied().unwrap_or(line.amount);
        charge.amount = charge.amount.plus(line.amount)?;
    }
    Ok(charge)
}
