//! What is measured about files. What is due to be swept is counted by whoever reads the table.
//!
//! Always true: outcomes are a small closed set; no tenant and no file is named.

use std::sync::LazyLock;

use opentelemetry::{KeyValue, global, metrics::Counter};

static FILES: LazyLock<Counter<u64>> = LazyLock::new(|| {
    global::meter("platform_files")
        .u64_counter("hubnet.files.handled")
        .with_description("Files by what became of them: received, refused, failed or deleted")
        .build()
});

pub(crate) fn count_file(outcome: &'static str) {
    FILES.add(1, &[KeyValue::new("outcome", outcome)]);
}
