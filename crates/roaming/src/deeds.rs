//! What of roaming's doings stands in the audit log: every decision about money and about who may roam.
//!
//! Always true: a deed names people by their ids only. Charges are not here: nobody decides them, and the ledger is a
//! record of its own.

use kernel::Deed;
use serde_json::json;

use crate::{RoamingPass, Settlement, Tariff};

const TARIFF_PUBLISHED: &str = "tariff.published";
const PASS_ISSUED: &str = "pass.issued";
const PASS_ENDED: &str = "pass.ended";
const SETTLEMENT_CLOSED: &str = "settlement.closed";

/// Every action of this service.
pub const DEEDS: &[&str] = &[TARIFF_PUBLISHED, PASS_ISSUED, PASS_ENDED, SETTLEMENT_CLOSED];

pub(crate) fn tariff_published(tariff: &Tariff) -> Deed {
    Deed {
        network: tariff.network,
        hub: Some(tariff.hub),
        action: TARIFF_PUBLISHED,
        object: tariff.id.to_string(),
        detail: json!({ "version": tariff.version, "valid_from": tariff.valid_from }),
    }
}

pub(crate) fn pass_issued(pass: &RoamingPass) -> Deed {
    pass_deed(PASS_ISSUED, pass)
}

pub(crate) fn pass_ended(pass: &RoamingPass) -> Deed {
    pass_deed(PASS_ENDED, pass)
}

fn pass_deed(action: &'static str, pass: &RoamingPass) -> Deed {
    Deed {
        network: pass.network,
        hub: Some(pass.home_hub),
        action,
        object: pass.id.to_string(),
        detail: json!({ "member": pass.member, "valid_until": pass.valid_until }),
    }
}

pub(crate) fn settlement_closed(settlement: &Settlement) -> Deed {
    Deed {
        network: settlement.network,
        hub: None,
        action: SETTLEMENT_CLOSED,
        object: settlement.id.to_string(),
        detail: json!({ "month": settlement.month.to_string(), "hubs": settlement.positions.len() }),
    }
}
