//! The audit events of membership.
//!
//! Always true: an audit event names people by their ids only. Touches reported by a reader or kiosk are not audited:
//! they are a record of their own and are never edited. Of touches, only check-ins and check-outs by hand and the
//! upload of a device log are audited.

use jiff::Timestamp;
use kernel::{AuditEvent, Caller, HubId, MemberId, NetworkId, OpContext};
use serde_json::json;

use crate::{
    Credential, Direction, Hub, Member, Network,
    app::Reporter,
    store::touch::{Outcome, Row},
};

const NETWORK_FOUNDED: &str = "network.founded";
const HUB_ONBOARDED: &str = "hub.onboarded";
const HUB_STARTED: &str = "hub.started";
const HUB_CHANGED: &str = "hub.changed";
const MEMBER_ENROLLED: &str = "member.enrolled";
const MEMBER_CORRECTED: &str = "member.corrected";
const MEMBER_LEFT: &str = "member.left";
const MEMBER_RETURNED: &str = "member.returned";
pub(crate) const CONTACT_ADDED: &str = "member.contact_added";
pub(crate) const CONTACT_REMOVED: &str = "member.contact_removed";
pub(crate) const CONSENT_RECORDED: &str = "member.consent_recorded";
pub(crate) const CONSENT_WITHDRAWN: &str = "member.consent_withdrawn";
pub(crate) const NOTE_WRITTEN: &str = "member.note_written";
pub(crate) const NOTE_DELETED: &str = "member.note_deleted";
const MEMBER_ERASED: &str = "member.erased";
const CHIP_ISSUED: &str = "chip.issued";
const CHIP_REVOKED: &str = "chip.revoked";
const CHECKED_IN_BY_HAND: &str = "member.checked_in_by_hand";
const CHECKED_OUT_BY_HAND: &str = "member.checked_out_by_hand";
const DEVICE_LOG_UPLOADED: &str = "device_log.uploaded";

/// All audited actions of this service.
pub const AUDITED_ACTIONS: &[&str] = &[
    NETWORK_FOUNDED,
    HUB_ONBOARDED,
    HUB_STARTED,
    HUB_CHANGED,
    MEMBER_ENROLLED,
    MEMBER_CORRECTED,
    MEMBER_LEFT,
    MEMBER_RETURNED,
    CONTACT_ADDED,
    CONTACT_REMOVED,
    CONSENT_RECORDED,
    CONSENT_WITHDRAWN,
    NOTE_WRITTEN,
    NOTE_DELETED,
    MEMBER_ERASED,
    CHIP_ISSUED,
    CHIP_REVOKED,
    CHECKED_IN_BY_HAND,
    CHECKED_OUT_BY_HAND,
    DEVICE_LOG_UPLOADED,
];

pub(crate) fn network_founded(network: &Network) -> AuditEvent {
    AuditEvent {
        network: network.id,
        hub: None,
        action: NETWORK_FOUNDED,
        object: network.id.to_string(),
        detail: json!({ "slug": network.slug }),
    }
}

/// The onboarding of a hub belongs to the network's log: the hub's own chain begins with its first own audit event.
pub(crate) fn hub_onboarded(hub: &Hub) -> AuditEvent {
    AuditEvent {
        network: hub.network,
        hub: None,
        action: HUB_ONBOARDED,
        object: hub.id.to_string(),
        detail: json!({ "slug": hub.slug }),
    }
}

/// The draft of a hub belongs to the network's log, as its onboarding would.
pub(crate) fn hub_started(hub: &Hub) -> AuditEvent {
    AuditEvent { action: HUB_STARTED, ..hub_onboarded(hub) }
}

/// A change names its fields and the new version; what the fields hold is in the history of the hub.
pub(crate) fn hub_changed(hub: &Hub, fields: &[&'static str]) -> AuditEvent {
    AuditEvent {
        network: hub.network,
        hub: Some(hub.id),
        action: HUB_CHANGED,
        object: hub.id.to_string(),
        detail: json!({ "version": hub.version, "fields": fields }),
    }
}

pub(crate) fn member_enrolled(member: &Member) -> AuditEvent {
    AuditEvent {
        network: member.network,
        hub: Some(member.home),
        action: MEMBER_ENROLLED,
        object: member.id.to_string(),
        detail: json!({}),
    }
}

/// Names the corrected fields, without their contents.
pub(crate) fn member_corrected(member: &Member, fields: &[&'static str]) -> AuditEvent {
    about_member(MEMBER_CORRECTED, member, json!({ "fields": fields, "version": member.version }))
}

pub(crate) fn member_left(member: &Member, left_at: Timestamp) -> AuditEvent {
    about_member(MEMBER_LEFT, member, json!({ "left_at": left_at }))
}

pub(crate) fn member_returned(member: &Member) -> AuditEvent {
    about_member(MEMBER_RETURNED, member, json!({}))
}

/// Names what is kept beside a membership by its id, without its content.
pub(crate) fn about_record(
    action: &'static str,
    member: &Member,
    record: impl std::fmt::Display,
) -> AuditEvent {
    about_member(action, member, json!({ "record": record.to_string() }))
}

fn about_member(action: &'static str, member: &Member, detail: serde_json::Value) -> AuditEvent {
    let object = member.id.to_string();
    AuditEvent { network: member.network, hub: Some(member.home), action, object, detail }
}

pub(crate) fn member_erased(network: NetworkId, home: HubId, member: MemberId) -> AuditEvent {
    let object = member.to_string();
    AuditEvent { network, hub: Some(home), action: MEMBER_ERASED, object, detail: json!({}) }
}

pub(crate) fn chip_issued(member: &Member, chip: &Credential) -> AuditEvent {
    chip_audit_event(CHIP_ISSUED, member, chip)
}

pub(crate) fn chip_revoked(member: &Member, chip: &Credential) -> AuditEvent {
    chip_audit_event(CHIP_REVOKED, member, chip)
}

fn chip_audit_event(action: &'static str, member: &Member, chip: &Credential) -> AuditEvent {
    AuditEvent {
        network: member.network,
        hub: Some(member.home),
        action,
        object: chip.id.to_string(),
        detail: json!({ "member": member.id }),
    }
}

/// Returns the audit events of newly recorded touches: one for each touch made by hand by the staff, and one for an
/// uploaded log as a whole.
pub(crate) fn of_touches(op: &OpContext, hub: &Hub, reporter: &Reporter, rows: &[Row]) -> Vec<AuditEvent> {
    match (reporter, op.caller()) {
        _ if rows.is_empty() => Vec::new(),
        (Reporter::Device(code), _) => vec![log_uploaded(hub, code, rows)],
        (Reporter::Caller, Caller::Person { .. } | Caller::Program { .. }) => {
            rows.iter().map(|row| by_hand(hub.network, hub.id, row)).collect()
        }
        (Reporter::Caller, Caller::Device { .. } | Caller::System | Caller::Anonymous) => Vec::new(),
    }
}

fn by_hand(network: NetworkId, hub: HubId, row: &Row) -> AuditEvent {
    let action = match row.touch.direction {
        Direction::In => CHECKED_IN_BY_HAND,
        Direction::Out => CHECKED_OUT_BY_HAND,
    };
    let denied = match row.outcome {
        Outcome::Denied(reason) => Some(reason),
        Outcome::Took(_) => None,
    };
    let member: Option<MemberId> = row.report.member;
    let object = row.touch.id.to_string();
    AuditEvent {
        network,
        hub: Some(hub),
        action,
        object,
        detail: json!({ "member": member, "denied": denied }),
    }
}

fn log_uploaded(hub: &Hub, code: &str, rows: &[Row]) -> AuditEvent {
    let denied = rows.iter().filter(|row| matches!(row.outcome, Outcome::Denied(_))).count();
    AuditEvent {
        network: hub.network,
        hub: Some(hub.id),
        action: DEVICE_LOG_UPLOADED,
        object: code.to_owned(),
        detail: json!({ "lines": rows.len(), "denied": denied }),
    }
}
