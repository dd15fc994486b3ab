//! The stays of a person on one day in a hub: one or two within the opening hours, with lunch in between.

use crate::dice::Dice;
use crate::hub::{Habits, Span};

/// A stay from arrival to departure, in seconds of the local day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stay {
    pub(crate) arrives: i64,
    pub(crate) leaves: i64,
}

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const LUNCH_FROM: i64 = 11 * HOUR + 30 * MINUTE;
/// The latest arrival before closing.
const LAST_ARRIVAL_SECONDS: i64 = 20 * MINUTE;
/// Share of those who overstay closing, by minutes.
const OVERSTAY_PERMILLE: i64 = 150;

/// Returns one person's stays on an open day, in order.
pub(crate) fn stays(hours: &[Span], habits: &Habits, dice: &mut Dice) -> Vec<Stay> {
    match dice.weighted([habits.whole_day, habits.half_day, habits.short].into_iter()) {
        Some(0) => whole_day(hours, dice),
        Some(1) => vec![part_of_day(hours, (2 * HOUR, 4 * HOUR), dice)],
        _ => vec![part_of_day(hours, (20 * MINUTE, 100 * MINUTE), dice)],
    }
}

fn whole_day(hours: &[Span], dice: &mut Dice) -> Vec<Stay> {
    let first = hours[0];
    let arrives = first.opens + dice.between(0, 90 * MINUTE);
    let leaves = arrives + dice.between(6 * HOUR + 30 * MINUTE, 9 * HOUR);
    if let [morning, afternoon] = hours {
        let returns = afternoon.opens + dice.between(0, 25 * MINUTE);
        return vec![
            within(*morning, Stay { arrives, leaves }, dice),
            within(*afternoon, Stay { arrives: returns, leaves }, dice),
        ];
    }
    let lunch = LUNCH_FROM + dice.between(0, 90 * MINUTE);
    let returns = lunch + dice.between(25 * MINUTE, 60 * MINUTE);
    if returns + 2 * HOUR < leaves.min(first.closes) && dice.permille(750) {
        let morning = Stay { arrives, leaves: lunch };
        return vec![morning, within(first, Stay { arrives: returns, leaves }, dice)];
    }
    vec![within(first, Stay { arrives, leaves }, dice)]
}

fn part_of_day(hours: &[Span], (shortest, longest): (i64, i64), dice: &mut Dice) -> Stay {
    let span = dice.pick(hours);
    let length = dice.between(shortest, longest);
    let latest = (span.closes - length).max(span.opens + HOUR);
    let arrives = dice.between(span.opens, latest);
    within(span, Stay { arrives, leaves: arrives + length }, dice)
}

/// Fits a stay into opening hours: arrivals strictly inside, departures at most nine minutes past closing.
fn within(span: Span, stay: Stay, dice: &mut Dice) -> Stay {
    let arrives = stay.arrives.clamp(span.opens, span.closes - LAST_ARRIVAL_SECONDS);
    let leaves = if stay.leaves < span.closes {
        stay.leaves
    } else if dice.permille(OVERSTAY_PERMILLE) {
        span.closes + dice.between(MINUTE, 9 * MINUTE)
    } else {
        span.closes - dice.between(1, 10 * MINUTE)
    };
    Stay { arrives, leaves }
}
