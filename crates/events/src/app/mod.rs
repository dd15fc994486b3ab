//! What the service can be asked to do, one use-case per file. Always true: the context is asked first, and a command
//! is one transaction.

mod export_personal_data;
mod list_events;
mod list_seats;
mod publish_event;
mod read_audit;
mod take_seat;

pub use publish_event::PublishEvent;
pub use take_seat::{TakeSeat, TakeSeatOutcome};
