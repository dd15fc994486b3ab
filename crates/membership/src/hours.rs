//! Opening hours: when a hub is open, on its own wall clock.
//!
//! Always true: hours are written in the OpenStreetMap `opening_hours` syntax and evaluated in the hub's zone, with
//! the public holidays of its country. Stretches of one rule never overlap: such a text is refused when it is read.

use std::{
    collections::HashMap,
    fmt,
    str::FromStr,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::NaiveDate;
use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date};
use kernel::Zone;
use opening_hours::{Context, OpeningHours as Parsed, RuleKind, localization::Country};
use opening_hours_syntax::rules::time::{Time, TimeSpan};

/// How long after midnight a late check-out still belongs to the evening before.
const NIGHT_ENDS_AT_HOUR: i64 = 4;
/// A visit asks for its own day and its neighbours; offline logs reach a week back.
const DAYS_KEPT: usize = 16;
/// Minutes from midnight to midnight on the wall clock.
const MIDNIGHT: i64 = 24 * 60;
/// Where a hub never closes, nobody is thought to have stayed longer than this without a sign.
const LONGEST_STAY: SignedDuration = SignedDuration::from_hours(16);

/// When a day's last open stretch ends, in minutes from the day's midnight.
enum Closing {
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
}

/// When a hub is open.
#[derive(Clone)]
pub struct OpeningHours {
    text: String,
    zone: Zone,
    parsed: Arc<Parsed>,
    /// The days evaluated last: the same few days are asked for at every touch.
    days: Arc<Mutex<HashMap<Date, Stretches>>>,
}

/// Open stretches of a day, in minutes from its midnight.
type Stretches = Arc<[(i64, i64)]>;

impl OpeningHours {
    /// Reads hours for a place. `country` is its ISO 3166 code, for public holidays; unknown countries have none.
    ///
    /// # Errors
    /// See [`HoursError`].
    pub fn parse(text: &str, zone: Zone, country: &str) -> Result<Self, HoursError> {
        let parsed = Parsed::from_str(text)
            .map_err(|error| HoursError::Syntax { text: text.into(), detail: error.to_string() })?;
        if parsed.get_expression().rules.iter().any(|rule| overlaps(&rule.time_selector.spans)) {
            return Err(HoursError::Overlap(text.into()));
        }
        let holidays = country.parse::<Country>().map(Country::holidays).unwrap_or_default();
        let parsed = parsed.with_context(Context::default().with_holidays(holidays));
        Ok(Self { text: text.into(), zone, parsed: Arc::new(parsed), days: Arc::default() })
    }

    /// The text as given.
    pub fn text(&self) -> &str {
        &self.text
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
    fn instant(&self, day: Date, minutes: i64) -> Timestamp {
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

fn overlaps(spans: &[TimeSpan]) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(text: &str) -> Result<OpeningHours, HoursError> {
        OpeningHours::parse(text, "Europe/Prague".parse().expect("a zone"), "CZ")
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
}
