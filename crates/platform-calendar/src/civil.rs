//! Civil time: what the clock on a wall shows, and the instants it stands for.
//!
//! Always true: a stretch of civil time ends after it begins and is written in whole seconds. What the clock shows becomes
//! an instant in one way (RFC 5545 §3.3.5):
//! - a time that the clock skips (the gap, when clocks go forward) is read with the offset before the gap: 02:30 on the
//!   last Sunday of March in Prague is the instant at which the clock shows 03:30;
//! - a time that the clock shows twice (the fold, when clocks go back) is the first of the two.
//!
//! A stretch that begins in a gap is moved as a whole: it keeps the length that its clock times have. Every other stretch
//! ends when the clock shows its end, so a night of 22:00–06:00 is an hour shorter or longer when clocks change.

use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, DateTime, Time},
};
use kernel::{Interval, Zone};

use crate::RecurrenceError;

/// The longest that one occurrence lasts, in days.
const LONGEST_DAYS: i64 = 366;

/// The instant at which a clock in the zone shows this time.
pub fn instant_of(shown: DateTime, zone: &Zone) -> Timestamp {
    let beyond = if shown.year() < 0 { Timestamp::MIN } else { Timestamp::MAX };
    zone.tz().to_zoned(shown).map_or(beyond, |zoned| zoned.timestamp())
}

/// A stretch `[from, until)` of civil time: of some hours, or of whole days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CivilSpan {
    from: DateTime,
    until: DateTime,
    is_all_day: bool,
}

impl CivilSpan {
    /// From one time on the clock until another.
    ///
    /// # Errors
    /// It ends before it begins, is longer than a year, or has fractions of a second.
    pub fn timed(from: DateTime, until: DateTime) -> Result<Self, RecurrenceError> {
        if from.subsec_nanosecond() != 0 || until.subsec_nanosecond() != 0 {
            return Err(RecurrenceError::Fraction);
        }
        Self { from, until, is_all_day: false }.checked()
    }

    /// Whole days: from the first until the day after the last.
    ///
    /// # Errors
    /// It ends before it begins, or is longer than a year.
    pub fn days(first: Date, until: Date) -> Result<Self, RecurrenceError> {
        let midnight = Time::midnight();
        Self { from: first.to_datetime(midnight), until: until.to_datetime(midnight), is_all_day: true }
            .checked()
    }

    fn checked(self) -> Result<Self, RecurrenceError> {
        if self.until <= self.from {
            return Err(RecurrenceError::EmptySpan);
        }
        if self.length() > SignedDuration::from_hours(24 * LONGEST_DAYS) {
            return Err(RecurrenceError::TooLong { days: LONGEST_DAYS });
        }
        Ok(self)
    }

    /// What the clock shows when it begins.
    pub fn from(&self) -> DateTime {
        self.from
    }

    /// What the clock shows when it is over.
    pub fn until(&self) -> DateTime {
        self.until
    }

    /// Whether it is of whole days.
    pub fn is_all_day(&self) -> bool {
        self.is_all_day
    }

    /// How far the clock moves from its begin to its end.
    pub(crate) fn length(&self) -> SignedDuration {
        self.from.duration_until(self.until)
    }

    /// The stretch of the same length that begins at another time.
    pub(crate) fn starting_at(&self, from: DateTime) -> Self {
        Self { from, until: from.saturating_add(self.length()), is_all_day: self.is_all_day }
    }

    /// The instants it lies between.
    pub fn interval(&self, zone: &Zone) -> Interval {
        let from = instant_of(self.from, zone);
        let is_skipped = zone.tz().to_datetime(from) != self.from;
        let shown_end = if is_skipped && !self.is_all_day {
            zone.tz().to_datetime(from).saturating_add(self.length())
        } else {
            self.until
        };
        let until = instant_of(shown_end, zone).max(from);
        Interval::new(from, until).expect("the end was just put after the start")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(from: &str, until: &str) -> Interval {
        let read = |text: &str| text.parse().expect("a civil time");
        let zone = "Europe/Prague".parse().expect("a zone");
        CivilSpan::timed(read(from), read(until)).expect("a stretch").interval(&zone)
    }

    fn interval(from: &str, until: &str) -> Interval {
        let read = |text: &str| text.parse().expect("an instant");
        Interval::new(read(from), read(until)).expect("an interval")
    }

    #[test]
    fn a_start_in_the_gap_is_read_with_the_offset_before_it_and_keeps_its_length() {
        assert_eq!(
            span("2026-03-29T02:30:00", "2026-03-29T03:00:00"),
            interval("2026-03-29T01:30:00Z", "2026-03-29T02:00:00Z")
        );
    }

    #[test]
    fn a_start_in_the_fold_is_the_first_of_the_two() {
        assert_eq!(
            span("2026-10-25T02:30:00", "2026-10-25T03:00:00"),
            interval("2026-10-25T00:30:00Z", "2026-10-25T02:00:00Z")
        );
    }

    #[test]
    fn a_night_ends_when_the_clock_shows_its_end() {
        assert_eq!(span("2026-03-28T22:00:00", "2026-03-29T06:00:00").seconds(), 7 * 3_600);
        assert_eq!(span("2026-10-24T22:00:00", "2026-10-25T06:00:00").seconds(), 9 * 3_600);
    }

    #[test]
    fn a_stretch_that_is_empty_backward_or_too_long_is_refused() {
        let day = |text: &str| text.parse::<Date>().expect("a day");
        assert_eq!(CivilSpan::days(day("2026-01-02"), day("2026-01-02")), Err(RecurrenceError::EmptySpan));
        assert_eq!(CivilSpan::days(day("2026-01-02"), day("2026-01-01")), Err(RecurrenceError::EmptySpan));
        assert_eq!(
            CivilSpan::days(day("2026-01-01"), day("2027-01-03")),
            Err(RecurrenceError::TooLong { days: 366 })
        );
    }
}
