//! Rule: how often something happens again, as the text of an RRULE says it (RFC 5545 §3.3.10).
//!
//! Always true: a rule is counted in days, weeks, months or years, so an occurrence begins at the time of day at which the
//! first one begins. A part that the calendars of phones read in different ways is refused by its name: `BYWEEKNO`,
//! `BYYEARDAY`, parts of a day, positions that nobody can point at in a calendar, and days that a month does not have.

use std::{collections::BTreeMap, fmt::Write as _};

use chrono::{Datelike as _, NaiveDate, TimeZone as _, Timelike as _};
use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, DateTime},
    fmt::strtime,
};
use kernel::Zone;
use rrule::{RRule, RRuleSet, Tz, Unvalidated, Validated};

use crate::{RecurrenceError, civil::instant_of};

/// The longest text that a rule has, without its end.
const LONGEST_TEXT: usize = 300;
/// The most days, weeks, months or years between two occurrences.
const LONGEST_INTERVAL: i64 = 999;
/// The most occurrences that a rule counts.
const HIGHEST_COUNT: i64 = 9_999;
/// How many days a month has in every year.
const DAYS_OF_MONTHS: [i64; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const WEEKDAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

/// How often something happens again.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    /// The parts without `UNTIL`, as they are written out.
    parts: String,
    /// No occurrence begins after this instant.
    last: Option<Timestamp>,
    is_counted: bool,
    /// Whether the day of the first occurrence is one of the months, days of a month and weekdays that the rule names. A
    /// rule that names a day there never is, such as 30 February, is recognised by this, and never expanded.
    fits_its_start: bool,
    expanded: RRule<Validated>,
    start: chrono::DateTime<Tz>,
}

impl Rule {
    /// Reads the text of an RRULE, with or without its name, for something that begins at `start` for the first time.
    ///
    /// # Errors
    /// [`RecurrenceError::Rule`] names the part that is refused.
    pub(crate) fn parse(text: &str, start: DateTime, zone: &Zone) -> Result<Self, RecurrenceError> {
        let refused = |part: &str, rule| Err(RecurrenceError::Rule { part: part.into(), rule });
        let mut parts = Parts::read(text)?;
        let until = parts.0.remove("UNTIL");
        parts.check()?;
        parts.check_days_of_year(start.date())?;
        if until.is_some() && parts.get("COUNT").is_some() {
            return refused("COUNT", "a rule has COUNT or UNTIL, not both");
        }
        let last = until.as_deref().map(|until| read_until(until, zone)).transpose()?;
        let unread =
            |_error| RecurrenceError::Rule { part: text.into(), rule: "it is not a rule of RFC 5545" };
        let written = parts.written();
        if written.len() > LONGEST_TEXT {
            return refused("RRULE", "a rule has at most 300 characters");
        }
        let in_utc = in_utc(start).ok_or(RecurrenceError::FarYear)?;
        let read: RRule<Unvalidated> = written.parse().map_err(unread)?;
        let expanded = read.validate(in_utc).map_err(unread)?;
        let is_counted = parts.get("COUNT").is_some();
        let fits_its_start = parts.name(start.date());
        Ok(Self { parts: written, last, is_counted, fits_its_start, expanded, start: in_utc })
    }

    /// Whether the first occurrence is the one that the rule was read with.
    pub(crate) fn begins_with(&self, start: DateTime, zone: &Zone) -> bool {
        self.fits_its_start && self.starts_until(start, zone).first() == Some(&start)
    }

    /// Whether the rule ends by itself.
    pub(crate) fn is_bounded(&self) -> bool {
        self.is_counted || self.last.is_some()
    }

    /// No occurrence begins after this instant, if the rule says so.
    pub(crate) fn last(&self) -> Option<Timestamp> {
        self.last
    }

    /// What the clock shows at the beginning of every occurrence up to `until`, in order.
    pub(crate) fn starts_until(&self, until: DateTime, zone: &Zone) -> Vec<DateTime> {
        self.starts_between(DateTime::MIN, until, zone, usize::MAX)
    }

    /// What the clock shows at the beginning of the occurrences from `from` up to `until`, in order; at most so many.
    pub(crate) fn starts_between(
        &self,
        from: DateTime,
        until: DateTime,
        zone: &Zone,
        most: usize,
    ) -> Vec<DateTime> {
        let set = RRuleSet::new(self.start).rrule(self.expanded.clone()).limit();
        let is_late = |start: &DateTime| self.last.is_some_and(|last| instant_of(*start, zone) > last);
        set.into_iter()
            .map_while(|start| on_the_clock(&start))
            .take_while(|start| *start <= until && !is_late(start))
            .skip_while(|start| *start < from)
            .take(most)
            .collect()
    }

    /// The text of the RRULE: its end in UTC, or as a day for something that takes whole days.
    pub(crate) fn text(&self, is_all_day: bool, zone: &Zone) -> String {
        let mut text = self.parts.clone();
        if let Some(last) = self.last {
            let until = if is_all_day {
                zone.day_of(last).strftime("%Y%m%d").to_string()
            } else {
                last.strftime("%Y%m%dT%H%M%SZ").to_string()
            };
            // Writing to a string cannot fail.
            let _written = write!(text, ";UNTIL={until}");
        }
        text
    }
}

/// The parts of a rule, each once.
struct Parts(BTreeMap<String, String>);

impl Parts {
    fn read(text: &str) -> Result<Self, RecurrenceError> {
        let text = text.trim().to_ascii_uppercase();
        let text = text.strip_prefix("RRULE:").unwrap_or(&text);
        let mut parts = BTreeMap::new();
        for part in text.split(';') {
            let refused = |rule| RecurrenceError::Rule { part: part.into(), rule };
            let (name, value) =
                part.split_once('=').ok_or(refused("a part is a name and a value, such as FREQ=WEEKLY"))?;
            if parts.insert(name.to_owned(), value.to_owned()).is_some() {
                return Err(refused("a part stands in a rule once"));
            }
        }
        Ok(Self(parts))
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The parts in the order in which rules are usually written.
    fn written(&self) -> String {
        let order = ["FREQ", "INTERVAL", "COUNT", "BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS", "WKST"];
        let written = order.iter().filter_map(|name| Some(format!("{name}={}", self.get(name)?)));
        written.collect::<Vec<_>>().join(";")
    }

    fn check(&self) -> Result<(), RecurrenceError> {
        for (name, value) in &self.0 {
            if let Some(rule) = self.broken_by(name, value) {
                return Err(RecurrenceError::Rule { part: format!("{name}={value}"), rule });
            }
        }
        if self.get("FREQ").is_none() {
            return Err(RecurrenceError::Rule { part: "FREQ".into(), rule: "a rule says how often" });
        }
        Ok(())
    }

    /// A rule of years names its months if it names days of them, and those days are in each of these months every year. What
    /// else there is, calendar programs read in different ways: some move 31 June to 1 July, and 29 February to 1 March.
    fn check_days_of_year(&self, start: Date) -> Result<(), RecurrenceError> {
        let refused = |name: &str, rule| {
            let part = self.get(name).map_or(name.into(), |value| format!("{name}={value}"));
            Err(RecurrenceError::Rule { part, rule })
        };
        if self.get("FREQ") == Some("MONTHLY") {
            let skips_months = self.get("INTERVAL").is_some_and(|it| it.parse() != Ok(1));
            let names_months = self.get("BYMONTH").is_some();
            return if skips_months && names_months {
                refused("BYMONTH", "a rule of months skips months with INTERVAL or names them, not both")
            } else {
                Ok(())
            };
        }
        if self.get("FREQ") != Some("YEARLY")
            || (self.get("BYDAY").is_some() && self.get("BYMONTHDAY").is_none())
        {
            return Ok(());
        }
        if self.get("BYMONTHDAY").is_some() && self.get("BYMONTH").is_none() {
            return refused("BYMONTHDAY", "days of every month are a rule of months: FREQ=MONTHLY");
        }
        let (start_month, start_day) = (start.month().to_string(), start.day().to_string());
        let months = self.get("BYMONTH").unwrap_or(&start_month).split(',');
        let shortest =
            months.filter_map(|month| DAYS_OF_MONTHS.get(month.parse::<usize>().ok()?.checked_sub(1)?));
        let shortest = shortest.copied().min().unwrap_or_default();
        let mut days = self.get("BYMONTHDAY").unwrap_or(&start_day).split(',');
        if days.all(|day| is_place(day, shortest)) {
            return Ok(());
        }
        refused(
            "BYMONTHDAY",
            "every month that is named has the day, in every year; -1 is a month's last day",
        )
    }

    /// What is wrong with a part, if anything is.
    fn broken_by(&self, name: &str, value: &str) -> Option<&'static str> {
        let frequency = self.get("FREQ").unwrap_or_default();
        let of_month = matches!(frequency, "MONTHLY" | "YEARLY");
        let is_right = match name {
            "FREQ" => matches!(value, "DAILY" | "WEEKLY" | "MONTHLY" | "YEARLY"),
            "INTERVAL" => is_number(value, 1, LONGEST_INTERVAL),
            "COUNT" => is_number(value, 1, HIGHEST_COUNT),
            "BYMONTH" => of_each(value, |it| is_number(it, 1, 12)),
            "BYMONTHDAY" => of_month && of_each(value, |it| is_place(it, 31)),
            "BYDAY" => of_each(value, |it| self.is_weekday(it)),
            "BYSETPOS" => of_month && self.get("BYDAY").is_some() && of_each(value, |it| is_place(it, 366)),
            "WKST" => WEEKDAYS.contains(&value),
            _ => false,
        };
        if is_right {
            return None;
        }
        Some(match name {
            "FREQ" => "it is one of DAILY, WEEKLY, MONTHLY and YEARLY",
            "INTERVAL" => "it is a number from 1 to 999",
            "COUNT" => "it is a number from 1 to 9999",
            "BYMONTH" => "months are numbers from 1 to 12",
            "BYMONTHDAY" => "days of a month are 1 to 31 or -1 to -31, in a rule of months or years",
            "BYDAY" => {
                "days are MO to SU; numbers before them, 1 to 5 or -1 to -5, are of a month, or of the months of a year that BYMONTH names"
            }
            "BYSETPOS" => "it picks among the days that BYDAY gives in a month or a year",
            "WKST" => "a week starts on one of MO to SU",
            _ => "this part is not supported; write the days with BYDAY, BYMONTHDAY and BYMONTH",
        })
    }

    /// Whether a day is among the months, the days of a month and the weekdays that are named, where any are.
    fn name(&self, day: Date) -> bool {
        let any = |name: &str, is_it: &dyn Fn(&str) -> bool| {
            self.get(name).is_none_or(|list| list.split(',').any(is_it))
        };
        let from_end = i64::from(day.day()) - i64::from(day.days_in_month()) - 1;
        let weekday = WEEKDAYS[usize::from(day.weekday().to_monday_zero_offset().unsigned_abs())];
        let places = [i64::from(day.day() - 1) / 7 + 1, (from_end + 1) / 7 - 1];
        any("BYMONTH", &|month| month.parse() == Ok(day.month()))
            && any("BYMONTHDAY", &|number| {
                number.parse().is_ok_and(|number: i64| number == i64::from(day.day()) || number == from_end)
            })
            && any("BYDAY", &|named| {
                let place = named.strip_suffix(weekday);
                place.is_some_and(|it| it.is_empty() || it.parse().is_ok_and(|it| places.contains(&it)))
            })
    }

    /// Whether it is a day of the week, or the second Tuesday or the last Friday of a month.
    fn is_weekday(&self, text: &str) -> bool {
        let Some((number, day)) = text.len().checked_sub(2).and_then(|at| text.split_at_checked(at)) else {
            return false;
        };
        let is_of_month = self.get("FREQ") == Some("MONTHLY")
            || (self.get("FREQ") == Some("YEARLY") && self.get("BYMONTH").is_some());
        let may_have_number = is_of_month && self.get("BYMONTHDAY").is_none();
        WEEKDAYS.contains(&day) && (number.is_empty() || (may_have_number && is_place(number, 5)))
    }
}

fn of_each(list: &str, is_right: impl Fn(&str) -> bool) -> bool {
    list.split(',').all(is_right)
}

fn is_number(text: &str, lowest: i64, highest: i64) -> bool {
    let is_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_digits && text.parse().is_ok_and(|number| (lowest..=highest).contains(&number))
}

/// Whether it is a place counted from the beginning or, with a minus, from the end.
fn is_place(text: &str, last: i64) -> bool {
    is_number(text.strip_prefix(['-', '+']).unwrap_or(text), 1, last)
}

/// Reads `UNTIL`: an instant in UTC, a time on the clock, or a day with all that happens on it.
fn read_until(text: &str, zone: &Zone) -> Result<Timestamp, RecurrenceError> {
    let refused = || RecurrenceError::Rule {
        part: format!("UNTIL={text}"),
        rule: "it is a day or a time such as 20261231 or 20261231T225959Z",
    };
    if let Ok(day) = Date::strptime("%Y%m%d", text) {
        let next = day.tomorrow().map_err(|_end_of_calendar| refused())?;
        return Ok(zone.start_of(next) - SignedDuration::from_secs(1));
    }
    let is_utc = text.ends_with('Z');
    let time = strtime::parse("%Y%m%dT%H%M%S", text.strip_suffix('Z').unwrap_or(text));
    let shown = time.and_then(|time| time.to_datetime()).map_err(|_unread| refused())?;
    Ok(if is_utc { instant_of(shown, &Zone::UTC) } else { instant_of(shown, zone) })
}

/// The time on the clock as the library that expands rules takes it: as if the clock showed UTC, which never changes.
fn in_utc(shown: DateTime) -> Option<chrono::DateTime<Tz>> {
    let unsigned = |part: i8| u32::from(part.unsigned_abs());
    let day = NaiveDate::from_ymd_opt(shown.year().into(), unsigned(shown.month()), unsigned(shown.day()))?;
    let time = day.and_hms_opt(unsigned(shown.hour()), unsigned(shown.minute()), unsigned(shown.second()))?;
    Some(Tz::UTC.from_utc_datetime(&time))
}

fn on_the_clock(at: &chrono::DateTime<Tz>) -> Option<DateTime> {
    let part = |number: u32| i8::try_from(number).ok();
    let (day, time) = (at.date_naive(), at.time());
    let year = i16::try_from(day.year()).ok()?;
    let (hour, minute, second) = (part(time.hour())?, part(time.minute())?, part(time.second())?);
    DateTime::new(year, part(day.month())?, part(day.day())?, hour, minute, second, 0).ok()
}
