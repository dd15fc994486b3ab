//! An event: announced by a hub, with seats for members.
//!
//! Always true: it ends after it starts, it has at least one seat, and it was announced before it began.

use jiff::Timestamp;
use kernel::{EventId, FreeText, HubId, InvalidInput, Label, NetworkId};

use crate::{Language, PublishEvent, UnknownLanguage};

const MOST_SEATS: u32 = 100_000;

/// The kind of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// A lecture for an audience.
    Lecture,
    /// A workshop for all participants.
    Workshop,
    /// An informal discussion.
    Discussion,
    /// A conference: a day with several speakers.
    Conference,
    /// A consultation for a few people.
    Consultation,
    /// A day of a school project.
    SchoolProject,
}

/// An announced event.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Event {
    /// The stable id.
    pub id: EventId,
    /// The network of the hub that holds it.
    pub network_id: NetworkId,
    /// The hub that holds the event.
    pub hub_id: HubId,
    /// The title, in the event's language.
    pub title: Label<200>,
    /// A short description for the public page.
    pub summary: FreeText<2000>,
    /// The kind of event.
    pub kind: EventKind,
    /// The spoken language.
    pub language: Language,
    /// The start of the event.
    pub starts_at: Timestamp,
    /// The end of the event.
    pub ends_at: Timestamp,
    /// The number of seats.
    pub capacity: u32,
    /// The number of taken seats.
    pub seats_taken: u32,
    /// The time of the announcement.
    pub published_at: Timestamp,
}

impl Event {
    /// Makes an event from an unchecked announcement.
    ///
    /// # Errors
    /// Fails with the first field that breaks a rule.
    pub fn announce(
        wanted: &PublishEvent,
        id: EventId,
        network_id: NetworkId,
        now: Timestamp,
    ) -> Result<Self, InvalidInput> {
        let title = Label::parse(&wanted.title).map_err(InvalidInput::of("title"))?;
        let language = wanted
            .language
            .parse()
            .map_err(|unknown: UnknownLanguage| InvalidInput::new("language", unknown.to_string()))?;
        if wanted.starts_at <= now {
            return Err(InvalidInput::new("startsAt", "must lie in the future"));
        }
        if wanted.ends_at <= wanted.starts_at {
            return Err(InvalidInput::new("endsAt", "must be after startsAt"));
        }
        Ok(Self {
            id,
            network_id,
            hub_id: wanted.hub_id,
            title,
            summary: FreeText::parse(&wanted.summary).map_err(InvalidInput::of("summary"))?,
            kind: wanted.kind,
            language,
            starts_at: wanted.starts_at,
            ends_at: wanted.ends_at,
            capacity: seats(wanted.capacity)?,
            seats_taken: 0,
            published_at: now,
        })
    }

    /// Returns the number of free seats.
    pub fn seats_free(&self) -> u32 {
        self.capacity.saturating_sub(self.seats_taken)
    }

    /// Returns whether the event has ended by an instant; no seat can be taken afterwards.
    pub fn is_over(&self, at: Timestamp) -> bool {
        self.ends_at <= at
    }
}

fn seats(capacity: i32) -> Result<u32, InvalidInput> {
    u32::try_from(capacity)
        .ok()
        .filter(|seats| (1..=MOST_SEATS).contains(seats))
        .ok_or_else(|| InvalidInput::new("capacity", format!("must be between 1 and {MOST_SEATS}")))
}

kernel::stored_words!(EventKind {
    Lecture = "lecture",
    Workshop = "workshop",
    Discussion = "discussion",
    Conference = "conference",
    Consultation = "consultation",
    SchoolProject = "school_project",
});

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use kernel::{Id, World};

    use super::*;

    fn wanted(world: &World) -> PublishEvent {
        PublishEvent {
            hub_id: HubId::generate(world),
            title: " Daně pro živnostníky ".into(),
            summary: "Šest míst, přineste si podklady.".into(),
            kind: EventKind::Consultation,
            language: "cs".into(),
            starts_at: world.now() + 2.hours(),
            ends_at: world.now() + 3.hours(),
            capacity: 6,
        }
    }

    fn refused_field(change: impl Fn(&mut PublishEvent)) -> Option<String> {
        let world = World::for_test(1);
        let mut wanted = wanted(&world);
        change(&mut wanted);
        let (id, network) = (EventId::generate(&world), NetworkId::generate(&world));
        Event::announce(&wanted, id, network, world.now()).err().map(|refused| refused.field.into_owned())
    }

    #[test]
    fn a_refused_announcement_names_the_field() {
        assert_eq!(refused_field(|_| {}), None);
        assert_eq!(refused_field(|event| event.title = "  ".into()).as_deref(), Some("title"));
        assert_eq!(refused_field(|event| event.title = "x".repeat(201)).as_deref(), Some("title"));
        assert_eq!(refused_field(|event| event.summary = "x".repeat(2001)).as_deref(), Some("summary"));
        assert_eq!(refused_field(|event| event.language = "CS".into()).as_deref(), Some("language"));
        assert_eq!(refused_field(|event| event.starts_at -= 2.hours()).as_deref(), Some("startsAt"));
        assert_eq!(refused_field(|event| event.ends_at = event.starts_at).as_deref(), Some("endsAt"));
        assert_eq!(refused_field(|event| event.capacity = 0).as_deref(), Some("capacity"));
        assert_eq!(refused_field(|event| event.capacity = -4).as_deref(), Some("capacity"));
    }

    #[test]
    fn a_new_event_is_empty_and_its_title_is_trimmed() {
        let world = World::for_test(2);
        let event = Event::announce(
            &wanted(&world),
            EventId::generate(&world),
            NetworkId::generate(&world),
            world.now(),
        )
        .expect("valid");
        assert_eq!(
            (event.title.as_str(), event.seats_taken, event.seats_free()),
            ("Daně pro živnostníky", 0, 6)
        );
        assert!(!event.is_over(world.now()) && event.is_over(event.ends_at));
    }
}
