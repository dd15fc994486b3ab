//! Metrics about touches: number, direction and outcome.
//!
//! Always true: labels come from closed sets; no label names a hub or person. A repeated upload counts again: the
//! metrics count answers, not visits.

use std::sync::LazyLock;

use opentelemetry::{KeyValue, global, metrics::Counter};

use crate::{DenialReason, Direction, app::TouchOutcome};

static TOUCHES: LazyLock<Counter<u64>> = LazyLock::new(|| {
    global::meter("membership")
        .u64_counter("hubnet.touches")
        .with_description("Touches answered, by direction and outcome, the denied ones by reason")
        .build()
});

pub(crate) fn count_touch(direction: Direction, outcome: &TouchOutcome) {
    let (outcome, reason) = match outcome {
        TouchOutcome::CheckedIn(_) => ("checked_in", "none"),
        TouchOutcome::AlreadyIn(_) => ("already_in", "none"),
        TouchOutcome::CheckedOut(_) => ("checked_out", "none"),
        TouchOutcome::NothingOpen => ("nothing_open", "none"),
        TouchOutcome::Denied(reason) => ("denied", word(*reason)),
        TouchOutcome::Conflict => ("conflict", "none"),
    };
    let way = match direction {
        Direction::In => "in",
        Direction::Out => "out",
    };
    let labels =
        [KeyValue::new("direction", way), KeyValue::new("outcome", outcome), KeyValue::new("reason", reason)];
    TOUCHES.add(1, &labels);
}

const fn word(reason: DenialReason) -> &'static str {
    match reason {
        DenialReason::UnknownCredential => "unknown_credential",
        DenialReason::RevokedCredential => "revoked_credential",
        DenialReason::NotYetMember => "not_yet_member",
        DenialReason::MembershipEnded => "membership_ended",
        DenialReason::HubClosed => "hub_closed",
        DenialReason::NoRoamingPass => "no_roaming_pass",
        DenialReason::HubFull => "hub_full",
        DenialReason::DeviceRetired => "device_retired",
        DenialReason::TooLate => "too_late",
        DenialReason::InTheFuture => "in_the_future",
    }
}
