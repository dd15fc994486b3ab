//! Opening hours: when a hub is open, on its own wall clock.
//!
//! Always true: hours are written in the OpenStreetMap `opening_hours` syntax and evaluated in the hub's zone, with
//! the public holidays of its country. Stretches of one rule never overlap: such a text is refused when it is read.

use std::{fmt, str::FromStr, sync::Arc};

use chrono::NaiveDate;
use jiff::{Timestamp, ToSpan, civil::Date};
use kernel::Zone;
use opening_hours::{Context, OpeningHours as Parsed, RuleKind, localization::Country};
use opening_hours_syntax::rules::time::{Time, TimeSpan};

/// How long after midnight a late check-out still belongs to the evening before.
const NIGHT_ENDS_AT_HOUR: i64 = 4;

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
}

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
        Ok(Self { text: text.into(), zone, parsed: Arc::new(parsed) })
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

    /// When the hub closes for the day on which `at` falls: the end of that day's last stretch, or `at` itself when
    /// the hub is closed from then on.
    pub fn closes_after(&self, at: Timestamp) -> Timestamp {
        let day = self.zone.day_of(at);
        let last = self.stretches(day).iter().map(|(_, until)| *until).max();
        last.map_or(at, |minute| self.instant(day, minute)).max(at)
    }

    /// Until when a check-out can still belong to a visit that began at `at`: four in the morning of the next day.
    pub fn night_ends_after(&self, at: Timestamp) -> Timestamp {
        self.instant(self.zone.day_of(at), (24 + NIGHT_ENDS_AT_HOUR) * 60)
    }

    /// The open stretches of a day, in minutes from its midnight.
    fn stretches(&self, day: Date) -> Vec<(i64, i64)> {
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
    fn the_night_belongs_to_the_evening_before_also_when_the_clocks_change() {
        let hours = hours("Mo-Su 08:00-22:00").expect("hours");
        assert_eq!(hours.night_ends_after(at("2026-10-24T18:00:00Z")), at("2026-10-25T03:00:00Z"));
    }
}
