//! The audit log's vocabulary: the action, the actor and the object.
//!
//! Always true: an audit event names people by their ids only, so erasing a person leaves the log complete and free of
//! personal data.

use jiff::Timestamp;

use crate::{Caller, HubId, NetworkId, OpContext, Place, Role};

/// An audited action, as recorded by the use-case that performs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEvent {
    /// The network in which the action took place.
    pub network: NetworkId,
    /// The hub at which the action took place; `None` if it concerns the network as a whole.
    pub hub: Option<HubId>,
    /// The action, dotted and in the past tense: `chip.revoked`.
    pub action: &'static str,
    /// The id of the object of the action.
    pub object: String,
    /// Details: ids, counts and codes, never a name or an address of a person.
    pub detail: serde_json::Value,
}

/// An audit event as stored in the log: one link of its hub's chain, or of its network's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRecord {
    /// The position in the chain, from 1, without gaps.
    pub sequence: i64,
    /// The network.
    pub network: NetworkId,
    /// The hub, if the action took place at one.
    pub hub: Option<HubId>,
    /// The instant of the action.
    pub at: Timestamp,
    /// The actor: the id of a person, device or program's key, `system` for the system itself, `anonymous` for an
    /// unknown caller.
    pub actor: String,
    /// The actor's roles at that place, comma-separated: `operator`, `device`. Empty if the actor had no role.
    pub roles: String,
    /// The action.
    pub action: String,
    /// The id of the object.
    pub object: String,
    /// Details, as JSON.
    pub detail: String,
    /// The hash of the previous record, hexadecimal; for the first record, the hash of the empty chain.
    pub previous_hash: String,
    /// SHA-256 over all fields above, hexadecimal.
    pub hash: String,
}

impl Caller {
    /// Returns the actor as one word, for records and keys, never for people to read.
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
    /// Returns the caller's roles at a hub, or in a network as a whole, as the audit log writes them.
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
