//! Counts denied attempts by the missing permission and the kind of caller. Always true: both labels come from small
//! closed sets, and neither identifies the caller.

use kernel::{Denials, Permission};
use opentelemetry::{KeyValue, global, metrics::Counter};

/// Counts denials as `hubnet_denied_total`.
pub(crate) struct CountedDenials(Counter<u64>);

impl CountedDenials {
    /// Requires telemetry to be set up; otherwise nothing is counted.
    pub(crate) fn new() -> Self {
        let meter = global::meter("hubnet");
        let description =
            "Attempts denied for want of a permission, by permission and by what the caller is there";
        Self(meter.u64_counter("hubnet.denied").with_description(description).build())
    }
}

impl std::fmt::Debug for CountedDenials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CountedDenials")
    }
}

impl Denials for CountedDenials {
    fn denied(&self, permission: Permission, kind: &'static str) {
        self.0.add(1, &[KeyValue::new("permission", permission.word()), KeyValue::new("role", kind)]);
    }
}
