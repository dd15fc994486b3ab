//! iCalendar out: events as a file that every calendar program reads (RFC 5545, RFC 7986).
//!
//! Always true: every zone that an event names is described in the file ([`mod@time_zone`]); the text is a function of what
//! it is given, so the same calendar is the same bytes; it has no METHOD, for nobody is invited by it.

mod lines;
mod time_zone;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, civil::DateTime};
use kernel::{Language, Zone};

use self::lines::Lines;
use crate::{CivilSpan, Recurrence};

/// Who made the file.
const PRODUCT: &str = "-//hubnet//hubnet//EN";

/// A calendar of events.
#[derive(Debug, Clone)]
pub struct Calendar {
    /// Its name for people.
    pub name: String,
    /// What it is, in a sentence.
    pub description: Option<String>,
    /// The language of its texts.
    pub language: Language,
    /// How often whoever subscribes should ask again.
    pub refresh_every: Option<SignedDuration>,
    /// The events, in any order; they are written in this one.
    pub events: Vec<Event>,
}

/// An event of a calendar.
#[derive(Debug, Clone)]
pub struct Event {
    /// What names it for ever, in the whole world: an id of ours and a domain.
    pub uid: String,
    /// When it was described like this.
    pub stamp: Timestamp,
    /// How often it was changed in a way that its guests must know of.
    pub sequence: u32,
    /// What it is, in a few words.
    pub summary: String,
    /// What it is, at length.
    pub description: Option<String>,
    /// Where it is.
    pub location: Option<String>,
    /// Where to read more.
    pub url: Option<String>,
    /// Whether it takes place.
    pub status: EventStatus,
    /// Whether who has it in their calendar is busy then.
    pub is_busy: bool,
    /// When it is.
    pub when: Recurrence,
}

/// Whether an event takes place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventStatus {
    /// Perhaps.
    Tentative,
    /// Yes.
    Confirmed,
    /// No longer.
    Cancelled,
}

impl EventStatus {
    const fn code(self) -> &'static str {
        match self {
            Self::Tentative => "TENTATIVE",
            Self::Confirmed => "CONFIRMED",
            Self::Cancelled => "CANCELLED",
        }
    }
}

impl Calendar {
    /// The media type of the file.
    pub const MEDIA_TYPE: &str = "text/calendar; charset=utf-8";

    /// The text of the file.
    pub fn text(&self) -> String {
        let mut lines = Lines::default();
        lines.exact("BEGIN", "VCALENDAR");
        lines.exact("VERSION", "2.0");
        lines.exact("PRODID", PRODUCT);
        lines.exact("CALSCALE", "GREGORIAN");
        let language = format!(";LANGUAGE={}", self.language.code());
        lines.text(&format!("NAME{language}"), &self.name);
        lines.text("X-WR-CALNAME", &self.name);
        if let Some(description) = &self.description {
            lines.text(&format!("DESCRIPTION{language}"), description);
            lines.text("X-WR-CALDESC", description);
        }
        if let Some(every) = self.refresh_every {
            let minutes = every.as_mins().max(1);
            lines.exact("REFRESH-INTERVAL;VALUE=DURATION", &format!("PT{minutes}M"));
            lines.exact("X-PUBLISHED-TTL", &format!("PT{minutes}M"));
        }
        self.write_zones(&mut lines);
        for event in &self.events {
            event.write(&mut lines, &language);
        }
        lines.exact("END", "VCALENDAR");
        lines.finish()
    }

    /// Writes every zone whose clock an event names, for the time of those events.
    fn write_zones(&self, lines: &mut Lines) {
        let mut zones: BTreeMap<&str, (&Zone, Timestamp, Option<Timestamp>)> = BTreeMap::new();
        let timed =
            self.events.iter().map(|it| &it.when).filter(|it| !is_utc(it.zone()) && it.names_a_clock());
        for when in timed {
            let (begins, ends) = (when.begins(), when.ends());
            let covered = zones.entry(when.zone().name()).or_insert((when.zone(), begins, ends));
            covered.1 = covered.1.min(begins);
            covered.2 = covered.2.zip(ends).map(|(one, other)| one.max(other));
        }
        for (zone, from, until) in zones.into_values() {
            time_zone::write(lines, zone, from, until);
        }
    }
}

impl Event {
    fn write(&self, lines: &mut Lines, language: &str) {
        let (when, zone) = (&self.when, self.when.zone());
        self.begin(lines, when.first());
        if let Some(rule) = when.rule_text() {
            lines.exact("RRULE", &rule);
        }
        let is_all_day = when.first().is_all_day();
        for except in when.except() {
            lines.exact(&parameters("EXDATE", is_all_day, zone), &value(except, is_all_day, zone));
        }
        for extra in when.extra() {
            lines.exact(&parameters("RDATE", is_all_day, zone), &value(extra, is_all_day, zone));
        }
        self.end(lines, language);
        for moved in when.moved() {
            self.begin(lines, moved.to);
            let name = parameters("RECURRENCE-ID", is_all_day, zone);
            lines.exact(&name, &value(moved.original, is_all_day, zone));
            self.end(lines, language);
        }
    }

    fn begin(&self, lines: &mut Lines, span: CivilSpan) {
        lines.exact("BEGIN", "VEVENT");
        lines.text("UID", &self.uid);
        lines.exact("DTSTAMP", &utc(self.stamp));
        lines.exact("SEQUENCE", &self.sequence.to_string());
        let (is_all_day, zone) = (span.is_all_day(), self.when.zone());
        lines.exact(&parameters("DTSTART", is_all_day, zone), &value(span.from(), is_all_day, zone));
        lines.exact(&parameters("DTEND", is_all_day, zone), &value(span.until(), is_all_day, zone));
    }

    fn end(&self, lines: &mut Lines, language: &str) {
        lines.text(&format!("SUMMARY{language}"), &self.summary);
        if let Some(description) = &self.description {
            lines.text(&format!("DESCRIPTION{language}"), description);
        }
        if let Some(location) = &self.location {
            lines.text("LOCATION", location);
        }
        if let Some(url) = &self.url {
            lines.exact("URL", url);
        }
        lines.exact("STATUS", self.status.code());
        lines.exact("TRANSP", if self.is_busy { "OPAQUE" } else { "TRANSPARENT" });
        lines.exact("END", "VEVENT");
    }
}

/// A property of a date or a time, with what says which of them, and by which clock.
fn parameters(name: &str, is_all_day: bool, zone: &Zone) -> String {
    if is_all_day {
        format!("{name};VALUE=DATE")
    } else if is_utc(zone) {
        name.to_owned()
    } else {
        format!("{name};TZID={}", zone.name())
    }
}

fn value(shown: DateTime, is_all_day: bool, zone: &Zone) -> String {
    if is_all_day {
        shown.strftime("%Y%m%d").to_string()
    } else if is_utc(zone) {
        format!("{}Z", local(shown))
    } else {
        local(shown)
    }
}

fn local(shown: DateTime) -> String {
    shown.strftime("%Y%m%dT%H%M%S").to_string()
}

fn utc(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

fn is_utc(zone: &Zone) -> bool {
    *zone == Zone::UTC || zone.name() == "UTC"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Moved, RecurrenceInput};

    fn civil(text: &str) -> DateTime {
        text.parse().expect("a civil time")
    }

    fn event(when: RecurrenceInput<'_>) -> Event {
        Event {
            uid: "evt_1@hubnet.example".into(),
            stamp: "2026-03-01T12:00:00Z".parse().expect("an instant"),
            sequence: 1,
            summary: "Kurz 3D tisku; pro začátečníky".into(),
            description: None,
            location: Some("Dílna, 1. patro".into()),
            url: None,
            status: EventStatus::Confirmed,
            is_busy: true,
            when: Recurrence::read(when).expect("a series"),
        }
    }

    fn written(event: Event) -> String {
        let name = "Kurzy".into();
        let (description, refresh_every) = (None, Some(SignedDuration::from_hours(12)));
        let calendar =
            Calendar { name, description, language: Language::Cs, refresh_every, events: vec![event] };
        calendar.text().replace("\r\n", "\n")
    }

    #[test]
    fn a_series_is_written_with_its_zone_its_rule_and_what_differs_from_it() {
        let timed = |from, until| CivilSpan::timed(civil(from), civil(until)).expect("a stretch");
        let text = written(event(RecurrenceInput {
            first: timed("2026-03-18T18:00:00", "2026-03-18T20:00:00"),
            zone: "Europe/Prague".parse().expect("a zone"),
            rule: Some("freq=weekly;count=4;byday=we"),
            except: vec![civil("2026-03-25T18:00:00")],
            extra: vec![],
            moved: vec![Moved {
                original: civil("2026-04-01T18:00:00"),
                to: timed("2026-04-02T17:00:00", "2026-04-02T19:00:00"),
            }],
        }));
        assert_eq!(
            text,
            "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//hubnet//hubnet//EN\nCALSCALE:GREGORIAN\n\
             NAME;LANGUAGE=cs:Kurzy\nX-WR-CALNAME:Kurzy\nREFRESH-INTERVAL;VALUE=DURATION:PT720M\nX-PUBLISHED-TTL:PT720M\n\
             BEGIN:VTIMEZONE\nTZID:Europe/Prague\n\
             BEGIN:STANDARD\nDTSTART:20251026T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nTZNAME:CET\nEND:STANDARD\n\
             BEGIN:DAYLIGHT\nDTSTART:20260329T020000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nTZNAME:CEST\nEND:DAYLIGHT\n\
             END:VTIMEZONE\n\
             BEGIN:VEVENT\nUID:evt_1@hubnet.example\nDTSTAMP:20260301T120000Z\nSEQUENCE:1\n\
             DTSTART;TZID=Europe/Prague:20260318T180000\nDTEND;TZID=Europe/Prague:20260318T200000\n\
             RRULE:FREQ=WEEKLY;COUNT=4;BYDAY=WE\nEXDATE;TZID=Europe/Prague:20260325T180000\n\
             SUMMARY;LANGUAGE=cs:Kurz 3D tisku\\; pro začátečníky\nLOCATION:Dílna\\, 1. patro\nSTATUS:CONFIRMED\n\
             TRANSP:OPAQUE\nEND:VEVENT\n\
             BEGIN:VEVENT\nUID:evt_1@hubnet.example\nDTSTAMP:20260301T120000Z\nSEQUENCE:1\n\
             DTSTART;TZID=Europe/Prague:20260402T170000\nDTEND;TZID=Europe/Prague:20260402T190000\n\
             RECURRENCE-ID;TZID=Europe/Prague:20260401T180000\n\
             SUMMARY;LANGUAGE=cs:Kurz 3D tisku\\; pro začátečníky\nLOCATION:Dílna\\, 1. patro\nSTATUS:CONFIRMED\n\
             TRANSP:OPAQUE\nEND:VEVENT\nEND:VCALENDAR\n"
        );
    }

    #[test]
    fn whole_days_name_no_clock_and_end_with_the_day_after() {
        let day = |text: &str| text.parse().expect("a day");
        let text = written(event(RecurrenceInput {
            first: CivilSpan::days(day("2026-12-24"), day("2026-12-27")).expect("days"),
            zone: "Europe/Prague".parse().expect("a zone"),
            rule: Some("FREQ=YEARLY;UNTIL=20301231"),
            except: vec![],
            extra: vec![],
            moved: vec![],
        }));
        assert!(text.contains("DTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:20261227\n"), "{text}");
        assert!(text.contains("RRULE:FREQ=YEARLY;UNTIL=20301231\n"), "{text}");
        assert!(!text.contains("TZID"), "{text}");
    }
}
