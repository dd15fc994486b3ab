//! How services consume each other's events: outbox → (in process, or RabbitMQ) → inbox.
//!
//! Always true (R25):
//! - An event is a row in its service's outbox, written in the transaction of its effect. The [`Relay`] numbers it and
//!   keeps it in the event log for a configured time. It counts as published only when every receiver has it (in
//!   process) or the broker has confirmed it (RabbitMQ).
//! - A receiver writes (consumer, event id) into its inbox in the transaction of the effect: a fact delivered twice
//!   counts once. Handlers tolerate any order.
//! - A receiver compares its inbox with what its sources have kept, and requests what it lacks ([`compare`]). It
//!   recovers without help from a deleted queue, a wiped broker and a restored backup.
//! - An event that cannot be taken in yet waits in the receiver's own database ([`retry_postponed`]), not in the queue;
//!   only later events of its subject wait with it.
//! - An event that a receiver refuses for good goes to the `dead_letter` table in the receiver's own database, in every
//!   shape; `hubnet dead-letters` lists and replays it.
//!
//! Both transports run the same [`deliver`], so a handler cannot distinguish them.

mod amqp;
mod arrival;
mod clock;
mod consumer;
mod dead_letter;
mod deliver;
mod event_log;
mod gaps;
mod handler;
mod postponed;
mod relay;

pub use amqp::{Amqp, AmqpConfig, AmqpError, answer_requests, consume};
pub use arrival::{await_arrival, await_arrivals};
pub use consumer::{Batch, Consumer, Reads, event_types};
pub use dead_letter::{DeadLetter, dead_letters, list_dead_letters, replay_dead_letters};
pub use deliver::{Known, deliver, deliver_as};
pub use event_log::{
    KeptPage, Mark, Reading, Wanted, forget_kept_before, list_kept, load_kept, read_kept, waiting_events,
};
pub use gaps::{Found, Suspects, close_gaps, compare, keep_closing_gaps, list_marks};
pub use handler::{HandleError, Handler};
pub use postponed::{Which, keep_retrying, postponed_events, retry_postponed};
pub use relay::{Flow, InProcess, Outlet, Relay};
