//! Events: lectures, workshops and meetings that a hub announces, and the seats that members take at them.
//!
//! Owns: events and seats. Always true:
//! - R15: confirmed seats never exceed an event's capacity, whatever the concurrency. One guarded statement both
//!   checks and counts, and the table also rejects a count beyond the capacity.
//! - A member has at most one seat at an event.
//! - An announced event is public; its seats are visible to the member and to the staff of their home hub.
//! - Only members of the event's network take a seat; to another network the event's seats do not exist.
//!
//! Emits `events.event_published.v1` and `events.seat_confirmed.v1`. Consumes `membership.hub_onboarded.v2`
//! (and `.v1` of old logs), `hub_changed.v1`, `hub_closed.v1`, `member_joined.v1` and `member_erased.v1`, and stores where a
//! hub and a member belong, and whether the hub is closed.
//!
//! To add a rule about events: the pure part into `event`, the use case into a file of `app` named by its verb, its
//! statement into `store`, its field or mutation into `graphql`.

mod app;
mod audit;
mod consumer;
mod error;
pub mod events;
pub mod graphql;
mod model;
mod module;
pub mod personal;
pub mod split;
mod store;

use platform_db::Db;

pub use app::{PublishEvent, TakeSeat, TakeSeatOutcome};
pub use audit::AUDITED_ACTIONS;
pub use consumer::CONSUMES;
pub use error::EventsError;
pub use kernel::{Language, UnknownLanguage};
pub use model::event::{Event, EventKind};
pub use model::seat::Seat;
pub use module::ABOUT;

/// The events service.
#[derive(Clone, Debug)]
pub struct Events {
    db: Db,
}

impl Events {
    /// Creates the service on its database.
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}
