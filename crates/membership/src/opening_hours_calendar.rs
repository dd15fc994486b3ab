//! The opening hours of a hub as a calendar that people subscribe to.
//!
//! Always true: it shows this week and the eight to come, by the hub's own clock, an event for each stretch in which the
//! hub is open, special days and their notes included; it does not make anybody busy. It is a function of the hub and the week, so it changes once a week, or when
//! the hub does. Its words are in the hub's language, for calendars that subscribe name none.

use jiff::{SignedDuration, Timestamp, ToSpan as _, civil::Date};
use kernel::Language;
use platform_calendar::{Calendar, CivilSpan, Event, EventStatus, Recurrence};

use crate::Hub;

/// This week and eight more.
const DAYS_SHOWN: usize = 9 * 7;
/// How often a calendar that subscribes should ask again.
const REFRESHED_EVERY: SignedDuration = SignedDuration::from_hours(12);

/// When a hub is open in the week of a Monday and the weeks after it.
pub(crate) fn opening_hours_calendar(hub: &Hub, monday: Date) -> Calendar {
    let language: Language = hub.language.parse().unwrap_or_default();
    let [hours, open] = words(language);
    let stretches = monday.series(1.day()).take(DAYS_SHOWN).flat_map(|day| {
        let note = hub.timetable.days.get(&day).and_then(|special| special.note.clone());
        hub.opening_hours.stretches(day).into_iter().map(move |stretch| (stretch, note.clone()))
    });
    let stamp = hub.time_zone.start_of(monday);
    Calendar {
        name: format!("{}: {hours}", hub.name),
        description: None,
        language,
        refresh_every: Some(REFRESHED_EVERY),
        events: stretches.filter_map(|(stretch, note)| event(hub, stretch, stamp, open, note)).collect(),
    }
}

fn event(hub: &Hub, stretch: CivilSpan, stamp: Timestamp, open: &str, note: Option<String>) -> Option<Event> {
    let address = &hub.address;
    Some(Event {
        uid: format!("{}-{}@opening-hours.hubnet", hub.id, stretch.from().strftime("%Y%m%dT%H%M")),
        stamp,
        sequence: 0,
        summary: format!("{}: {open}", hub.name),
        description: note,
        location: Some(format!("{}, {} {}", address.street, address.postal_code, address.city)),
        url: None,
        status: EventStatus::Confirmed,
        is_busy: false,
        // A week that lies beyond the calendar has no hours.
        when: Recurrence::once(stretch, hub.time_zone.clone()).ok()?,
    })
}

/// The Monday of a day's week.
pub(crate) fn monday_of(day: Date) -> Date {
    let days = i64::from(day.weekday().to_monday_zero_offset());
    day.saturating_sub(days.days())
}

/// "opening hours" and "open".
const fn words(language: Language) -> [&'static str; 2] {
    match language {
        Language::En => ["opening hours", "open"],
        Language::Cs => ["otevírací doba", "otevřeno"],
        Language::Pl => ["godziny otwarcia", "otwarte"],
        Language::Uk => ["години роботи", "відчинено"],
    }
}
