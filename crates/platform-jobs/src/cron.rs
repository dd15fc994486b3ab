//! Cron expressions in the civil time of a zone.
//!
//! Always true, also on the days the clocks change:
//! - Every civil time that the expression names is one instant, so a daily job runs once a day.
//! - A time that the clock skips in spring is as much later as the clock skips: 02:30 is 03:30, as in iCalendar. If
//!   the expression names 03:30, too, the two are one run.
//! - A time that the clock shows twice in autumn is the first of the two.
//!
//! So `0 * * * *` in Prague runs 23 times on a day of 23 hours, and 24 times on one of 25. Work that goes by elapsed time
//! is a matter of [`Kind::every`](crate::Kind::every).

use std::{fmt, str::FromStr};

use jiff::{SignedDuration, Timestamp, Zoned, civil::DateTime, tz::TimeZone};
use kernel::Zone;

/// No clock of a zone in use is put forward by more.
const LONGEST_GAP: SignedDuration = SignedDuration::from_hours(2);

/// The text is no cron expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{expression:?} is not a cron expression: {why}")]
pub struct CronError {
    expression: String,
    why: String,
}

/// A cron expression of five fields and the zone in whose civil time it counts.
#[derive(Debug, Clone)]
pub struct Cron {
    expression: String,
    schedule: jiff_cron::Schedule,
    zone: Zone,
}

impl Cron {
    /// Reads minute, hour, day of the month, month and day of the week, such as `30 2 * * Mon-Fri`. Days of the week go
    /// by their names, because cron implementations number them differently.
    ///
    /// # Errors
    /// It is no such expression.
    pub fn new(expression: &str, zone: Zone) -> Result<Self, CronError> {
        let wrong =
            |why: &dyn fmt::Display| CronError { expression: expression.to_owned(), why: why.to_string() };
        let fields: Vec<&str> = expression.split_whitespace().collect();
        let [minute, hour, day, month, weekday] = fields[..] else {
            return Err(wrong(&"it has five fields: minute, hour, day, month, day of the week"));
        };
        if weekday.contains(|sign: char| sign.is_ascii_digit()) {
            return Err(wrong(&"days of the week go by their names, such as Mon-Fri"));
        }
        // The library counts seconds, too.
        let with_seconds = format!("0 {minute} {hour} {day} {month} {weekday}");
        let schedule = jiff_cron::Schedule::from_str(&with_seconds).map_err(|error| wrong(&error))?;
        Ok(Self { expression: expression.to_owned(), schedule, zone })
    }

    /// The first instant after another; nothing if the expression names none in this century.
    pub fn next_after(&self, after: Timestamp) -> Option<Timestamp> {
        let civil = self.zone.tz().to_datetime(after);
        // A time before now on the clock may still come, where the clock has just been put forward.
        let from = as_utc(civil.checked_sub(LONGEST_GAP).ok()?)?;
        let mut next: Option<(DateTime, Timestamp)> = None;
        for candidate in self.schedule.after(from) {
            let candidate = candidate.datetime();
            if next.is_some_and(|(first, _)| first.checked_add(LONGEST_GAP).is_ok_and(|end| candidate > end))
            {
                break;
            }
            let at = self.zone.tz().to_ambiguous_timestamp(candidate).compatible().ok()?;
            if at > after && next.is_none_or(|(_, earlier)| at < earlier) {
                next = Some((next.map_or(candidate, |(first, _)| first), at));
            }
        }
        next.map(|(_, at)| at)
    }
}

impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cron {} {}", self.expression, self.zone)
    }
}

/// A civil time, dressed as one of UTC, where no time is skipped or comes twice.
fn as_utc(civil: DateTime) -> Option<Zoned> {
    civil.to_zoned(TimeZone::UTC).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cron(expression: &str) -> Cron {
        Cron::new(expression, "Europe/Prague".parse().expect("a zone")).expect("an expression")
    }

    fn runs(expression: &str, after: &str, count: usize) -> Vec<String> {
        let cron = cron(expression);
        let mut at: Timestamp = after.parse().expect("an instant");
        let next = || {
            at = cron.next_after(at)?;
            Some(at.to_string())
        };
        std::iter::from_fn(next).take(count).collect()
    }

    #[test]
    fn a_daily_job_keeps_its_civil_time_when_the_clocks_change() {
        let seen = runs("0 6 * * *", "2026-03-28T00:00:00Z", 3);
        assert_eq!(seen, ["2026-03-28T05:00:00Z", "2026-03-29T04:00:00Z", "2026-03-30T04:00:00Z"]);
    }

    #[test]
    fn a_time_that_the_clock_skips_runs_as_much_later_as_the_clock_skips() {
        // On 29 March 2026 the clock goes from 02:00 to 03:00, which is 01:00 UTC.
        let seen = runs("30 2 * * *", "2026-03-28T00:00:00Z", 3);
        assert_eq!(seen, ["2026-03-28T01:30:00Z", "2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z"]);
        // Also for a process that looks between the change and the run.
        assert_eq!(runs("30 2 * * *", "2026-03-29T01:10:00Z", 1), ["2026-03-29T01:30:00Z"]);
    }

    #[test]
    fn a_time_that_the_clock_shows_twice_runs_once() {
        // On 25 October 2026 the clock goes from 03:00 to 02:00, which is 01:00 UTC.
        let seen = runs("30 2 * * *", "2026-10-24T12:00:00Z", 2);
        assert_eq!(seen, ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]);
        assert_eq!(runs("30 2 * * *", "2026-10-25T01:10:00Z", 1), ["2026-10-26T01:30:00Z"]);
    }

    #[test]
    fn times_that_fall_together_when_the_clock_skips_are_one_run() {
        let seen = runs("*/30 2,3 * * *", "2026-03-29T00:00:00Z", 3);
        assert_eq!(seen, ["2026-03-29T01:00:00Z", "2026-03-29T01:30:00Z", "2026-03-30T00:00:00Z"]);
    }

    #[test]
    fn an_expression_is_five_fields_and_names_days_of_the_week() {
        for wrong in ["", "* * * *", "* * * * * *", "61 * * * *", "0 6 * * 1", "0 6 * * Someday"] {
            assert!(Cron::new(wrong, Zone::UTC).is_err(), "{wrong:?}");
        }
        assert_eq!(runs("0 6 * * Mon", "2026-11-29T12:00:00Z", 1), ["2026-11-30T05:00:00Z"]);
        assert_eq!(cron("0 6 * * Mon").to_string(), "cron 0 6 * * Mon Europe/Prague");
    }

    #[test]
    fn an_expression_that_names_no_day_never_runs() {
        assert_eq!(cron("0 6 31 2 *").next_after(Timestamp::UNIX_EPOCH), None);
    }

    proptest! {
        /// Whenever somebody asks between two runs, the next one is the same; so it does not matter when a process looks.
        #[test]
        fn the_next_run_is_the_same_whenever_it_is_asked_for(
            // Around the changes of 2026, to the second.
            hour in prop_oneof![0_i64..6, 5_040_i64..5_046],
            minute in prop_oneof![Just("*/7"), Just("30"), Just("0"), Just("0,59")],
            hours in prop_oneof![Just("*"), Just("2"), Just("1-3"), Just("*/2")],
            asked in 0_u8..100,
        ) {
            let cron = cron(&format!("{minute} {hours} * * *"));
            let spring: Timestamp = "2026-03-28T22:00:00Z".parse().expect("an instant");
            let start = spring + SignedDuration::from_hours(hour);
            let first = cron.next_after(start).expect("a run");
            let second = cron.next_after(first).expect("another");
            prop_assert!(start < first && first < second);
            let between = first.duration_since(start).as_secs() * i64::from(asked) / 100;
            prop_assert_eq!(cron.next_after(start + SignedDuration::from_secs(between)), Some(first));
            let between = second.duration_since(first).as_secs() * i64::from(asked) / 100;
            prop_assert_eq!(cron.next_after(first + SignedDuration::from_secs(between)), Some(second));
        }
    }
}
