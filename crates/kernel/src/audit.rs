//! The audit log's words: what was done, by whom, to what.
//!
//! Always true: an audit event names people by their ids only, so that erasing a person leaves the log whole and nobody in it.

use jiff::Timestamp;

use crate::{Caller, HubId, NetworkId, OpContext, Place, Role};

/// Something that was done and must be answered for, as the use-case that did it says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEvent {
    /// The network it was done in.
    pub network: NetworkId,
    /// The hub it was done at; nothing for what concerns the network as a whole.
    pub hub: Option<HubId>,
    /// What was done, dotted and in the past tense: `chip.revoked`.
    pub action: &'static str,
    /// The id of the thing it was done to.
    pub object: String,
    /// More about it: ids, counts and codes, never a name or an address of a person.
    pub detail: serde_json::Value,
}

/// An audit event as it stands in the log: one link of its hub's chain, or of its network's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRecord {
    /// Its place in the chain, from 1, without gaps.
    pub sequence: i64,
    /// The network.
    pub network: NetworkId,
    /// The hub, if it was done at one.
    pub hub: Option<HubId>,
    /// When.
    pub at: Timestamp,
    /// Who did it: the id of a person, device or key of a program, `system` for the system itself, `anonymous` for nobody we know.
    pub actor: String,
    /// What they were at that place, comma-separated: `operator`, `device`. Empty where they had no role.
    pub roles: String,
    /// What was done.
    pub action: String,
    /// To what.
    pub object: String,
    /// More about it, as JSON.
    pub detail: String,
    /// The hash of the record before it, hexadecimal; of the first, that of the empty chain.
    pub previous_hash: String,
    /// SHA-256 over all of the above, hexadecimal.
    pub hash: String,
}

impl Caller {
    /// Who this is, in one word: for records and for keys, never for people to read.
    pub fn actor(&self) -> String {
        match self {
            Self::Anonymous => "anonymous".into(),
            Self::Person { person, .. } => person.to_string(),
            Self::Device { device, .. } => device.to_string(),
            Self::Program { key, .. } => key.to_string(),
            Self::System => "system".into(),
        }
    }
}

impl OpContext {
    /// What the caller is at a hub, or in a network as a whole, as the audit log writes it.
    pub fn roles_at(&self, network: NetworkId, hub: Option<HubId>) -> String {
        match self.caller() {
            Caller::Anonymous => String::new(),
            Caller::System => "system".into(),
            Caller::Device { .. } => "device".into(),
            Caller::Program { .. } => "program".into(),
            Caller::Person { grants, .. } => {
                let is_here = |at: Place| match at {
                    Place::Hub(at) => hub == Some(at),
                    Place::Network(at) => at == network,
                };
                let words = grants.iter().filter(|grant| is_here(grant.at)).map(|grant| word(grant.role));
                words.collect::<Vec<_>>().join(",")
            }
        }
    }
}

const fn word(role: Role) -> &'static str {
    match role {
        Role::Member => "member",
        Role::Operator => "operator",
        Role::Administrator => "administrator",
        Role::Coordinator => "coordinator",
        Role::NetworkAdministrator => "network_administrator",
    }
}
