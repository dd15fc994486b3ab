//! The use cases of the service, one per file. Always true: each checks the context first, and a command is one
//! transaction.

mod list_events;
mod list_seats;
mod publish_event;
mod take_seat;

pub use publish_event::PublishEvent;
pub use take_seat::{TakeSeat, TakeSeatOutcome};
