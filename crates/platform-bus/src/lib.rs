//! How services hear each other: outbox → (in process, or RabbitMQ) → inbox.
//!
//! Always true:
//! - An event is a row in its service's outbox, written beside the effect it tells of. The [`Relay`] carries it on and
//!   deletes the row only when every receiver has it (in process) or the broker has confirmed it (RabbitMQ).
//! - A receiver writes (consumer, event id) into its inbox in the transaction of the effect: a fact delivered twice
//!   counts once. Handlers tolerate any order.
//! - What a receiver refuses for good lands in its `dead_letter` table, in the receiver's own database, on every
//!   shape; `hubnet dead-letters` lists and replays it.
//!
//! Both transports run the same [`deliver`], so a handler cannot tell them apart.

mod amqp;
mod arrival;
mod dead_letter;
mod deliver;
mod handler;
mod relay;

pub use amqp::{Amqp, AmqpConfig, AmqpError, consume};
pub use arrival::{await_arrival, await_arrivals};
pub use dead_letter::{DeadLetter, list_dead_letters, replay_dead_letters};
pub use deliver::deliver;
pub use handler::{HandleError, Handler};
pub use relay::{Flow, InProcess, Outlet, Relay};
