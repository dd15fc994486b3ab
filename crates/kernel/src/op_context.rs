//! The context of a request: who calls, where they stand, and the world they call from.
//!
//! Always true: every use-case takes a context first and asks it before it does anything. A caller without any role at
//! a hub is told the hub's inner things do not exist; a caller with too small a role is told they may not.

use std::{fmt, net::IpAddr, sync::Arc};

use crate::{
    ApiKeyId, DeviceId, ErrorCode, HubId, Id, MemberId, NetworkId, Permission, PersonId, Role, SessionId,
    World,
};

/// Where a role is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// One hub.
    Hub(HubId),
    /// A whole network with all its hubs.
    Network(NetworkId),
}

/// A role at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Grant {
    /// What the person is there.
    pub role: Role,
    /// Where.
    pub at: Place,
}

/// One permission at a place: what a key of a program is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Scoped {
    /// What it may.
    pub permission: Permission,
    /// Where.
    pub at: Place,
}

/// Hears of every permission that was asked for and not held.
pub trait Denials: Send + Sync {
    /// Somebody was refused. `kind` says what they are at that place: a role, `device`, `program`, `anonymous` or
    /// `stranger`; nothing here says who.
    fn denied(&self, permission: Permission, kind: &'static str);
}

/// Who calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Nobody we know.
    Anonymous,
    /// A signed-in person of a network.
    Person {
        /// Who.
        person: PersonId,
        /// Their network.
        network: NetworkId,
        /// Their membership, if they have one.
        member: Option<MemberId>,
        /// Their roles.
        grants: Vec<Grant>,
    },
    /// A reader, kiosk or door.
    Device {
        /// Which.
        device: DeviceId,
        /// The one hub it belongs to.
        hub: HubId,
        /// That hub's network.
        network: NetworkId,
        /// The one thing it may do there.
        capability: Permission,
    },
    /// A program with a key of its own.
    Program {
        /// The key.
        key: ApiKeyId,
        /// The network it was given in.
        network: NetworkId,
        /// What it may do, and where.
        scopes: Vec<Scoped>,
    },
    /// the system itself: the command line on the server's own machine, consumers, sweeps.
    System,
}

/// The caller may not do this; what they are told about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// Sign in first.
    #[error("sign in first")]
    Unauthenticated,
    /// The place is visible, the audit event is not theirs.
    #[error("your role does not allow this")]
    Forbidden,
    /// The place is not theirs: as if it did not exist.
    #[error("no such object")]
    NotFound,
}

impl AuthError {
    /// The stable code of this refusal.
    pub const fn code(self) -> ErrorCode {
        match self {
            Self::Unauthenticated => ErrorCode::Unauthenticated,
            Self::Forbidden => ErrorCode::Forbidden,
            Self::NotFound => ErrorCode::NotFound,
        }
    }
}

/// The first argument of every use-case.
#[derive(Clone)]
pub struct OpContext {
    caller: Caller,
    world: World,
    at: jiff::Timestamp,
    idempotency_key: Option<String>,
    session: Option<SessionId>,
    address: Option<IpAddr>,
    denials: Option<Arc<dyn Denials>>,
}

impl fmt::Debug for OpContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpContext")
            .field("caller", &self.caller)
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

impl OpContext {
    /// A scope for a caller, at the present instant.
    pub fn new(caller: Caller, world: World) -> Self {
        let at = world.now();
        Self { caller, world, at, idempotency_key: None, session: None, address: None, denials: None }
    }

    /// The context of the system itself.
    pub fn system(world: World) -> Self {
        Self::new(Caller::System, world)
    }

    /// The same scope, with the key under which the caller may repeat the request.
    #[must_use]
    pub fn with_idempotency_key(mut self, key: Option<String>) -> Self {
        self.idempotency_key = key;
        self
    }

    /// The same scope, with the session the caller's token belongs to.
    #[must_use]
    pub fn with_session(mut self, session: Option<SessionId>) -> Self {
        self.session = session;
        self
    }

    /// The same scope, with the address the request came from.
    #[must_use]
    pub fn with_address(mut self, address: Option<IpAddr>) -> Self {
        self.address = address;
        self
    }

    /// The same scope, with somebody who hears of denials.
    #[must_use]
    pub fn with_denials(mut self, denials: Arc<dyn Denials>) -> Self {
        self.denials = Some(denials);
        self
    }

    /// The session of the caller's token, if it belongs to one.
    pub fn session(&self) -> Option<SessionId> {
        self.session
    }

    /// Where the request came from, if that is known.
    pub fn address(&self) -> Option<IpAddr> {
        self.address
    }

    /// Who calls.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The clock and the randomness of this request.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// The time of this request: one instant, however often it is asked for.
    pub fn now(&self) -> jiff::Timestamp {
        self.at
    }

    /// The same caller a moment later: for whoever asks again and again.
    #[must_use]
    pub fn afresh(&self) -> Self {
        Self { at: self.world.now(), ..self.clone() }
    }

    /// A new id.
    pub fn new_id<T: Id>(&self) -> T {
        T::generate(&self.world)
    }

    /// The key the caller gave to make a repetition harmless.
    pub fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    /// The caller's network, if the caller belongs to one.
    pub fn network(&self) -> Option<NetworkId> {
        match &self.caller {
            Caller::Person { network, .. }
            | Caller::Device { network, .. }
            | Caller::Program { network, .. } => Some(*network),
            Caller::Anonymous | Caller::System => None,
        }
    }

    /// Requires that the caller holds a permission at a hub of a network; a denial is counted.
    ///
    /// # Errors
    /// See [`AuthError`].
    pub fn require_at_hub(
        &self,
        permission: Permission,
        hub: HubId,
        network: NetworkId,
    ) -> Result<(), AuthError> {
        let covers = |at| at == Place::Hub(hub) || at == Place::Network(network);
        self.counted(permission, self.at_hub(permission, hub, network), covers)
    }

    /// Requires that the caller holds a permission in a whole network; a denial is counted.
    ///
    /// # Errors
    /// See [`AuthError`].
    pub fn require_in_network(&self, permission: Permission, network: NetworkId) -> Result<(), AuthError> {
        self.counted(permission, self.in_network(permission, network), |at| at == Place::Network(network))
    }

    /// Whether the caller holds a permission at a hub of a network: for showing what is theirs, counts nothing.
    pub fn may_at_hub(&self, permission: Permission, hub: HubId, network: NetworkId) -> bool {
        self.at_hub(permission, hub, network).is_ok()
    }

    /// Whether the caller holds a permission in a whole network: for showing what is theirs, counts nothing.
    pub fn may_in_network(&self, permission: Permission, network: NetworkId) -> bool {
        self.in_network(permission, network).is_ok()
    }

    fn at_hub(&self, permission: Permission, hub: HubId, network: NetworkId) -> Result<(), AuthError> {
        let covers = |at| at == Place::Hub(hub) || at == Place::Network(network);
        match &self.caller {
            Caller::System => Ok(()),
            Caller::Anonymous => Err(AuthError::Unauthenticated),
            Caller::Device { hub: own, capability, .. } => match permission {
                asked if asked == *capability && *own == hub => Ok(()),
                _ if *own == hub => Err(AuthError::Forbidden),
                _ => Err(AuthError::NotFound),
            },
            Caller::Person { grants, .. } => decide(permission, grants, covers),
            Caller::Program { scopes, .. } => among(permission, scopes, covers),
        }
    }

    fn in_network(&self, permission: Permission, network: NetworkId) -> Result<(), AuthError> {
        let covers = |at| at == Place::Network(network);
        let decision = match &self.caller {
            Caller::System => return Ok(()),
            Caller::Anonymous => return Err(AuthError::Unauthenticated),
            _ if self.network() != Some(network) => return Err(AuthError::NotFound),
            Caller::Device { .. } => Err(AuthError::Forbidden),
            Caller::Person { grants, .. } => decide(permission, grants, covers),
            Caller::Program { scopes, .. } => among(permission, scopes, covers),
        };
        // That the network exists is no secret to its own people.
        decision.map_err(|_refused| AuthError::Forbidden)
    }

    fn counted(
        &self,
        permission: Permission,
        decision: Result<(), AuthError>,
        covers: impl Fn(Place) -> bool,
    ) -> Result<(), AuthError> {
        if let (Err(_), Some(denials)) = (decision, &self.denials) {
            denials.denied(permission, self.kind(covers));
        }
        decision
    }

    /// What the caller is at a place: the greatest of their roles there.
    fn kind(&self, covers: impl Fn(Place) -> bool) -> &'static str {
        match &self.caller {
            Caller::System => "system",
            Caller::Anonymous => "anonymous",
            Caller::Device { .. } => "device",
            Caller::Program { .. } => "program",
            Caller::Person { grants, .. } => {
                let here = |role: &Role| grants.iter().any(|grant| grant.role == *role && covers(grant.at));
                Role::ALL.into_iter().rev().find(here).map_or("stranger", Role::word)
            }
        }
    }

    /// Whether the caller is this member themselves.
    pub fn is_member(&self, id: MemberId) -> bool {
        matches!(&self.caller, Caller::Person { member: Some(own), .. } if *own == id)
    }
}

fn decide(permission: Permission, grants: &[Grant], covers: impl Fn(Place) -> bool) -> Result<(), AuthError> {
    let mut here = grants.iter().filter(|grant| covers(grant.at)).peekable();
    if here.peek().is_none() {
        return Err(AuthError::NotFound);
    }
    if here.any(|grant| grant.role.allows(permission)) { Ok(()) } else { Err(AuthError::Forbidden) }
}

fn among(permission: Permission, scopes: &[Scoped], covers: impl Fn(Place) -> bool) -> Result<(), AuthError> {
    let mut here = scopes.iter().filter(|scoped| covers(scoped.at)).peekable();
    if here.peek().is_none() {
        return Err(AuthError::NotFound);
    }
    if here.any(|scoped| scoped.permission == permission) { Ok(()) } else { Err(AuthError::Forbidden) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operator(world: &World) -> (OpContext, HubId, NetworkId) {
        let (hub, network) = (HubId::generate(world), NetworkId::generate(world));
        let grants = vec![Grant { role: Role::Operator, at: Place::Hub(hub) }];
        let caller = Caller::Person { person: PersonId::generate(world), network, member: None, grants };
        (OpContext::new(caller, world.clone()), hub, network)
    }

    #[test]
    fn another_hub_is_not_found_rather_than_forbidden() {
        let world = World::for_test(1);
        let (op, hub, network) = operator(&world);
        assert_eq!(op.require_at_hub(Permission::ManageMembers, hub, network), Ok(()));
        assert_eq!(op.require_at_hub(Permission::ManageTariffs, hub, network), Err(AuthError::Forbidden));
        let other = HubId::generate(&world);
        assert_eq!(op.require_at_hub(Permission::ManageMembers, other, network), Err(AuthError::NotFound));
    }

    #[test]
    fn a_device_records_presence_at_its_own_hub_and_does_nothing_else() {
        let world = World::for_test(2);
        let (hub, network) = (HubId::generate(&world), NetworkId::generate(&world));
        let capability = Permission::RecordPresence;
        let caller = Caller::Device { device: DeviceId::generate(&world), hub, network, capability };
        let op = OpContext::new(caller, world.clone());
        assert_eq!(op.require_at_hub(Permission::RecordPresence, hub, network), Ok(()));
        assert_eq!(op.require_at_hub(Permission::ReadMembers, hub, network), Err(AuthError::Forbidden));
        let other = HubId::generate(&world);
        assert_eq!(op.require_at_hub(Permission::RecordPresence, other, network), Err(AuthError::NotFound));
    }

    #[test]
    fn a_program_does_what_its_key_is_good_for_and_nothing_else() {
        let world = World::for_test(3);
        let (hub, network) = (HubId::generate(&world), NetworkId::generate(&world));
        let scopes = vec![Scoped { permission: Permission::ReadIndicators, at: Place::Hub(hub) }];
        let key = ApiKeyId::generate(&world);
        let op = OpContext::new(Caller::Program { key, network, scopes }, world.clone());
        assert_eq!(op.require_at_hub(Permission::ReadIndicators, hub, network), Ok(()));
        assert_eq!(op.require_at_hub(Permission::ReadMembers, hub, network), Err(AuthError::Forbidden));
        let other = HubId::generate(&world);
        assert_eq!(op.require_at_hub(Permission::ReadIndicators, other, network), Err(AuthError::NotFound));
        let in_network = op.require_in_network(Permission::ReadIndicators, network);
        assert_eq!(in_network, Err(AuthError::Forbidden));
    }

    #[test]
    fn a_denial_is_counted_by_what_the_caller_is_there() {
        struct Heard(std::sync::Mutex<Vec<(Permission, &'static str)>>);
        impl Denials for Heard {
            fn denied(&self, permission: Permission, kind: &'static str) {
                self.0.lock().expect("unpoisoned").push((permission, kind));
            }
        }
        let world = World::for_test(4);
        let heard = Arc::new(Heard(std::sync::Mutex::default()));
        let (op, hub, network) = operator(&world);
        let op = op.with_denials(heard.clone());
        assert!(op.require_at_hub(Permission::ManageTariffs, hub, network).is_err());
        assert!(op.require_in_network(Permission::CloseSettlement, network).is_err());
        assert!(!op.may_at_hub(Permission::ManageTariffs, hub, network));
        let expected =
            vec![(Permission::ManageTariffs, "operator"), (Permission::CloseSettlement, "stranger")];
        assert_eq!(*heard.0.lock().expect("unpoisoned"), expected);
    }
}
