//! How services hear each other: outbox → (in process, or RabbitMQ) → inbox.
//!
//! Always true (R25):
//! - An event is a row in its service's outbox, written beside the effect it tells of. The [`Relay`] gives it its number
//!   and keeps it in the event log for a stated time; it counts as published only when every receiver has it (in
//!   process) or the broker has confirmed it (RabbitMQ).
//! - A receiver writes (consumer, event id) into its inbox in the transaction of the effect: a fact delivered twice
//!   counts once. Handlers tolerate any order.
//! - A receiver compares its inbox with what its sources have kept, and asks for what it lacks ([`compare`]): a queue
//!   that was deleted, a broker that was wiped and a backup that was restored heal by themselves.
//! - An event that cannot be taken in yet waits beside the queue, in the receiver's own database ([`retry_postponed`]);
//!   only later events of its subject wait with it.
//! - What a receiver refuses for good lands in its `dead_letter` table, in the receiver's own database, on every
//!   shape; `hubnet dead-letters` lists and replays it.
//!
//! Both transports run the same [`deliver`], so a handler cannot tell them apart.

mod amqp;
mod arrival;
mod clock;
mod dead_letter;
mod deliver;
mod event_log;
mod gaps;
mod handler;
mod postponed;
mod relay;

pub use amqp::{Amqp, AmqpConfig, AmqpError, answer_requests, consume};
pub use arrival::{await_arrival, await_arrivals};
pub use dead_letter::{DeadLetter, dead_letters, list_dead_letters, replay_dead_letters};
pub use deliver::{Known, deliver, deliver_as};
pub use event_log::{
    KeptPage, Mark, Reading, Wanted, forget_kept_before, list_kept, load_kept, read_kept, waiting_events,
};
pub use gaps::{Found, Suspects, close_gaps, compare, keep_closing_gaps, list_marks};
pub use handler::{HandleError, Handler};
pub use postponed::{Which, keep_retrying, postponed_events, retry_postponed};
pub use relay::{Flow, InProcess, Outlet, Relay};
