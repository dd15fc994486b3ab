//! The audit events of this service: announcements, and seats taken on behalf of a member.
//!
//! Always true: an audit event names people by their ids only. A seat that a member takes for themselves is not
//! audited.

use kernel::{AuditEvent, NetworkId};
use serde_json::json;

use crate::{Event, Seat};

const EVENT_PUBLISHED: &str = "event.published";
const SEAT_TAKEN_FOR_MEMBER: &str = "seat.taken_for_member";

/// All audited actions of this service.
pub const AUDITED_ACTIONS: &[&str] = &[EVENT_PUBLISHED, SEAT_TAKEN_FOR_MEMBER];

pub(crate) fn event_published(event: &Event) -> AuditEvent {
    AuditEvent {
        network: event.network_id,
        hub: Some(event.hub_id),
        action: EVENT_PUBLISHED,
        object: event.id.to_string(),
        detail: json!({ "capacity": event.capacity }),
    }
}

pub(crate) fn seat_taken_for_member(network: NetworkId, seat: &Seat) -> AuditEvent {
    AuditEvent {
        network,
        hub: Some(seat.hub_id),
        action: SEAT_TAKEN_FOR_MEMBER,
        object: seat.id.to_string(),
        detail: json!({ "event": seat.event_id, "member": seat.member_id }),
    }
}
