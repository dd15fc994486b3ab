//! Opening hours with dated exceptions: "closed on 24 December", "open until 22:00 on Friday 5 June".
//!
//! Always true: a stretch belongs to the day on which it begins, and an exception changes what begins on its day and nothing
//! else. So a hub that is closed on Saturday is still open on Friday until 02:00, and one that is closed on Friday is not
//! open in the first hours of Saturday. Without exceptions, a hub is open when its usual hours say so.
//!
//! The usual hours have versions, each from a day on: what begins on a day follows the version of that day. A closure is a
//! stretch of instants in which it is closed whatever the hours say: it cuts a stretch off at its first instant.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use jiff::{
    Timestamp, ToSpan as _,
    civil::{Date, Time},
};
use kernel::Zone;

use crate::{
    CivilSpan, NightCutShort, OpeningHours,
    hours::{Closing, DAYS_KEPT, LONGEST_STAY, MIDNIGHT, NIGHT_ENDS_AT_HOUR},
};

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
    /// Later versions of the usual hours, by their first day.
    later: BTreeMap<Date, OpeningHours>,
    exceptions: BTreeMap<Date, DayException>,
    closures: Vec<Closure>,
    /// The days evaluated last, of those that the usual hours alone do not decide.
    days: Arc<Mutex<HashMap<Date, Stretches>>>,
}

/// The instants `[from, until)` in which it is closed whatever the hours say; without an end until further notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closure {
    /// The first instant.
    pub from: Timestamp,
    /// The instant at which the hours count again.
    pub until: Option<Timestamp>,
}

impl Closure {
    fn contains(&self, at: Timestamp) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }
}

/// Usual hours without exceptions.
impl From<OpeningHours> for DatedHours {
    fn from(base: OpeningHours) -> Self {
        Self {
            base,
            later: BTreeMap::new(),
            exceptions: BTreeMap::new(),
            closures: Vec::new(),
            days: Arc::default(),
        }
    }
}

/// In minutes from a day's midnight, past the next midnight if it runs on.
type Minutes = (i64, i64);
/// The stretches of a day, shared with the memory of days.
type Stretches = Arc<[Minutes]>;

impl DatedHours {
    /// Base hours and what is different on which day.
    ///
    /// # Errors
    /// See [`DatedHoursError`].
    pub fn new(
        base: OpeningHours,
        exceptions: impl IntoIterator<Item = (Date, DayException)>,
    ) -> Result<Self, DatedHoursError> {
        Self::with_versions(base, [], exceptions)
    }

    /// Base hours, other usual hours from certain days on, and what is different on which day.
    ///
    /// # Errors
    /// See [`DatedHoursError`].
    pub fn with_versions(
        base: OpeningHours,
        later: impl IntoIterator<Item = (Date, OpeningHours)>,
        exceptions: impl IntoIterator<Item = (Date, DayException)>,
    ) -> Result<Self, DatedHoursError> {
        let mut dated = Self { later: later.into_iter().collect(), ..Self::from(base) };
        for (day, exception) in exceptions {
            dated.check(day, &exception)?;
            if dated.exceptions.insert(day, exception).is_some() {
                return Err(DatedHoursError::Twice(day));
            }
        }
        Ok(dated)
    }

    /// The same hours with closures.
    #[must_use]
    pub fn with_closures(mut self, closures: impl IntoIterator<Item = Closure>) -> Self {
        self.closures.extend(closures);
        self
    }

    /// The usual hours of a day.
    pub fn usual(&self, day: Date) -> &OpeningHours {
        self.later.range(..=day).next_back().map_or(&self.base, |(_, hours)| hours)
    }

    /// The later versions of the usual hours, each with its first day, in order.
    pub fn later_versions(&self) -> impl Iterator<Item = (Date, &OpeningHours)> {
        self.later.iter().map(|(from, hours)| (*from, hours))
    }

    /// What is different on which day, in order.
    pub fn exceptions(&self) -> impl Iterator<Item = (Date, &DayException)> {
        self.exceptions.iter().map(|(day, exception)| (*day, exception))
    }

    /// The zone of the clock.
    pub fn zone(&self) -> &Zone {
        self.base.zone()
    }

    /// The nights of a year from a day on that end earlier than the rule of their evening says, under the usual hours of
    /// that day ([`OpeningHours::nights_cut_short`]).
    pub fn nights_cut_short(&self, first: Date) -> Vec<NightCutShort> {
        self.usual(first).nights_cut_short(first)
    }

    fn check(&self, day: Date, exception: &DayException) -> Result<(), DatedHoursError> {
        match exception {
            DayException::Until(_) if self.usual(day).beginning_on(day).is_empty() => {
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
        let spans = self.beginning_on(day).to_vec().into_iter();
        spans
            .filter_map(|(from, until)| {
                let until = self.cut_off(day, from, until)?;
                CivilSpan::timed(shown(from), shown(until)).ok()
            })
            .collect()
    }

    /// The end of a stretch as the closures leave it; nothing if it begins within one.
    fn cut_off(&self, day: Date, from: i64, until: i64) -> Option<i64> {
        if self.closures.is_empty() {
            return Some(until);
        }
        let (begins, ends) = (self.base.instant(day, from), self.base.instant(day, until));
        if self.closures.iter().any(|closure| closure.contains(begins)) {
            return None;
        }
        let cut = self.closures.iter().map(|it| it.from).filter(|at| (begins..ends).contains(at)).min();
        let minutes = |at: Timestamp| at.duration_since(begins).as_secs() / 60;
        Some(cut.map_or(until, |at| from + minutes(at)))
    }

    /// Whether it is open at an instant.
    pub fn is_open_at(&self, at: Timestamp) -> bool {
        if self.is_shut_at(at) {
            return false;
        }
        let shown = self.base.zone().tz().to_datetime(at);
        if let Some(usual) = self.usual_around(shown.date()) {
            return usual.is_open_at(at);
        }
        let minute = i64::from(shown.hour()) * 60 + i64::from(shown.minute());
        self.within(shown.date()).iter().any(|(from, until)| (*from..*until).contains(&minute))
    }

    /// Whether a closure holds at an instant, whatever the hours say.
    pub fn is_shut_at(&self, at: Timestamp) -> bool {
        self.closures.iter().any(|closure| closure.contains(at))
    }

    /// The usual hours that alone decide about a day and its neighbours; nothing where a version begins or a day differs.
    fn usual_around(&self, day: Date) -> Option<&OpeningHours> {
        if self.later.is_empty() && self.exceptions.is_empty() {
            return Some(&self.base);
        }
        let (before, after) = (day.yesterday().unwrap_or(day), day.tomorrow().unwrap_or(day));
        let differs = self.exceptions.range(before..=after).next().is_some();
        let is_one_version =
            before == after || self.later.range(before..=after).all(|(from, _)| *from == before);
        (!differs && is_one_version).then(|| self.usual(day))
    }

    /// When it closes for the day on which `at` falls ([`OpeningHours::closes_after`]), or at the first instant of a
    /// closure.
    pub fn closes_after(&self, at: Timestamp) -> Timestamp {
        if self.is_shut_at(at) {
            return at;
        }
        let day = self.base.zone().day_of(at);
        let closes =
            self.usual_around(day).map_or_else(|| self.evaluated_closing(at), |usual| usual.closes_after(at));
        let closures = self.closures.iter().map(|closure| closure.from).filter(|from| *from > at);
        closures.min().map_or(closes, |from| from.min(closes))
    }

    /// Until when a check-out can still belong to a visit that began at `at` ([`OpeningHours::night_ends_after`]).
    pub fn night_ends_after(&self, at: Timestamp) -> Timestamp {
        let night = match self.usual_around(self.base.zone().day_of(at)) {
            Some(usual) => usual.night_ends_after(at),
            None => self.base.instant(self.evening_of(at), MIDNIGHT + NIGHT_ENDS_AT_HOUR * 60),
        };
        // Whoever comes after a closure comes anew, even on the same day.
        let reopened = self.closures.iter().filter(|closure| (at..night).contains(&closure.from));
        let night = reopened.filter_map(|closure| closure.until).fold(night, Timestamp::min);
        night.max(self.closes_after(at))
    }

    fn evaluated_closing(&self, at: Timestamp) -> Timestamp {
        let day = self.evening_of(at);
        match self.closing_minute(day) {
            Closing::Never => at + LONGEST_STAY,
            Closing::At(minute) => self.base.instant(day, minute).max(at),
            Closing::Already => at,
        }
    }

    /// The day an instant belongs to: that of its date, or, in a stretch that runs on past midnight, the evening before.
    fn evening_of(&self, at: Timestamp) -> Date {
        let shown = self.base.zone().tz().to_datetime(at);
        let minute = i64::from(shown.hour()) * 60 + i64::from(shown.minute());
        let day = shown.date();
        let Ok(before) = day.yesterday() else { return day };
        let evening = self.beginning_on(before);
        let runs_on = evening.iter().any(|(_, until)| minute < *until - MIDNIGHT);
        // After a day that was open from midnight to midnight, the morning is a stretch of its own.
        let reaches_midnight = evening.iter().any(|(_, until)| *until == MIDNIGHT);
        let is_morning = |(from, until): &Minutes| *from == 0 && *until < MIDNIGHT && minute < *until;
        let goes_on = reaches_midnight && self.beginning_on(day).iter().any(is_morning);
        if runs_on || goes_on { before } else { day }
    }

    fn closing_minute(&self, day: Date) -> Closing {
        let Some(last) = self.beginning_on(day).iter().map(|(_, until)| *until).max() else {
            return Closing::Already;
        };
        if last != MIDNIGHT {
            return Closing::At(last);
        }
        let next = self.beginning_on(day.tomorrow().unwrap_or(day));
        match next.iter().find(|(from, _)| *from == 0) {
            None => Closing::At(last),
            Some((_, until)) if *until < MIDNIGHT => Closing::At(MIDNIGHT + until),
            Some(_) => Closing::Never,
        }
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
        let closures = self.closures.iter().flat_map(|it| [Some(it.from), it.until]).flatten();
        instants.extend(closures.filter(|at| (begin..end).contains(at)));
        instants.sort_unstable();
        instants.dedup();
        instants
    }

    /// The stretches that begin on a day, evaluated once for the days that are asked for often.
    fn beginning_on(&self, day: Date) -> Stretches {
        let known = || self.days.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(stretches) = known().get(&day) {
            return Arc::clone(stretches);
        }
        let stretches: Stretches = self.evaluate(day).into();
        let mut days = known();
        if days.len() >= DAYS_KEPT {
            days.clear();
        }
        days.insert(day, Arc::clone(&stretches));
        stretches
    }

    fn evaluate(&self, day: Date) -> Vec<Minutes> {
        match self.exceptions.get(&day) {
            None => self.usual(day).beginning_on(day),
            Some(DayException::Closed) => Vec::new(),
            Some(DayException::Open(stretches)) => in_minutes(stretches),
            Some(DayException::Until(time)) => closing_at(self.usual(day).beginning_on(day), *time),
        }
    }

    /// The open stretches of a day from midnight to midnight, also of what began the day before.
    fn within(&self, day: Date) -> Vec<Minutes> {
        let before = day.yesterday().map_or_else(|_| Arc::from([]), |it| self.beginning_on(it));
        let carried = before.iter().filter(|(_, until)| *until > MIDNIGHT);
        let carried = carried.map(|(from, until)| ((from - MIDNIGHT).max(0), until - MIDNIGHT));
        let own = self.beginning_on(day);
        carried.chain(own.iter().copied()).map(|(from, until)| (from, until.min(MIDNIGHT))).collect()
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

    /// R3, DOMAIN §1: the hours of a day are those of the version of that day; a night belongs to the day it begins on.
    #[test]
    fn new_usual_hours_count_from_their_first_day_on_and_the_night_before_keeps_its_own() {
        let monday = date(2026, 6, 8);
        let hours =
            DatedHours::with_versions(base("Mo-Su 18:00-02:00"), [(monday, base("Mo-Fr 08:00-16:00"))], [])
                .expect("hours");
        assert!(hours.is_open_at(at("2026-06-07T23:30:00Z")), "01:30 on Monday, Sunday's night");
        assert_eq!(hours.closes_after(at("2026-06-07T23:30:00Z")), at("2026-06-08T00:00:00Z"));
        assert_eq!(shown(&hours, monday), ["2026-06-08T08:00:00/2026-06-08T16:00:00"]);
        assert!(!hours.is_open_at(at("2026-06-08T17:00:00Z")));
        assert_eq!(hours.closes_after(at("2026-06-08T08:00:00Z")), at("2026-06-08T14:00:00Z"));
        assert_eq!(hours.usual(date(2026, 6, 7)).text(), "Mo-Su 18:00-02:00");
        assert_eq!(hours.usual(date(2030, 1, 1)).text(), "Mo-Fr 08:00-16:00");
    }

    #[test]
    fn a_visit_of_a_day_with_other_hours_ends_at_the_closing_time_of_that_day() {
        let friday = date(2026, 6, 5);
        let late = dated("Mo-Su 08:00-20:00", &[(friday, DayException::Until(Time::constant(22, 0, 0, 0)))]);
        assert_eq!(late.closes_after(at("2026-06-05T08:00:00Z")), at("2026-06-05T20:00:00Z"));
        assert_eq!(late.closes_after(at("2026-06-06T08:00:00Z")), at("2026-06-06T18:00:00Z"));
        let night = dated("Mo-Su 08:00-20:00", &[(friday, DayException::Until(Time::constant(5, 0, 0, 0)))]);
        assert_eq!(night.closes_after(at("2026-06-05T23:00:00Z")), at("2026-06-06T03:00:00Z"));
        assert_eq!(night.night_ends_after(at("2026-06-05T08:00:00Z")), at("2026-06-06T03:00:00Z"));
    }

    #[test]
    fn a_closure_closes_at_its_first_instant_and_opens_at_its_last() {
        let closure = Closure { from: at("2026-06-05T09:30:00Z"), until: Some(at("2026-06-08T10:00:00Z")) };
        let hours = dated("Mo-Su 08:00-20:00", &[]).with_closures([closure]);
        assert!(hours.is_open_at(at("2026-06-05T09:29:59Z")));
        assert!(!hours.is_open_at(at("2026-06-05T09:30:00Z")));
        assert_eq!(hours.closes_after(at("2026-06-05T07:00:00Z")), closure.from);
        assert_eq!(hours.closes_after(at("2026-06-06T07:00:00Z")), at("2026-06-06T07:00:00Z"));
        assert_eq!(shown(&hours, date(2026, 6, 5)), ["2026-06-05T08:00:00/2026-06-05T11:30:00"]);
        assert_eq!(shown(&hours, date(2026, 6, 6)), [""; 0]);
        assert!(hours.is_open_at(at("2026-06-08T10:00:00Z")));
        let opens = hours.next_change(at("2026-06-06T07:00:00Z"));
        assert_eq!(opens, Some(NextChange { at: at("2026-06-08T10:00:00Z"), opens: true }));
    }

    /// Clocks go back on 25 October 2026 at 03:00 and forward on 29 March 2026 at 02:00 in Prague.
    #[test]
    fn a_special_day_on_which_the_clock_changes_closes_by_the_clock_on_the_wall() {
        let (back, forward) = (date(2026, 10, 25), date(2026, 3, 29));
        let until_six = DayException::Until(Time::constant(18, 0, 0, 0));
        let hours = dated("Mo-Su 08:00-20:00", &[(back, until_six.clone()), (forward, until_six)]);
        assert_eq!(hours.closes_after(at("2026-10-25T09:00:00Z")), at("2026-10-25T17:00:00Z"));
        assert_eq!(hours.closes_after(at("2026-03-29T09:00:00Z")), at("2026-03-29T16:00:00Z"));
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

        /// A version that repeats the usual hours changes no closing time, on its first day either.
        #[test]
        fn repeating_the_usual_hours_as_a_version_changes_nothing(
            text in prop::sample::select(BASES.to_vec()), minute in 0_i64..40_000,
        ) {
            let now = at("2026-05-25T00:00:00Z") + minute.minutes();
            let day = base(text).zone().day_of(now);
            let versions: Vec<_> = [day.yesterday(), Ok(day), day.tomorrow()].into_iter().flatten().collect();
            let again = DatedHours::with_versions(base(text), versions.into_iter().map(|it| (it, base(text))), []);
            let again = again.expect("hours");
            prop_assert_eq!(again.is_open_at(now), base(text).is_open_at(now));
            if base(text).is_open_at(now) {
                prop_assert_eq!(again.closes_after(now), base(text).closes_after(now));
                prop_assert_eq!(again.night_ends_after(now), base(text).night_ends_after(now));
            }
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
