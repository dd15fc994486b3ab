//! What is measured about mail as it is sent. What waits is counted by whoever reads the queue.
//!
//! Always true: outcomes are a small closed set; no tenant, person or address is named.

use std::sync::LazyLock;

use opentelemetry::{KeyValue, global, metrics::Counter};

static TRIES: LazyLock<Counter<u64>> = LazyLock::new(|| {
    global::meter("platform_mail")
        .u64_counter("hubnet.mail.tries")
        .with_description(
            "Tries to send a mail by outcome: sent, deferred, bounced, undeliverable, declined or obsolete",
        )
        .build()
});

pub(crate) fn count_try(outcome: &'static str) {
    TRIES.add(1, &[KeyValue::new("outcome", outcome)]);
}
