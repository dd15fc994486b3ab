//! Rating: what a visit costs. A pure function of the visit, the terms, and what the earlier visits of its billing days
//! cost.
//!
//! In this order:
//! 1. Both ends of the visit are cut to the whole second.
//! 2. The first `grace_minutes` are free, for a long visit as for a short one; a visit that ends within them costs
//!    nothing.
//! 3. The rest is cut at every midnight of the host's zone into billing days (R8), and each day at every window's
//!    boundary and at every change of the clocks; of each stretch the first fitting element sets the price.
//! 4. A day's time is rounded up to the billing step. The seconds this adds are priced like the last stretch, as if
//!    the visitor had stayed that little longer.
//! 5. The day's price is rounded to the minor unit, half to even: the only rounding of the line (R9).
//! 6. The line is what the day costs with this visit, less what the earlier visits of the day cost. A day costs the sum
//!    of its visits, at most the maximum, at least the minimum if it costs anything at all. Which visits are earlier
//!    is a question of when they began, never of when they became known (R20, see [`crate::books`]). A line is never
//!    negative: where a later tariff of the same day has a lower maximum, it adds nothing.

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    tz::AmbiguousOffset,
};
use kernel::{Interval, Money, MoneyError, Zone};
use rust_decimal::Decimal;

use crate::{Category, ChargeLine, ChargeReason, Terms, terms::WallTime};

const SECONDS_PER_HOUR: Decimal = Decimal::from_parts(3_600, 0, 0, false, 0);

/// The visit, as far as its price depends on it.
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
    /// The prices of the billed time alone.
    pub gross_minor: i64,
    /// What was charged.
    pub amount_minor: i64,
}

impl DayTotal {
    /// The total with one more line.
    ///
    /// # Errors
    /// Too large.
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
    /// Why it costs that.
    pub reason: ChargeReason,
}

/// Rates a visit. `so_far` answers what the day's earlier visits cost this member at this hub.
///
/// # Errors
/// An amount is too large.
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

/// Prices the time of a visit alone: one line per billing day, each amount what the time is worth, as if a day had
/// neither minimum nor maximum.
///
/// # Errors
/// An amount is too large.
pub(crate) fn price(stay: Stay<'_>, terms: &Terms) -> Result<Vec<ChargeLine>, MoneyError> {
    let Some(billable) = billable(stay.interval, terms) else { return Ok(Vec::new()) };
    let pieces = billable.cut_by_day(stay.zone).into_iter().filter(|(_, piece)| piece.seconds() > 0);
    pieces.map(|(day, piece)| line(stay, terms, day, piece)).collect()
}

/// What a visit adds to a day whose earlier visits came to `so_far`.
///
/// # Errors
/// An amount is too large.
pub(crate) fn added(terms: &Terms, so_far: DayTotal, gross: Money) -> Result<Money, MoneyError> {
    let due = day_price(terms, so_far.gross_minor.checked_add(gross.minor).ok_or(MoneyError::Overflow)?);
    let minor = due.checked_sub(so_far.amount_minor).ok_or(MoneyError::Overflow)?.max(0);
    Ok(Money::new(minor, gross.currency))
}

/// What is left of the visit after the free minutes, in whole seconds.
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

/// What a day costs whose time alone is worth `gross_minor`.
fn day_price(terms: &Terms, gross_minor: i64) -> i64 {
    if gross_minor <= 0 {
        return 0;
    }
    let at_least = gross_minor.max(terms.minimum_per_day.minor);
    terms.maximum_per_day.map_or(at_least, |maximum| at_least.min(maximum.minor))
}

/// Cuts one day's piece wherever the price may change.
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

/// The instants at which a wall clock shows a time on a day: two where the clocks go back; where they go forward, the
/// two readings of a time that is skipped. A cut too many does no harm.
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

/// The smallest multiple of `step` that is not below.
fn round_up(seconds: i64, step: i64) -> i64 {
    (seconds + step - 1).div_euclid(step) * step
}

#[cfg(test)]
mod tests;
