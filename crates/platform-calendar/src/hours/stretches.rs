//! Stretches of a day as a text of opening hours gives them: from when until when each can be, and what is wrong with it.
//!
//! Always true: nothing here asks the sun or a calendar; where a time depends on them, its earliest and its latest count.

use std::ops::RangeInclusive;

use opening_hours_syntax::rules::time::{Time, TimeEvent, TimeSpan};

/// Minutes from midnight to midnight on the wall clock.
pub(crate) const MIDNIGHT: i64 = 24 * 60;
/// The latest that the sun rises on a wall clock, where days are short and zones wide.
const LATEST_SUNRISE: i64 = 14 * 60;

/// Why a stretch does not say when it ends, if it does not; what to write instead.
pub(super) fn undecided_by(span: &TimeSpan) -> Option<&'static str> {
    if span.open_end {
        return Some("an open end (`+`) does not say when the hub closes; write the time");
    }
    if span.repeats.is_some() {
        return Some("points in time (`/`) are no opening hours; write from when until when");
    }
    // The evaluator takes an end before the beginning for the next day's, and counts to 48:00.
    let (start, end) = (minutes(span.range.start), minutes(span.range.end));
    let may_end_before = *start.end() > end.start() + MIDNIGHT;
    let may_wrap_twice = *start.end() > MIDNIGHT && *end.end() > MIDNIGHT;
    (may_end_before || may_wrap_twice).then_some(
        "it may begin after midnight; write a time for its end that is later on that day, such as 02:00",
    )
}

/// From when until when a time can be, in minutes from midnight.
fn minutes(time: Time) -> RangeInclusive<i64> {
    match time {
        Time::Fixed(time) => {
            let minute = time.mins_from_midnight().into();
            minute..=minute
        }
        Time::Variable(time) => {
            let latest = match time.event {
                TimeEvent::Dawn | TimeEvent::Sunrise => LATEST_SUNRISE,
                TimeEvent::Sunset | TimeEvent::Dusk => MIDNIGHT,
            };
            let offset = i64::from(time.offset);
            offset.max(0)..=latest + offset
        }
    }
}

/// Whether a stretch may do so; where the sun decides, it is looked at.
pub(super) fn runs_past_midnight(span: &TimeSpan) -> bool {
    match (&span.range.start, &span.range.end) {
        (Time::Fixed(from), Time::Fixed(until)) => {
            until <= from || i64::from(until.mins_from_midnight()) > MIDNIGHT
        }
        _ => true,
    }
}

/// Until when a day is open from its midnight on, in minutes; 0 when it does not begin open.
pub(super) fn past_midnight_until(stretches: &[(i64, i64)]) -> i64 {
    stretches.iter().find(|(from, _)| *from == 0).map_or(0, |(_, until)| *until)
}

pub(super) fn overlaps(spans: &[TimeSpan]) -> bool {
    let fixed: Vec<(u16, u16)> = spans
        .iter()
        .filter_map(|span| match (&span.range.start, &span.range.end) {
            (Time::Fixed(from), Time::Fixed(until)) => {
                Some((from.mins_from_midnight(), until.mins_from_midnight()))
            }
            _ => None,
        })
        .collect();
    fixed.iter().enumerate().any(|(place, (from, until))| {
        fixed.iter().skip(place + 1).any(|(other_from, other_until)| from < other_until && other_from < until)
    })
}
