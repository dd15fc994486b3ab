//! Events of the demo in the coming weeks, dated from the day of loading.

use jiff::civil::Time;
use serde::Deserialize;

use crate::files::EVENTS;

/// One event to publish.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// Slug of the hub that holds it.
    pub hub: String,
    /// Title in the event's language.
    pub title: String,
    /// Kind of the meeting.
    pub kind: EventKind,
    /// Days after the day of loading; at least 1.
    pub days_from_today: i32,
    /// Start, local to the hub.
    pub start: Time,
    /// Length.
    pub duration_minutes: u32,
    /// Seats.
    pub capacity: u32,
    /// Language spoken: en, cs, pl or uk.
    pub language: String,
    /// One or two sentences for the public page.
    pub summary: String,
}

/// The kinds of meeting that hubs hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// One person speaks, others listen.
    Lecture,
    /// Everybody takes part.
    Workshop,
    /// Informal talk.
    Discussion,
    /// A day with several speakers.
    Conference,
    /// Advice to a few people.
    Consultation,
}

#[derive(Deserialize)]
struct EventFile {
    events: Vec<Event>,
}

/// Reads the embedded event file.
pub fn events() -> Vec<Event> {
    let file: EventFile = toml::from_str(EVENTS).expect("events.toml is embedded and tested");
    file.events
}
