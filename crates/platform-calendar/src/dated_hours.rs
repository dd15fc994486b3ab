//! Opening hours with dated exceptions: "closed on 24 December", "open until 22:00 on Friday 5 June".
//!
//! Always true: a stretch belongs to the day on which it begins, and an exception changes what begins on its day and nothing
//! else. So a hub that is closed on Saturday is still open on Friday until 02:00, and one that is closed on Friday is not
//! open in the first hours of Saturday. Without exceptions, a hub is open when its base hours say so.

use std::collections::BTreeMap;

use jiff::{
    Timestamp, ToSpan as _,
    civil::{Date, Time},
};

use crate::{CivilSpan, OpeningHours, hours::MIDNIGHT};

/// How far ahead a change is looked for, in days.
const DAYS_AHEAD: i64 = 366;

/// What is different on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DayException {
    /// It does not open.
    Closed,
    /// It opens as usual and closes at this time, of the next day if that is not after its first opening.
    Until(Time),
    /// It is open at these times only; an end that is not after its beginning is of the next day.
    Open(Vec<(Time, Time)>),
}

/// Exceptions that cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DatedHoursError {
    /// Two exceptions for one day.
    #[error("{0} has two exceptions")]
    Twice(Date),
    /// A day on which it does not open has no closing time that could change.
    #[error("{0} is a day without opening hours: write from when until when it is open")]
    NotOpen(Date),
    /// Two stretches of one exception overlap.
    #[error("the stretches of {0} overlap")]
    Overlap(Date),
    /// A day whose exception opens at no time.
    #[error("{0} has no stretch in which it is open")]
    Empty(Date),
}

/// When it opens or closes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextChange {
    /// When.
    pub at: Timestamp,
    /// Whether it opens then; else it closes.
    pub opens: bool,
}

/// Opening hours with dated exceptions.
#[derive(Debug, Clone)]
pub struct DatedHours {
    base: OpeningHours,
    exceptions: BTreeMap<Date, DayException>,
}

/// Usual hours without exceptions.
impl From<OpeningHours> for DatedHours {
    fn from(base: OpeningHours) -> Self {
        Self { base, exceptions: BTreeMap::new() }
    }
}

/// In minutes from a day's midnight, past the next midnight if it runs on.
type Minutes = (i64, i64);

impl DatedHours {
    /// Base hours and what is different on which day.
    ///
    /// # Errors
    /// See [`DatedHoursError`].
    pub fn new(
        base: OpeningHours,
        exceptions: impl IntoIterator<Item = (Date, DayException)>,
    ) -> Result<Self, DatedHoursError> {
        let mut dated = Self { base, exceptions: BTreeMap::new() };
        for (day, exception) in exceptions {
            dated.check(day, &exception)?;
            if dated.exceptions.insert(day, exception).is_some() {
                return Err(DatedHoursError::Twice(day));
            }
        }
        Ok(dated)
    }

    fn check(&self, day: Date, exception: &DayException) -> Result<(), DatedHoursError> {
        match exception {
            DayException::Until(_) if self.base.beginning_on(day).is_empty() => {
                Err(DatedHoursError::NotOpen(day))
            }
            DayException::Open(stretches) if stretches.is_empty() => Err(DatedHoursError::Empty(day)),
            DayException::Open(stretches) => {
                let overlaps = in_minutes(stretches).windows(2).any(|pair| pair[1].0 < pair[0].1);
                if overlaps { Err(DatedHoursError::Overlap(day)) } else { Ok(()) }
            }
            DayException::Closed | DayException::Until(_) => Ok(()),
        }
    }

    /// The stretches that begin on a day, in order.
    pub fn stretches(&self, day: Date) -> Vec<CivilSpan> {
        let midnight = day.at(0, 0, 0, 0);
        let shown = |minutes: i64| midnight.saturating_add(minutes.minutes());
        let spans = self.beginning_on(day).into_iter();
        spans.filter_map(|(from, until)| CivilSpan::timed(shown(from), shown(until)).ok()).collect()
    }

    /// Whether it is open at an instant.
    pub fn is_open_at(&self, at: Timestamp) -> bool {
        let shown = self.base.zone().tz().to_datetime(at);
        let minute = i64::from(shown.hour()) * 60 + i64::from(shown.minute());
        self.within(shown.date()).iter().any(|(from, until)| (*from..*until).contains(&minute))
    }

    /// When it opens or closes next after an instant; nothing if it does not within a year.
    pub fn next_change(&self, after: Timestamp) -> Option<NextChange> {
        let is_open = self.is_open_at(after);
        let first = self.base.zone().day_of(after);
        let days = first.series(1.day()).take(usize::try_from(DAYS_AHEAD).unwrap_or_default());
        let mut changes = days.flat_map(|day| self.possible_changes(day)).filter(|at| *at > after);
        let at = changes.find(|at| self.is_open_at(*at) != is_open)?;
        Some(NextChange { at, opens: !is_open })
    }

    /// The instants of a day at which the answer can change, in order: when the clock shows a beginning or an end, once or
    /// twice, and when the clock is changed.
    fn possible_changes(&self, day: Date) -> Vec<Timestamp> {
        let zone = self.base.zone();
        let (begin, end) =
            (zone.start_of(day), day.tomorrow().map_or(Timestamp::MAX, |it| zone.start_of(it)));
        let minutes = self.within(day).into_iter().flat_map(|(from, until)| [from, until]);
        let shown = minutes.map(|minute| day.at(0, 0, 0, 0).saturating_add(minute.minutes()));
        let mut instants: Vec<Timestamp> = shown
            .flat_map(|shown| {
                let shown = zone.tz().to_ambiguous_timestamp(shown);
                [shown.earlier(), shown.later()]
            })
            .flatten()
            .collect();
        let clock_changes = zone.tz().following(begin).map(|it| it.timestamp());
        instants.extend(clock_changes.take_while(|at| *at < end));
        instants.sort_unstable();
        instants.dedup();
        instants
    }

    fn beginning_on(&self, day: Date) -> Vec<Minutes> {
        match self.exceptions.get(&day) {
            None => self.base.beginning_on(day),
            Some(DayException::Closed) => Vec::new(),
            Some(DayException::Open(stretches)) => in_minutes(stretches),
            Some(DayException::Until(time)) => closing_at(self.base.beginning_on(day), *time),
        }
    }

    /// The open stretches of a day from midnight to midnight, also of what began the day before.
    fn within(&self, day: Date) -> Vec<Minutes> {
        let before = day.yesterday().map(|it| self.beginning_on(it)).unwrap_or_default();
        let carried = before.into_iter().filter(|(_, until)| *until > MIDNIGHT);
        let carried = carried.map(|(from, until)| ((from - MIDNIGHT).max(0), until - MIDNIGHT));
        let own = self.beginning_on(day).into_iter();
        carried.chain(own).map(|(from, until)| (from, until.min(MIDNIGHT))).collect()
    }
}

fn minute_of(time: Time) -> i64 {
    i64::from(time.hour()) * 60 + i64::from(time.minute())
}

fn in_minutes(stretches: &[(Time, Time)]) -> Vec<Minutes> {
    let minutes = |(from, until): &(Time, Time)| {
        let (from, until) = (minute_of(*from), minute_of(*until));
        (from, if until > from { until } else { until + MIDNIGHT })
    };
    let mut sorted: Vec<Minutes> = stretches.iter().map(minutes).collect();
    sorted.sort_unstable();
    sorted
}

/// The same stretches with another end of the last one; those after it are left out.
fn closing_at(mut stretches: Vec<Minutes>, time: Time) -> Vec<Minutes> {
    let Some(first) = stretches.first() else { return stretches };
    let minute = minute_of(time);
    let closes = if minute > first.0 { minute } else { minute + MIDNIGHT };
    stretches.retain(|(from, _)| *from < closes);
    if let Some(last) = stretches.last_mut() {
        last.1 = closes;
    }
    stretches
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn base(text: &str) -> OpeningHours {
        let zone = "Europe/Prague".parse().expect("a zone");
        let position = kernel::Position { latitude: 49.into(), longitude: 15.into() };
        OpeningHours::parse(text, zone, "CZ", position).expect("hours")
    }

    fn dated(text: &str, exceptions: &[(Date, DayException)]) -> DatedHours {
        DatedHours::new(base(text), exceptions.to_vec()).expect("exceptions")
    }

    fn shown(hours: &DatedHours, day: Date) -> Vec<String> {
        hours.stretches(day).iter().map(|it| format!("{}/{}", it.from(), it.until())).collect()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().expect("an instant")
    }

    #[test]
    fn a_hub_is_closed_on_christmas_eve() {
        let eve = date(2026, 12, 24);
        let hours = dated("Mo-Su 08:00-20:00", &[(eve, DayException::Closed)]);
        assert!(hours.stretches(eve).is_empty());
        assert!(!hours.is_open_at(at("2026-12-24T11:00:00Z")));
        assert!(hours.is_open_at(at("2026-12-25T11:00:00Z")));
        assert_eq!(
            hours.next_change(at("2026-12-23T19:00:00Z")),
            Some(NextChange { at: at("2026-12-25T07:00:00Z"), opens: true })
        );
    }

    #[test]
    fn a_hub_is_open_longer_on_one_friday_and_also_past_midnight() {
        let friday = date(2026, 6, 5);
        let late = |hour| {
            dated(
                "Mo-Fr 08:00-12:00,13:00-20:00",
                &[(friday, DayException::Until(Time::constant(hour, 0, 0, 0)))],
            )
        };
        assert_eq!(
            shown(&late(22), friday),
            ["2026-06-05T08:00:00/2026-06-05T12:00:00", "2026-06-05T13:00:00/2026-06-05T22:00:00"]
        );
        assert_eq!(shown(&late(2), friday)[1], "2026-06-05T13:00:00/2026-06-06T02:00:00");
        assert!(late(2).is_open_at(at("2026-06-05T23:59:00Z")));
        assert_eq!(shown(&late(11), friday), ["2026-06-05T08:00:00/2026-06-05T11:00:00"], "or shorter");
    }

    #[test]
    fn an_exception_changes_what_begins_on_its_day_and_nothing_else() {
        let (friday, saturday) = (date(2026, 6, 5), date(2026, 6, 6));
        let night = "Mo-Su 18:00-02:00";
        let closed_saturday = dated(night, &[(saturday, DayException::Closed)]);
        assert!(closed_saturday.is_open_at(at("2026-06-05T23:30:00Z")), "01:30, Friday's night");
        assert!(!closed_saturday.is_open_at(at("2026-06-06T17:00:00Z")));
        let closed_friday = dated(night, &[(friday, DayException::Closed)]);
        assert!(!closed_friday.is_open_at(at("2026-06-05T23:30:00Z")), "there is no night of Friday");
        assert_eq!(shown(&closed_friday, saturday), ["2026-06-06T18:00:00/2026-06-07T02:00:00"]);
    }

    #[test]
    fn exceptions_that_cannot_be_are_refused() {
        let sunday = date(2026, 6, 7);
        let open = |stretches: &[(i8, i8)]| {
            let time = |hour| Time::constant(hour, 0, 0, 0);
            DayException::Open(stretches.iter().map(|(from, until)| (time(*from), time(*until))).collect())
        };
        let refused = |exceptions: &[DayException]| {
            let exceptions = exceptions.iter().map(|it| (sunday, it.clone()));
            DatedHours::new(base("Mo-Fr 08:00-20:00"), exceptions.collect::<Vec<_>>()).expect_err("refused")
        };
        let until = DayException::Until(Time::constant(22, 0, 0, 0));
        assert_eq!(refused(&[until]), DatedHoursError::NotOpen(sunday));
        assert_eq!(refused(&[open(&[])]), DatedHoursError::Empty(sunday));
        assert_eq!(refused(&[open(&[(10, 14), (12, 16)])]), DatedHoursError::Overlap(sunday));
        assert_eq!(refused(&[DayException::Closed, open(&[(10, 14)])]), DatedHoursError::Twice(sunday));
    }

    #[test]
    fn a_hub_that_never_closes_has_no_next_change_until_a_day_on_which_it_is_closed() {
        let noon = at("2026-06-05T10:00:00Z");
        assert_eq!(dated("24/7", &[]).next_change(noon), None);
        let closed = dated("24/7", &[(date(2026, 6, 7), DayException::Closed)]);
        assert_eq!(
            closed.next_change(noon),
            Some(NextChange { at: at("2026-06-06T22:00:00Z"), opens: false })
        );
    }

    const BASES: [&str; 7] = [
        "24/7",
        "Mo-Fr 08:00-12:00,13:00-20:00; PH off",
        "Mo-Su 18:00-02:00",
        "Mo-Su 01:15-02:30,02:45-03:30",
        "Fr 00:00-24:00; Sa 00:00-10:00",
        "Th-Sa 20:00-26:00",
        "sunrise-sunset",
    ];

    proptest! {
        /// Where nothing is different, it is open when its usual hours say so.
        #[test]
        fn without_exceptions_the_usual_hours_count(
            text in prop::sample::select(BASES.to_vec()), minute in 0_i64..600_000,
        ) {
            let now = at("2026-01-01T00:00:00Z") + minute.minutes();
            prop_assert_eq!(dated(text, &[]).is_open_at(now), base(text).is_open_at(now), "{} at {}", text, now);
        }

        /// Between now and the next change nothing changes, and then it does.
        #[test]
        fn nothing_changes_before_the_next_change(
            text in prop::sample::select(BASES.to_vec()), minute in 0_i64..600_000, parts in 1_i64..20,
        ) {
            let closed = (date(2026, 3, 29), DayException::Closed);
            let hours = dated(text, &[closed, (date(2026, 10, 25), DayException::Open(vec![
                (Time::constant(1, 0, 0, 0), Time::constant(2, 30, 0, 0)),
            ]))]);
            let now = at("2026-01-01T00:00:00Z") + minute.minutes();
            if let Some(change) = hours.next_change(now) {
                prop_assert_ne!(hours.is_open_at(now), change.opens);
                prop_assert_eq!(hours.is_open_at(change.at), change.opens);
                let between = change.at.duration_since(now).as_secs() * parts / 20;
                let between = now + between.seconds();
                prop_assert_ne!(hours.is_open_at(between), change.opens, "{}", between);
            }
        }
    }
}
