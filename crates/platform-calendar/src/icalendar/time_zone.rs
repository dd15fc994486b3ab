//! VTIMEZONE: the clock changes of a zone, written so that a calendar without a zone database reads times right
//! (RFC 5545 §3.6.5).
//!
//! Always true: the changes come from the zone database this program was built with, and cover exactly the time of the
//! events: from the offset in force at the first instant to the last change before the end. Changes that follow a yearly
//! pattern ("the last Sunday in March") share an RRULE; the others stand one by one. Where events have no end, a pattern
//! that holds for [`YEARS_AHEAD`] years is written without an end, too.

use jiff::{
    Timestamp, ToSpan as _,
    civil::DateTime,
    tz::{Dst, Offset, TimeZoneTransition},
};
use kernel::Zone;

use super::{lines::Lines, local};

/// How far changes are written for events that have no end.
const YEARS_AHEAD: i64 = 20;
/// Fewer changes than this do not make a pattern.
const LEAST_OF_A_PATTERN: usize = 3;
/// A pattern that goes on without an end has held for so many years.
const LEAST_WITHOUT_AN_END: usize = 10;
const WEEKDAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

/// One change of a zone's clock.
#[derive(Debug, Clone)]
struct Change {
    at: Timestamp,
    /// What the clock shows at the change, with the offset before it.
    shown: DateTime,
    from: Offset,
    to: Offset,
    is_summer: bool,
    name: String,
}

/// Changes of the same kind: one, or one a year on the same day of a month.
#[derive(Debug)]
struct Observance {
    changes: Vec<Change>,
    /// How the day can be counted: from the beginning of the month, or from its end.
    places: Vec<i8>,
}

/// Writes the zone's changes for events from the first instant until the end, if they have one.
pub(super) fn write(lines: &mut Lines, zone: &Zone, from: Timestamp, until: Option<Timestamp>) {
    let ahead = || zone.tz().to_datetime(from).saturating_add(YEARS_AHEAD.years());
    let covered_until = until.unwrap_or_else(|| crate::instant_of(ahead(), zone));
    let mut observances: Vec<Observance> = Vec::new();
    for change in changes(zone, from, covered_until) {
        match observances.iter_mut().find(|it| it.goes_on_with(&change)) {
            Some(observance) => observance.push(change),
            None => observances.push(Observance::new(change)),
        }
    }
    lines.exact("BEGIN", "VTIMEZONE");
    lines.exact("TZID", zone.name());
    write_observance(lines, &before(zone, from), None);
    for observance in &observances {
        observance.write(lines, until.is_none(), covered_until);
    }
    lines.exact("END", "VTIMEZONE");
}

/// The change whose offset is in force at an instant; where the clock was never changed before, one that changes nothing.
fn before(zone: &Zone, at: Timestamp) -> Change {
    let next = at.checked_add(1.second()).unwrap_or(Timestamp::MAX);
    let mut earlier = zone.tz().preceding(next).map(|it| change(zone, &it));
    // Changes of a name alone are none.
    let latest = earlier.find(|it| it.from != it.to);
    // What is in force has the name that it has now.
    let info = zone.tz().to_offset_info(at);
    let (name, is_summer) = (info.abbreviation().to_owned(), info.dst() == Dst::Yes);
    let epoch = jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0);
    match latest {
        // Offsets of local mean time have seconds, and calendars know no year before 1970.
        Some(latest) if latest.shown >= epoch => Change { is_summer, name, ..latest },
        _ => Change {
            at: Timestamp::UNIX_EPOCH,
            shown: epoch,
            from: info.offset(),
            to: info.offset(),
            is_summer,
            name,
        },
    }
}

fn changes(zone: &Zone, from: Timestamp, until: Timestamp) -> Vec<Change> {
    let following = zone.tz().following(from).take_while(|it| it.timestamp() < until);
    following.map(|it| change(zone, &it)).filter(|it| it.from != it.to).collect()
}

fn change(zone: &Zone, transition: &TimeZoneTransition<'_>) -> Change {
    let at = transition.timestamp();
    let from = zone.tz().to_offset(at.checked_sub(1.nanosecond()).unwrap_or(Timestamp::MIN));
    Change {
        at,
        shown: from.to_datetime(at),
        from,
        to: transition.offset(),
        is_summer: transition.dst() == Dst::Yes,
        name: transition.abbreviation().to_owned(),
    }
}

impl Observance {
    fn new(change: Change) -> Self {
        let places = places(change.shown);
        Self { changes: vec![change], places }
    }

    /// Whether a change is that of the next year.
    fn goes_on_with(&self, change: &Change) -> bool {
        let Some(last) = self.changes.last() else { return false };
        let kind = |it: &Change| (it.from, it.to, it.is_summer, it.name.clone());
        let day = |shown: DateTime| (shown.month(), shown.weekday(), shown.time());
        let is_next_year = last.shown.year().checked_add(1) == Some(change.shown.year());
        is_next_year
            && kind(last) == kind(change)
            && day(last.shown) == day(change.shown)
            && places(change.shown).iter().any(|place| self.places.contains(place))
    }

    fn push(&mut self, change: Change) {
        let possible = places(change.shown);
        self.places.retain(|place| possible.contains(place));
        self.changes.push(change);
    }

    fn write(&self, lines: &mut Lines, has_no_end: bool, covered_until: Timestamp) {
        let (Some(first), Some(last)) = (self.changes.first(), self.changes.last()) else { return };
        if self.changes.len() < LEAST_OF_A_PATTERN {
            for change in &self.changes {
                write_observance(lines, change, None);
            }
            return;
        }
        let reaches_the_end = last.shown.saturating_add(1.year()) >= last.from.to_datetime(covered_until);
        let goes_on = has_no_end && reaches_the_end && self.changes.len() >= LEAST_WITHOUT_AN_END;
        let day = WEEKDAYS[usize::from(first.shown.weekday().to_monday_zero_offset().unsigned_abs())];
        let place = self.places.first().copied().unwrap_or(1);
        let mut rule = format!("FREQ=YEARLY;BYMONTH={};BYDAY={place}{day}", first.shown.month());
        if !goes_on {
            // A day later, for some readers compare this instant with what the clock shows.
            let until = last.at.checked_add(24.hours()).unwrap_or(last.at);
            rule.push_str(&until.strftime(";UNTIL=%Y%m%dT%H%M%SZ").to_string());
        }
        write_observance(lines, first, Some(&rule));
    }
}

/// How the day's weekday can be counted in its month: as the last one, and as the first, second …
fn places(shown: DateTime) -> Vec<i8> {
    let nth = (shown.day() - 1) / 7 + 1;
    if shown.day() + 7 > shown.days_in_month() { vec![-1, nth] } else { vec![nth] }
}

fn write_observance(lines: &mut Lines, change: &Change, rule: Option<&str>) {
    let kind = if change.is_summer { "DAYLIGHT" } else { "STANDARD" };
    lines.exact("BEGIN", kind);
    lines.exact("DTSTART", &local(change.shown));
    if let Some(rule) = rule {
        lines.exact("RRULE", rule);
    }
    lines.exact("TZOFFSETFROM", &offset(change.from));
    lines.exact("TZOFFSETTO", &offset(change.to));
    lines.text("TZNAME", &change.name);
    lines.exact("END", kind);
}

fn offset(offset: Offset) -> String {
    let (sign, seconds) = (if offset.is_negative() { '-' } else { '+' }, offset.seconds().unsigned_abs());
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    let seconds = if seconds == 0 { String::new() } else { format!("{seconds:02}") };
    format!("{sign}{hours:02}{minutes:02}{seconds}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(zone: &str, from: &str, until: Option<&str>) -> String {
        let read = |text: &str| text.parse::<Timestamp>().expect("an instant");
        let mut lines = Lines::default();
        write(&mut lines, &zone.parse().expect("a zone"), read(from), until.map(read));
        lines.finish().replace("\r\n", "\n")
    }

    #[test]
    fn events_of_one_winter_need_the_offset_of_that_winter_alone() {
        let winter = written("Europe/Prague", "2026-11-02T08:00:00Z", Some("2026-12-24T08:00:00Z"));
        assert_eq!(
            winter,
            "BEGIN:VTIMEZONE\nTZID:Europe/Prague\nBEGIN:STANDARD\nDTSTART:20261025T030000\nTZOFFSETFROM:+0200\n\
             TZOFFSETTO:+0100\nTZNAME:CET\nEND:STANDARD\nEND:VTIMEZONE\n"
        );
    }

    #[test]
    fn a_zone_that_never_changes_its_clock_has_one_offset() {
        let utc = written("Asia/Kolkata", "2026-11-02T08:00:00Z", Some("2027-12-24T08:00:00Z"));
        assert_eq!(utc.matches("BEGIN:STANDARD").count(), 1);
        assert!(utc.contains("TZOFFSETFROM:+0530\nTZOFFSETTO:+0530\n"), "{utc}");
    }

    #[test]
    fn a_yearly_pattern_is_one_rule_with_the_end_of_the_events() {
        let years = written("Europe/Prague", "2026-01-05T08:00:00Z", Some("2030-01-01T00:00:00Z"));
        assert!(
            years.contains(
                "DTSTART:20260329T020000\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU;UNTIL=20290326T010000Z\n"
            ),
            "{years}"
        );
        assert!(
            years.contains(
                "DTSTART:20261025T030000\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU;UNTIL=20291029T010000Z\n"
            ),
            "{years}"
        );
        let york = written("America/New_York", "2026-01-05T08:00:00Z", None);
        assert!(york.contains("DTSTART:20260308T020000\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU\n"), "{york}");
        assert!(york.contains("DTSTART:20261101T020000\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU\n"), "{york}");
    }

    #[test]
    fn changes_without_a_pattern_stand_one_by_one() {
        let ramadan = written("Africa/Casablanca", "2026-01-05T08:00:00Z", Some("2029-12-01T00:00:00Z"));
        assert!(!ramadan.contains("RRULE"), "{ramadan}");
        assert_eq!(ramadan.matches("DTSTART").count(), 1 + 8, "two changes a year: {ramadan}");
    }
}
