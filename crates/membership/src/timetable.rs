//! The timetable of a hub: its usual hours with their later versions, days that differ, and closures.
//!
//! Always true: the hours of a day are those of the version of that day, and a change never reaches into a day that has
//! passed: what was true then stays, and visits of that day end as they ended. A note on a day is public.

use std::collections::BTreeMap;

use jiff::{
    Timestamp, ToSpan as _,
    civil::{Date, Time},
};
use kernel::{Position, Zone};
use platform_calendar::{Closure, DatedHours, DayException, OpeningHours};
use serde::{Deserialize, Serialize};

use crate::MembershipError;

/// The most days that one change may name: a year.
const MOST_DAYS: usize = 366;
/// The most special days and later versions that a hub has ahead of it.
const MOST_AHEAD: usize = 1_000;

/// When a hub is open.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timetable {
    /// The usual hours before the first later version.
    #[serde(skip)]
    pub usual: String,
    /// Later versions of the usual hours, by their first day.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub later: BTreeMap<Date, String>,
    /// The days that differ.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub days: BTreeMap<Date, SpecialDay>,
    /// The times in which the hub was or is no place to come to: before it went live, paused, closed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub closures: Vec<ClosedFor>,
}

/// A day that differs from the usual hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpecialDay {
    /// The hours of that day.
    pub hours: DayHours,
    /// What the public reads beside them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The hours of a special day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayHours {
    /// The hub does not open.
    Closed,
    /// It opens as usual and closes at this time.
    Until(Time),
    /// It is open at these times only.
    Open(Vec<(Time, Time)>),
}

/// The instants `[from, until)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosedFor {
    /// The first instant.
    pub from: Timestamp,
    /// The instant at which the hours count again; `None` while nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

impl Timetable {
    /// Makes the timetable of a hub that has nothing but usual hours.
    pub fn of(usual: String) -> Self {
        Self { usual, ..Self::default() }
    }

    /// Evaluates the timetable at a place.
    ///
    /// # Errors
    /// Fails with `INVALID_INPUT` if a version is not opening hours, or if a special day contradicts its usual hours.
    pub fn compile(
        &self,
        zone: &Zone,
        country: &str,
        position: Position,
    ) -> Result<DatedHours, MembershipError> {
        let read = |text: &str| OpeningHours::parse(text, zone.clone(), country, position);
        let later = self.later.iter().map(|(from, text)| Ok((*from, read(text)?)));
        let later: Vec<(Date, OpeningHours)> = later.collect::<Result<_, MembershipError>>()?;
        let days = self.days.iter().map(|(day, special)| (*day, special.hours.exception()));
        let hours = DatedHours::with_versions(read(&self.usual)?, later, days)
            .map_err(|error| MembershipError::invalid("openingHours", error))?;
        let closures = self.closures.iter().map(|it| Closure { from: it.from, until: it.until });
        Ok(hours.with_closures(closures))
    }

    /// The usual hours of a day, as they are written.
    pub fn text_on(&self, day: Date) -> &str {
        self.later.range(..=day).next_back().map_or(&self.usual, |(_, text)| text)
    }

    /// Sets the usual hours from a day on. A version that begins on the same day is replaced.
    ///
    /// # Errors
    /// Fails with `INVALID_INPUT` if the day has passed.
    pub fn change(&mut self, from: Date, text: String, today: Date) -> Result<(), MembershipError> {
        not_passed("from", from, today)?;
        self.later.insert(from, text);
        self.check_size()
    }

    /// Takes back a version that has not begun.
    ///
    /// # Errors
    /// Fails with `NOT_FOUND` if no version begins on that day, `INVALID_INPUT` if it has begun.
    pub fn withdraw(&mut self, from: Date, today: Date) -> Result<(), MembershipError> {
        if from <= today {
            return Err(MembershipError::invalid("from", "after today"));
        }
        self.later.remove(&from).map(drop).ok_or(MembershipError::NotFound("version of the opening hours"))
    }

    /// Sets the hours of special days. A day that differs already is replaced.
    ///
    /// # Errors
    /// Fails with `INVALID_INPUT` if a day has passed, or if the days are none or more than a year.
    pub fn set_days(
        &mut self,
        (from, through): (Date, Date),
        special: &SpecialDay,
        today: Date,
    ) -> Result<(), MembershipError> {
        not_passed("from", from, today)?;
        for day in days("through", from, through)? {
            self.days.insert(day, special.clone());
        }
        self.check_size()
    }

    /// Takes back special days that have not passed.
    ///
    /// # Errors
    /// Fails with `NOT_FOUND` if no day of them differs, `INVALID_INPUT` if a day has passed.
    pub fn withdraw_days(
        &mut self,
        (from, through): (Date, Date),
        today: Date,
    ) -> Result<(), MembershipError> {
        not_passed("from", from, today)?;
        let mut found = false;
        for day in days("through", from, through)? {
            found |= self.days.remove(&day).is_some();
        }
        if found { Ok(()) } else { Err(MembershipError::NotFound("special day")) }
    }

    /// Closes from an instant on.
    pub(crate) fn shut(&mut self, from: Timestamp, until: Option<Timestamp>) {
        self.open_again(from);
        self.closures.push(ClosedFor { from, until });
    }

    /// Ends the closure that holds at an instant, or that has no end.
    pub(crate) fn open_again(&mut self, at: Timestamp) {
        for closure in &mut self.closures {
            if closure.until.is_none_or(|until| until > at) {
                closure.until = Some(at.max(closure.from));
            }
        }
        self.closures.retain(|closure| closure.until.is_none_or(|until| until > closure.from));
    }

    fn check_size(&self) -> Result<(), MembershipError> {
        let fits = self.days.len() <= MOST_AHEAD && self.later.len() <= MOST_AHEAD;
        if fits { Ok(()) } else { Err(MembershipError::invalid("from", format!("at most {MOST_AHEAD}"))) }
    }
}

impl DayHours {
    fn exception(&self) -> DayException {
        match self {
            Self::Closed => DayException::Closed,
            Self::Until(time) => DayException::Until(*time),
            Self::Open(stretches) => DayException::Open(stretches.clone()),
        }
    }
}

fn not_passed(field: &str, day: Date, today: Date) -> Result<(), MembershipError> {
    if day < today { Err(MembershipError::invalid(field, "not before today")) } else { Ok(()) }
}

/// The days of a range, the last included.
fn days(field: &str, from: Date, through: Date) -> Result<impl Iterator<Item = Date>, MembershipError> {
    if through < from {
        return Err(MembershipError::invalid(field, "not before from"));
    }
    let count = from.series(1.day()).take_while(|day| *day <= through).take(MOST_DAYS + 1).count();
    if count > MOST_DAYS {
        return Err(MembershipError::invalid(field, format!("at most {MOST_DAYS} days")));
    }
    Ok(from.series(1.day()).take(count))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn closed() -> SpecialDay {
        SpecialDay { hours: DayHours::Closed, note: Some("Stocktaking".into()) }
    }

    #[test]
    fn a_day_that_has_passed_keeps_its_hours() {
        let today = date(2026, 11, 30);
        let mut timetable = Timetable::of("Mo-Fr 08:00-16:00".into());
        let yesterday = date(2026, 11, 29);
        assert!(timetable.change(yesterday, "24/7".into(), today).is_err());
        assert!(timetable.set_days((yesterday, today), &closed(), today).is_err());
        assert!(timetable.withdraw_days((yesterday, yesterday), today).is_err());
        assert_eq!(timetable, Timetable::of("Mo-Fr 08:00-16:00".into()));
    }

    #[test]
    fn a_version_counts_from_its_first_day_and_can_be_withdrawn_until_then() {
        let today = date(2026, 11, 30);
        let mut timetable = Timetable::of("Mo-Fr 08:00-16:00".into());
        timetable.change(date(2026, 12, 7), "Mo-Sa 09:00-18:00".into(), today).expect("changed");
        assert_eq!(timetable.text_on(date(2026, 12, 6)), "Mo-Fr 08:00-16:00");
        assert_eq!(timetable.text_on(date(2026, 12, 7)), "Mo-Sa 09:00-18:00");
        assert!(timetable.withdraw(date(2026, 12, 7), date(2026, 12, 7)).is_err(), "it has begun");
        timetable.withdraw(date(2026, 12, 7), today).expect("withdrawn");
        assert_eq!(timetable.text_on(date(2026, 12, 7)), "Mo-Fr 08:00-16:00");
    }

    #[test]
    fn a_pause_ends_when_the_hub_opens_again_and_leaves_its_interval() {
        let at = |text: &str| text.parse::<Timestamp>().expect("an instant");
        let mut timetable = Timetable::of("24/7".into());
        timetable.shut(at("2026-12-01T10:00:00Z"), None);
        timetable.open_again(at("2026-12-03T10:00:00Z"));
        timetable.shut(at("2026-12-05T10:00:00Z"), Some(at("2026-12-09T00:00:00Z")));
        timetable.open_again(at("2026-12-06T10:00:00Z"));
        let closures: Vec<_> = timetable.closures.iter().map(|it| (it.from, it.until)).collect();
        assert_eq!(
            closures,
            [
                (at("2026-12-01T10:00:00Z"), Some(at("2026-12-03T10:00:00Z"))),
                (at("2026-12-05T10:00:00Z"), Some(at("2026-12-06T10:00:00Z"))),
            ]
        );
    }

    #[test]
    fn days_are_at_most_a_year_and_in_order() {
        let today = date(2026, 11, 30);
        let mut timetable = Timetable::of("24/7".into());
        assert!(timetable.set_days((today, date(2026, 11, 29)), &closed(), today).is_err());
        assert!(timetable.set_days((today, date(2028, 1, 1)), &closed(), today).is_err());
        timetable.set_days((today, date(2026, 12, 1)), &closed(), today).expect("set");
        assert_eq!(timetable.days.len(), 2);
    }
}
