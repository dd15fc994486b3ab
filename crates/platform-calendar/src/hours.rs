//! Opening hours: when a hub is open, on its own wall clock.
//!
//! Always true: hours are written in the OpenStreetMap `opening_hours` syntax and evaluated in the hub's zone, with
//! the public holidays of its country and the sun at its position. Stretches of one rule never overlap: such a text is
//! refused when it is read. A text that names a calendar nobody has for the country (`SH` in most of them) would be
//! evaluated as if the calendar were empty, and one with an open end (`18:00+`) as if it said midnight:
//! [`OpeningHours::require_evaluated`] refuses both before a hub is onboarded.
//!
//! A rule after `;` replaces the whole day, also the part of the night before that runs into it
//! (`Fr 18:00-02:00; Sa 10:00-14:00` closes on Friday at midnight). That is what the syntax means, and seldom what its
//! author does: [`OpeningHours::nights_cut_short`] finds such nights, and whoever onboards the hub is warned.

mod stretches;

use std::{
    collections::HashMap,
    fmt,
    str::FromStr,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date};
use kernel::{Position, Zone};
use opening_hours::{
    Context, OpeningHours as Parsed, RuleKind,
    localization::{Coordinates, Country, Localize},
};
use opening_hours_syntax::rules::{
    OpeningHoursExpression, RuleOperator,
    day::{HolidayKind, WeekDayRange},
    time::TimeEvent,
};
use rust_decimal::prelude::ToPrimitive as _;

pub(crate) use self::stretches::MIDNIGHT;
use self::stretches::{overlaps, past_midnight_until, runs_past_midnight, undecided_by};

/// How long after midnight a late check-out still belongs to the evening before.
pub(crate) const NIGHT_ENDS_AT_HOUR: i64 = 4;
/// A visit asks for its own day and its neighbours; offline logs reach a week back.
pub(crate) const DAYS_KEPT: usize = 16;
/// How far ahead nights are looked at before a hub is onboarded.
const DAYS_OF_A_YEAR: usize = 366;
/// Where a hub never closes, nobody is thought to have stayed longer than this without a sign.
pub(crate) const LONGEST_STAY: SignedDuration = SignedDuration::from_hours(16);

/// When a day's last open stretch ends, in minutes from the day's midnight.
pub(crate) enum Closing {
    /// At this minute, of the next day if past midnight.
    At(i64),
    /// It runs on through the whole next day.
    Never,
    /// The hub does not open on that day.
    Already,
}

/// The text is not opening hours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HoursError {
    /// Not in the syntax.
    #[error("opening hours {text:?} are not in the OpenStreetMap syntax: {detail}")]
    Syntax {
        /// What was given.
        text: String,
        /// What the parser says.
        detail: String,
    },
    /// Two stretches of one day overlap.
    #[error("opening hours {0:?} overlap themselves")]
    Overlap(String),
    /// A rule depends on holidays that are not known for the country.
    #[error(
        "the {kind} holidays of {country} are not known here: write their days out, such as `Dec 24-26 off`"
    )]
    NoCalendar {
        /// `public` or `school`.
        kind: &'static str,
        /// The country, ISO 3166 alpha-2.
        country: String,
    },
    /// A part of it does not decide when the hub is open.
    #[error("{part:?} cannot be evaluated: {rule}")]
    Undecided {
        /// The rule or the stretch.
        part: String,
        /// What to write.
        rule: &'static str,
    },
}

/// A night whose end another rule takes away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NightCutShort {
    /// The day on which the night begins.
    pub evening: Date,
    /// When its own rule says that it ends, in minutes from the midnight after that day.
    pub meant_minutes: u16,
    /// When it ends, in minutes from the midnight after that day.
    pub closes_minutes: u16,
}

/// Where a hub stands: what the sun and the wall clock depend on.
#[derive(Debug, Clone)]
struct Place {
    zone: Zone,
    coordinates: Option<Coordinates>,
}

impl Localize for Place {
    type DateTime = NaiveDateTime;

    fn naive(&self, at: NaiveDateTime) -> NaiveDateTime {
        at
    }

    fn datetime(&self, naive: NaiveDateTime) -> NaiveDateTime {
        naive
    }

    /// The wall clock's time of a sun event; none where the sun does not rise or set on that day.
    fn event_time(&self, date: NaiveDate, event: TimeEvent) -> Option<NaiveTime> {
        let at = self.coordinates?.event_time(date, event)?;
        let at = Timestamp::from_second(at.timestamp()).ok()?;
        let local = self.zone.tz().to_datetime(at);
        let (hour, minute) = (local.hour().unsigned_abs(), local.minute().unsigned_abs());
        NaiveTime::from_hms_opt(hour.into(), minute.into(), 0)
    }
}

/// When a hub is open.
#[derive(Clone)]
pub struct OpeningHours {
    text: String,
    zone: Zone,
    country: String,
    parsed: Arc<Parsed<Place>>,
    /// The days evaluated last: the same few days are asked for at every touch.
    days: Arc<Mutex<HashMap<Date, Stretches>>>,
}

/// Open stretches of a day, in minutes from its midnight.
type Stretches = Arc<[(i64, i64)]>;

impl OpeningHours {
    /// Reads hours for a place. `country` is its ISO 3166 code, for holidays; `position` is for the sun.
    ///
    /// # Errors
    /// See [`HoursError`].
    pub fn parse(text: &str, zone: Zone, country: &str, position: Position) -> Result<Self, HoursError> {
        let parsed = Parsed::from_str(text)
            .map_err(|error| HoursError::Syntax { text: text.into(), detail: error.to_string() })?;
        if parsed.get_expression().rules.iter().any(|rule| overlaps(&rule.time_selector.spans)) {
            return Err(HoursError::Overlap(text.into()));
        }
        let holidays = country.parse::<Country>().map(Country::holidays).unwrap_or_default();
        let place = Place { zone: zone.clone(), coordinates: coordinates(position) };
        let context = Context::default().with_holidays(holidays).with_locale(place);
        let parsed = Arc::new(parsed.with_context(context));
        Ok(Self { text: text.into(), zone, country: country.into(), parsed, days: Arc::default() })
    }

    /// Requires that every part of the text decides when the hub is open, and that every calendar it names is known.
    ///
    /// # Errors
    /// [`HoursError::Undecided`], [`HoursError::NoCalendar`].
    pub fn require_evaluated(&self) -> Result<(), HoursError> {
        for rule in &self.parsed.get_expression().rules {
            let undecided = |part: String, rule| Err(HoursError::Undecided { part, rule });
            if rule.kind == RuleKind::Unknown {
                return undecided(rule.to_string(), "a door is open or closed: `unknown` is neither");
            }
            for span in &rule.time_selector.spans {
                if let Some(rule) = undecided_by(span) {
                    return undecided(span.to_string(), rule);
                }
            }
        }
        let known = &self.parsed.get_context().holidays;
        for (kind, name) in [(HolidayKind::Public, "public"), (HolidayKind::School, "school")] {
            if names_holiday(&self.parsed.get_expression(), kind) && known.get_for_kind(kind).count() == 0 {
                return Err(HoursError::NoCalendar { kind: name, country: self.country.clone() });
            }
        }
        Ok(())
    }

    /// The nights of a year from `first` whose end a later rule takes away: one for each rule that runs past midnight,
    /// the earliest.
    pub fn nights_cut_short(&self, first: Date) -> Vec<NightCutShort> {
        let expression = self.parsed.get_expression();
        let past_midnight = expression.rules.iter().filter(|rule| {
            rule.kind == RuleKind::Open && rule.time_selector.spans.iter().any(runs_past_midnight)
        });
        let mut nights: Vec<NightCutShort> = past_midnight
            .filter_map(|rule| {
                let mut alone = rule.clone();
                alone.operator = RuleOperator::Normal;
                self.first_night_cut_short(&alone.to_string(), first)
            })
            .collect();
        nights.sort_by_key(|night| night.evening);
        nights.dedup();
        nights
    }

    /// Compares the nights of one rule by itself with the same nights under all rules.
    fn first_night_cut_short(&self, rule: &str, first: Date) -> Option<NightCutShort> {
        let alone = Parsed::from_str(rule).ok()?.with_context(self.parsed.get_context().clone());
        let alone = Self { parsed: Arc::new(alone), days: Arc::default(), ..self.clone() };
        let minutes = |count: i64| u16::try_from(count).unwrap_or_default();
        first.series(1.day()).take(DAYS_OF_A_YEAR).find_map(|evening| {
            let morning = evening.tomorrow().ok()?;
            let reaches_midnight =
                |hours: &Self| hours.evaluate(evening).last().is_some_and(|it| it.1 >= MIDNIGHT);
            let meant = past_midnight_until(&alone.evaluate(morning));
            let closes = past_midnight_until(&self.evaluate(morning));
            let is_cut = reaches_midnight(&alone) && reaches_midnight(self) && closes < meant;
            is_cut.then(|| NightCutShort {
                evening,
                meant_minutes: minutes(meant),
                closes_minutes: minutes(closes),
            })
        })
    }

    /// The text as given.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The zone of the clock.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The stretches that begin on a day, in minutes from its midnight, past the next midnight where one runs on. It keeps
    /// nothing in memory, so that whoever asks for many days does not displace the few that every touch asks for.
    pub(crate) fn beginning_on(&self, day: Date) -> Vec<(i64, i64)> {
        let on = |day: Date| joined(self.evaluate(day));
        let (before, mut own) = (day.yesterday().map(on).unwrap_or_default(), on(day));
        if night_into(&before, &own).is_some() {
            own.remove(0);
        }
        if own.is_empty() {
            return own;
        }
        let after = day.tomorrow().map(on).unwrap_or_default();
        if let (Some(night), Some(last)) = (night_into(&own, &after), own.last_mut()) {
            last.1 = MIDNIGHT + night;
        }
        own
    }

    /// Whether the hub is open at an instant.
    pub fn is_open_at(&self, at: Timestamp) -> bool {
        let local = self.zone.tz().to_datetime(at);
        let minute = i64::from(local.hour()) * 60 + i64::from(local.minute());
        self.stretches(local.date()).iter().any(|(from, until)| (*from..*until).contains(&minute))
    }

    /// When the hub closes for the day on which `at` falls: the end of that day's last stretch, past midnight if it
    /// runs on, or `at` itself when the hub is closed from then on. Where it never closes, a forgotten visit ends after
    /// the longest plausible stay.
    pub fn closes_after(&self, at: Timestamp) -> Timestamp {
        let day = self.evening_of(at);
        match self.closing_minute(day) {
            Closing::Never => at + LONGEST_STAY,
            Closing::At(minute) => self.instant(day, minute).max(at),
            Closing::Already => at,
        }
    }

    /// Until when a check-out can still belong to a visit that began at `at`: four in the morning after, or the closing
    /// time if that is later.
    pub fn night_ends_after(&self, at: Timestamp) -> Timestamp {
        let night = self.instant(self.evening_of(at), MIDNIGHT + NIGHT_ENDS_AT_HOUR * 60);
        night.max(self.closes_after(at))
    }

    /// The day an instant belongs to: that of its date, or, in a stretch that runs on past midnight, the evening before.
    fn evening_of(&self, at: Timestamp) -> Date {
        let local = self.zone.tz().to_datetime(at);
        let minute = i64::from(local.hour()) * 60 + i64::from(local.minute());
        let day = local.date();
        let runs_on = self
            .stretches(day)
            .iter()
            .any(|(from, until)| *from == 0 && *until < MIDNIGHT && minute < *until);
        let before = day.yesterday().unwrap_or(day);
        if runs_on && self.reaches_midnight(before) { before } else { day }
    }

    fn reaches_midnight(&self, day: Date) -> bool {
        self.stretches(day).iter().any(|(_, until)| *until >= MIDNIGHT)
    }

    fn closing_minute(&self, day: Date) -> Closing {
        let Some(last) = self.stretches(day).iter().map(|(_, until)| *until).max() else {
            return Closing::Already;
        };
        if last != MIDNIGHT {
            return Closing::At(last);
        }
        let next = day.tomorrow().unwrap_or(day);
        match self.stretches(next).iter().find(|(from, _)| *from == 0) {
            None => Closing::At(last),
            Some((_, until)) if *until < MIDNIGHT => Closing::At(MIDNIGHT + until),
            Some(_) => Closing::Never,
        }
    }

    /// The open stretches of a day, evaluated once.
    fn stretches(&self, day: Date) -> Stretches {
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

    fn evaluate(&self, day: Date) -> Vec<(i64, i64)> {
        let (month, on) = (day.month().unsigned_abs(), day.day().unsigned_abs());
        let Some(date) = NaiveDate::from_ymd_opt(day.year().into(), month.into(), on.into()) else {
            return Vec::new();
        };
        let minutes = |time: opening_hours_syntax::ExtendedTime| i64::from(time.mins_from_midnight());
        self.parsed
            .schedule_at(date)
            .into_iter()
            .filter(|stretch| stretch.kind == RuleKind::Open)
            .map(|stretch| (minutes(stretch.range.start), minutes(stretch.range.end)))
            .collect()
    }

    /// The instant a wall clock shows so many minutes after a day's midnight.
    pub(crate) fn instant(&self, day: Date, minutes: i64) -> Timestamp {
        day.at(0, 0, 0, 0)
            .checked_add(minutes.minutes())
            .and_then(|local| local.to_zoned(self.zone.tz().clone()))
            .map_or(Timestamp::MAX, |zoned| zoned.timestamp())
    }
}

impl fmt::Debug for OpeningHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.text, self.zone)
    }
}

/// Stretches of a day without those that follow on one another.
fn joined(stretches: Vec<(i64, i64)>) -> Vec<(i64, i64)> {
    let mut joined: Vec<(i64, i64)> = Vec::with_capacity(stretches.len());
    for (from, until) in stretches {
        match joined.last_mut() {
            Some(last) if last.1 >= from => last.1 = last.1.max(until),
            _ => joined.push((from, until)),
        }
    }
    joined
}

/// Until when an evening runs on into the next day, in minutes from the midnight between. A day that is open from one
/// midnight to the other is no evening.
fn night_into(day: &[(i64, i64)], next: &[(i64, i64)]) -> Option<i64> {
    let is_evening = day.last().is_some_and(|(from, until)| *from > 0 && *until >= MIDNIGHT);
    let (from, until) = *next.first()?;
    (is_evening && from == 0 && until < MIDNIGHT).then_some(until)
}

/// Degrees as the sun's calendar takes them.
fn coordinates(position: Position) -> Option<Coordinates> {
    Coordinates::new(position.latitude.to_f64()?, position.longitude.to_f64()?)
}

fn names_holiday(expression: &OpeningHoursExpression, wanted: HolidayKind) -> bool {
    let mut days = expression.rules.iter().flat_map(|rule| &rule.day_selector.weekday);
    days.any(|day| matches!(day, WeekDayRange::Holiday { kind, .. } if *kind == wanted))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hours(text: &str) -> Result<OpeningHours, HoursError> {
        OpeningHours::parse(text, "Europe/Prague".parse().expect("a zone"), "CZ", humpolec())
    }

    fn humpolec() -> Position {
        let degrees = |text: &str| text.parse().expect("degrees");
        Position { latitude: degrees("49.5"), longitude: degrees("15.3") }
    }

    fn day(text: &str) -> Date {
        text.parse().expect("a day")
    }

    fn at(text: &str) -> Timestamp {
        text.parse().expect("an instant")
    }

    #[test]
    fn overlapping_hours_are_refused() {
        assert!(matches!(hours("Mo-Fr 08:00-12:00,11:00-16:00"), Err(HoursError::Overlap(_))));
        assert!(matches!(hours("Mo-Fr always"), Err(HoursError::Syntax { .. })));
        assert!(hours("Mo-Fr 08:00-12:00,13:00-16:00").is_ok());
    }

    #[test]
    fn a_hub_is_open_by_its_own_wall_clock() {
        let hours = hours("Mo-Fr 08:00-12:00,13:00-20:00; PH off").expect("hours");
        assert!(hours.is_open_at(at("2026-11-02T07:00:00Z")));
        assert!(!hours.is_open_at(at("2026-11-02T06:59:59Z")));
        assert!(!hours.is_open_at(at("2026-11-02T11:30:00Z")), "lunch");
        assert!(!hours.is_open_at(at("2026-10-28T10:00:00Z")), "a Czech public holiday");
    }

    #[test]
    fn lunch_is_not_closing_time() {
        let hours = hours("Mo-Fr 08:00-12:00,13:00-20:00").expect("hours");
        assert_eq!(hours.closes_after(at("2026-11-02T09:00:00Z")), at("2026-11-02T19:00:00Z"));
    }

    #[test]
    fn a_stretch_past_midnight_belongs_to_its_evening() {
        let hours = hours("Mo-Su 18:00-02:00").expect("hours");
        let closing = at("2026-11-03T01:00:00Z");
        for inside in
            ["2026-11-02T18:00:00Z", "2026-11-02T22:59:00Z", "2026-11-02T23:30:00Z", "2026-11-03T00:59:00Z"]
        {
            assert_eq!(hours.closes_after(at(inside)), closing, "{inside}");
            assert_eq!(hours.night_ends_after(at(inside)), at("2026-11-03T03:00:00Z"), "{inside}");
        }
        assert_eq!(hours.closes_after(at("2026-11-03T01:00:00Z")), at("2026-11-04T01:00:00Z"));
    }

    #[test]
    fn a_hub_that_never_closes_forgets_a_visit_after_the_longest_stay() {
        let hours = hours("24/7").expect("hours");
        let evening = at("2026-11-02T21:00:00Z");
        assert_eq!(hours.closes_after(evening), at("2026-11-03T13:00:00Z"));
        assert_eq!(hours.night_ends_after(evening), at("2026-11-03T13:00:00Z"));
        assert!(hours.is_open_at(at("2026-11-02T23:30:00Z")));
    }

    #[test]
    fn the_night_belongs_to_the_evening_before_also_when_the_clocks_change() {
        let hours = hours("Mo-Su 08:00-22:00").expect("hours");
        assert_eq!(hours.night_ends_after(at("2026-10-24T18:00:00Z")), at("2026-10-25T03:00:00Z"));
    }

    #[test]
    fn hours_by_the_sun_follow_the_hubs_position_and_season() {
        let hours = hours("sunrise-sunset").expect("hours");
        assert!(!hours.is_open_at(at("2026-11-27T06:10:00Z")), "7:10, before a November sunrise");
        assert!(hours.is_open_at(at("2026-11-27T07:00:00Z")));
        assert!(!hours.is_open_at(at("2026-11-27T17:30:00Z")), "18:30, after sunset");
        assert!(hours.is_open_at(at("2026-06-21T17:30:00Z")), "19:30 in June");
        let closes = hours.closes_after(at("2026-11-27T10:00:00Z"));
        assert!((at("2026-11-27T14:50:00Z")..at("2026-11-27T15:15:00Z")).contains(&closes), "{closes}");
    }

    #[test]
    fn a_calendar_that_is_not_known_is_refused() {
        let calendars = |text: &str, country: &str| {
            let zone = "Europe/Prague".parse().expect("a zone");
            OpeningHours::parse(text, zone, country, humpolec()).expect("hours").require_evaluated()
        };
        assert!(matches!(
            calendars("Mo-Su 08:00-20:00; SH off", "CZ"),
            Err(HoursError::NoCalendar { kind: "school", .. })
        ));
        assert!(matches!(
            calendars("Mo-Su 08:00-20:00; PH off", "AQ"),
            Err(HoursError::NoCalendar { kind: "public", .. })
        ));
        for country in ["CZ", "PL", "UA", "GB", "SK", "DE"] {
            assert_eq!(calendars("Mo-Su 08:00-20:00; PH off", country), Ok(()), "{country}");
        }
        assert_eq!(calendars("Mo-Su 08:00-20:00", "AQ"), Ok(()), "no holiday is named");
    }

    #[test]
    fn a_text_that_does_not_decide_when_the_hub_is_open_is_refused() {
        for undecided in [
            "Mo-Fr 18:00+",
            "Mo-Fr 18:00-22:00+",
            "Mo-Fr 10:00-16:00/01:30",
            "Mo-Fr 08:00-20:00; Sa unknown",
            "(sunset+04:00)-25:00",
            "(dusk+04:00)-(sunset+03:00)",
            "(dusk+07:00)-00:00",
        ] {
            let refused = hours(undecided).expect("in the syntax").require_evaluated();
            assert!(matches!(refused, Err(HoursError::Undecided { .. })), "{undecided}: {refused:?}");
        }
        for decided in [
            "Mo-Fr 08:00-20:00 \"ring the bell\"",
            "(sunrise+01:00)-(sunset+01:00)",
            "(sunset+01:00)-02:00",
            "sunset-(sunrise-01:00)",
            "dawn-dusk",
            "Mo-Su 08:00-26:00",
            "08:00-20:00; easter off",
        ] {
            assert_eq!(hours(decided).expect("hours").require_evaluated(), Ok(()), "{decided}");
        }
    }

    proptest! {
        /// What is accepted is evaluated, wherever people have a day and a night, and on any day.
        #[test]
        fn accepted_hours_by_the_sun_are_evaluated_on_every_day(
            events in prop::array::uniform2(prop::sample::select(vec!["dawn", "sunrise", "sunset", "dusk"])),
            offsets in prop::array::uniform2(-12_i8..=12),
            fixed in prop::option::of(0_u8..=48),
            latitude in -60_i64..=60,
            longitude in -180_i64..=180,
            days in 0_i32..1_000,
        ) {
            let event = |place: usize| format!("({}{:+03}:00)", events[place], offsets[place]);
            let end = fixed.map_or_else(|| event(1), |hour| format!("{hour:02}:00"));
            let place = Position { latitude: latitude.into(), longitude: longitude.into() };
            let zone = format!("Etc/GMT{:+}", -longitude / 15).parse().expect("a zone");
            let Ok(hours) = OpeningHours::parse(&format!("{}-{end}", event(0)), zone, "CZ", place) else { return Ok(()) };
            if hours.require_evaluated().is_ok() {
                let evening = day("2026-01-01").saturating_add(days.days());
                hours.evaluate(evening);
            }
        }
    }

    #[test]
    fn a_night_that_the_next_days_rule_cuts_short_is_found() {
        let cut = |text: &str| hours(text).expect("hours").nights_cut_short(day("2026-11-23"));
        assert_eq!(
            cut("Mo-Th 08:00-20:00; Fr 18:00-02:00; Sa 10:00-14:00"),
            [NightCutShort { evening: day("2026-11-27"), meant_minutes: 120, closes_minutes: 0 }]
        );
        assert_eq!(cut("Fr sunset-02:00; Sa 10:00-14:00").len(), 1, "also if it begins by the sun");
        for whole in [
            "sunrise-sunset",
            "Mo-Th 08:00-20:00; Fr 18:00-02:00, Sa 10:00-14:00",
            "Mo-Th 08:00-20:00; Fr 18:00-02:00",
            "Mo-Su 18:00-02:00",
            "24/7",
            "Mo-Fr 08:00-20:00; PH off",
        ] {
            assert_eq!(cut(whole), [], "{whole}");
        }
        let holiday = cut("Mo-Su 18:00-02:00; PH off");
        assert_eq!(holiday.len(), 1, "the night before a holiday ends at midnight: {holiday:?}");
    }
}
