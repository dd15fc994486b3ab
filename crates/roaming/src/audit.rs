//! The audit events of roaming: every decision about money and about who may roam.
//!
//! Always true: an audit event names people by their ids only. Charges are not audited: nobody decides them, and the
//! ledger is a record of its own.

use kernel::AuditEvent;
use serde_json::json;

use crate::{RoamingPass, Settlement, Tariff};

const TARIFF_PUBLISHED: &str = "tariff.published";
const PASS_ISSUED: &str = "pass.issued";
const PASS_ENDED: &str = "pass.ended";
const SETTLEMENT_CLOSED: &str = "settlement.closed";

/// All audited actions of this service.
pub const AUDITED_ACTIONS: &[&str] = &[TARIFF_PUBLISHED, PASS_ISSUED, PASS_ENDED, SETTLEMENT_CLOSED];

pub(crate) fn tariff_published(tariff: &Tariff) -> AuditEvent {
    AuditEvent {
        network: tariff.network,
        hub: Some(tariff.hub),
        action: TARIFF_PUBLISHED,
        object: tariff.id.to_string(),
        detail: json!({ "version": tariff.version, "valid_from": tariff.valid_from }),
    }
}

pub(crate) fn pass_issued(pass: &RoamingPass) -> AuditEvent {
    pass_audit_event(PASS_ISSUED, pass)
}

pub(crate) fn pass_ended(pass: &RoamingPass) -> AuditEvent {
    pass_audit_event(PASS_ENDED, pass)
}

fn pass_audit_event(action: &'static str, pass: &RoamingPass) -> AuditEvent {
    AuditEvent {
        network: pass.network,
        hub: Some(pass.home_hub),
        action,
        object: pass.id.to_string(),
        detail: json!({ "member": pass.member, "valid_until": pass.valid_until }),
    }
}

pub(crate) fn settlement_closed(settlement: &Settlement) -> AuditEvent {
    AuditEvent {
        network: settlement.network,
        hub: None,
        action: SETTLEMENT_CLOSED,
        object: settlement.id.to_string(),
        detail: json!({ "month": settlement.month.to_string(), "hubs": settlement.positions.len() }),
    }
}
