//! Counts the statements that reach the database. Only the test that runs in the span `counted` is counted.

use std::sync::atomic::{AtomicUsize, Ordering};

use tracing::{Event, Instrument, Subscriber};
use tracing_subscriber::{Layer, layer::Context, prelude::*, registry::LookupSpan};

static SEEN: AtomicUsize = AtomicUsize::new(0);

struct Counter;

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Counter {
    fn on_event(&self, event: &Event<'_>, ctx: Context<'_, S>) {
        let is_statement = event.metadata().target() == "sqlx::query";
        let is_counted =
            || ctx.event_scope(event).is_some_and(|mut spans| spans.any(|span| span.name() == "counted"));
        if is_statement && is_counted() {
            SEEN.fetch_add(1, Ordering::SeqCst);
        }
    }
}

/// Returns the result of a future and the number of statements it ran.
pub(crate) async fn statements_of<T>(work: impl Future<Output = T>) -> (T, usize) {
    tracing_subscriber::registry().with(Counter).try_init().ok();
    let before = SEEN.load(Ordering::SeqCst);
    let outcome = work.instrument(tracing::info_span!("counted")).await;
    (outcome, SEEN.load(Ordering::SeqCst) - before)
}
