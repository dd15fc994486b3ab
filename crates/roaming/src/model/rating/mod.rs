//! Rating: computes the price of a visit. A pure function of the visit, the terms, and the prices of the earlier
//! visits of its billing days.
//!
//! The steps, in this order:
//! 1. Both ends of the visit are truncated to the whole second.
//! 2. The first `grace_minutes` are free, for a long visit as for a short one; a visit that ends within them costs
//!    nothing.
//! 3. The rest is cut at every midnight of the host's zone into billing days (R8), and each day at every window's
//!    boundary and at every change of the clocks; for each segment the first matching element sets the price.
//! 4. A day's time is rounded up to the billing step. The added seconds are priced like the last segment, as if the
//!    visitor had stayed that much longer.
//! 5. The day's price is rounded to the minor unit, half to even: the only rounding of the line (R9).
//! 6. The line is the price of the day with this visit, less the price of the day's earlier visits. A day costs the
//!    sum of its visits, at most the maximum, and at least the minimum if it costs anything at all. Earlier visits
//!    are those that began earlier, not those that became known earlier (R20, see [`crate::model::books`]). A line is never
//!    negative: where a later tariff of the same day has a lower maximum, it adds nothing.

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    tz::AmbiguousOffset,
};
use kernel::{Interval, Money, MoneyError, Zone};
use rust_decimal::Decimal;

use crate::{Category, ChargeLine, ChargeReason, Terms, model::terms::WallTime};

const SECONDS_PER_HOUR: Decimal = Decimal::from_parts(3_600, 0, 0, false, 0);

/// A visit, as far as its price depends on it.
#[derive(Debug, Clone, Copy)]
pub struct Stay<'z> {
    /// From check-in to check-out.
    pub interval: Interval,
    /// The host's zone.
    pub zone: &'z Zone,
    /// The visitor's category.
    pub category: Category,
}

/// What a member's earlier visits at one hub have added to a day, in minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DayTotal {
    /// The price of the billed time alone.
    pub gross_minor: i64,
    /// The amount charged.
    pub amount_minor: i64,
}

impl DayTotal {
    /// Returns the total with one more line.
    ///
    /// # Errors
    /// Fails if the total is too large.
    pub fn plus(self, line: &ChargeLine) -> Result<Self, MoneyError> {
        let add = |sum: i64, more: i64| sum.checked_add(more).ok_or(MoneyError::Overflow);
        Ok(Self {
            gross_minor: add(self.gross_minor, line.gross.minor)?,
            amount_minor: add(self.amount_minor, line.amount.minor)?,
        })
    }
}

/// A rated visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rated {
    /// The sum of the lines.
    pub amount: Money,
    /// One line per billing day with billed time.
    pub lines: Vec<ChargeLine>,
    /// The reason for the amount.
    pub reason: ChargeReason,
}

/// Rates a visit. `so_far` returns what the day's earlier visits cost this member at this hub.
///
/// # Errors
/// Fails if an amount is too large.
pub fn rate(stay: Stay<'_>, terms: &Terms, so_far: impl Fn(Date) -> DayTotal) -> Result<Rated, MoneyError> {
    let mut lines = price(stay, terms)?;
    let mut sum = Money::zero(terms.currency());
    for line in &mut lines {
        line.amount = added(terms, so_far(line.day), line.gross)?;
        sum = sum.plus(line.amount)?;
    }
    let reason = if lines.is_empty() { ChargeReason::WithinGrace } else { ChargeReason::RatedByTariff };
    Ok(Rated { amount: sum, lines, reason })
}

/// Prices the time of a visit alone: one line per billing day, without the minimum and maximum of the day.
///
/// # Errors
/// Fails if an amount is too large.
pub(crate) fn price(stay: Stay<'_>, terms: &Terms) -> Result<Vec<ChargeLine>, MoneyError> {
    let Some(billable) = billable(stay.interval, terms) else { return Ok(Vec::new()) };
    let pieces = billable.cut_by_day(stay.zone).into_iter().filter(|(_, piece)| piece.seconds() > 0);
    pieces.map(|(day, piece)| line(stay, terms, day, piece)).collect()
}

/// Returns what a visit adds to a day whose earlier visits came to `so_far`.
///
/// # Errors
/// Fails if an amount is too large.
pub(crate) fn added(terms: &Terms, so_far: DayTotal, gross: Money) -> Result<Money, MoneyError> {
    let due = day_price(terms, so_far.gross_minor.checked_add(gross.minor).ok_or(MoneyError::Overflow)?);
    let minor = due.checked_sub(so_far.amount_minor).ok_or(MoneyError::Overflow)?.max(0);
    Ok(Money::new(minor, gross.currency))
}

/// Returns the part of the visit after the free minutes, in whole seconds.
fn billable(whole: Interval, terms: &Terms) -> Option<Interval> {
    let from = whole.from().as_second() + i64::from(terms.grace_minutes) * 60;
    let (from, until) =
        (Timestamp::from_second(from).ok()?, Timestamp::from_second(whole.until().as_second()).ok()?);
    Interval::new(from, until).ok().filter(|rest| rest.seconds() > 0)
}

fn line(stay: Stay<'_>, terms: &Terms, day: Date, piece: Interval) -> Result<ChargeLine, MoneyError> {
    let stayed = piece.seconds();
    let step = i64::from(terms.billing_step_seconds);
    let billed_seconds = round_up(stayed, step);
    let mut price_seconds = Decimal::ZERO;
    let mut last_price = terms.price_per_hour;
    for stretch in stretches(stay.zone, terms, day, piece) {
        last_price = terms.price_at(day, wall_time(stay.zone, stretch.from()), stay.category);
        price_seconds = add(price_seconds, times(last_price, stretch.seconds())?)?;
    }
    price_seconds = add(price_seconds, times(last_price, billed_seconds - stayed)?)?;
    let gross = Money::from_major_rounded(price_seconds / SECONDS_PER_HOUR, terms.currency())?;
    Ok(ChargeLine { day, billed_seconds, gross, amount: gross })
}

/// Returns the price of a day whose time alone costs `gross_minor`.
fn day_price(terms: &Terms, gross_minor: i64) -> i64 {
    if gross_minor <= 0 {
        return 0;
    }
    let at_least = gross_minor.max(terms.minimum_per_day.minor);
    terms.maximum_per_day.map_or(at_least, |maximum| at_least.min(maximum.minor))
}

/// Cuts one day's part of the visit wherever the price may change.
fn stretches(zone: &Zone, terms: &Terms, day: Date, piece: Interval) -> Vec<Interval> {
    let mut cuts: Vec<Timestamp> = Vec::new();
    for window in terms.elements.iter().filter_map(|element| element.window) {
        for boundary in [window.from, window.until] {
            cuts.extend(instants_of(zone, day, boundary));
        }
    }
    if !cuts.is_empty() {
        let changes = zone.tz().following(piece.from()).map(|change| change.timestamp());
        cuts.extend(changes.take_while(|at| *at < piece.until()));
    }
    cuts.retain(|at| piece.from() < *at && *at < piece.until());
    cuts.sort_unstable();
    cuts.dedup();
    cuts.push(piece.until());
    let mut from = piece.from();
    let mut stretches = Vec::with_capacity(cuts.len());
    for until in cuts {
        stretches.extend(Interval::new(from, until));
        from = until;
    }
    stretches
}

/// Returns the instants at which local clocks show a time on a day: two where the clocks go back; where they go
/// forward, the two readings of a skipped time. An extra cut does no harm.
fn instants_of(zone: &Zone, day: Date, time: WallTime) -> Vec<Timestamp> {
    let minute = i64::from(time.minute_of_day());
    let Ok(shown) = DateTime::from(day).checked_add(jiff::Span::new().minutes(minute)) else {
        return Vec::new();
    };
    let offsets = match zone.tz().to_ambiguous_timestamp(shown).offset() {
        AmbiguousOffset::Unambiguous { offset } => vec![offset],
        AmbiguousOffset::Gap { before, after } | AmbiguousOffset::Fold { before, after } => {
            vec![before, after]
        }
    };
    offsets.into_iter().filter_map(|offset| offset.to_timestamp(shown).ok()).collect()
}

fn wall_time(zone: &Zone, at: Timestamp) -> WallTime {
    let time = zone.tz().to_datetime(at).time();
    let minute = u16::from(time.hour().unsigned_abs()) * 60 + u16::from(time.minute().unsigned_abs());
    WallTime::from_minute(minute).expect("a clock shows at most 23:59")
}

fn times(price: Decimal, seconds: i64) -> Result<Decimal, MoneyError> {
    price.checked_mul(Decimal::from(seconds)).ok_or(MoneyError::Overflow)
}

fn add(sum: Decimal, more: Decimal) -> Result<Decimal, MoneyError> {
    sum.checked_add(more).ok_or(MoneyError::Overflow)
}

/// Rounds up to a multiple of `step`.
fn round_up(seconds: i64, step: i64) -> i64 {
    (seconds + step - 1).div_euclid(step) * step
}

#[cfg(test)]
mod tests;
