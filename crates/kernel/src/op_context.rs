//! The context of an operation: the caller, their roles and the world they call from.
//!
//! Always true: every use-case takes a context first and checks it before it does anything. A caller without a role at
//! a hub gets `NOT_FOUND` for objects of the hub; a caller whose role is too small gets `FORBIDDEN`.

use std::{fmt, net::IpAddr, sync::Arc};

use crate::{
    ApiKeyId, DeviceId, ErrorCode, HubId, Id, MemberId, NetworkId, Permission, PersonId, Role, SessionId,
    World,
};

/// The place where a role is held.
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
    /// The role.
    pub role: Role,
    /// The place.
    pub at: Place,
}

/// One permission at a place, as granted to a program's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Scoped {
    /// The permission.
    pub permission: Permission,
    /// The place.
    pub at: Place,
}

/// Observes every check of a permission that the caller does not hold.
pub trait Denials: Send + Sync {
    /// Records a denial. `kind` is the caller's kind at that place: a role, `device`, `program`, `anonymous` or
    /// `stranger`. It does not identify the caller.
    fn denied(&self, permission: Permission, kind: &'static str);
}

/// The caller.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Caller {
    /// An unauthenticated caller.
    Anonymous,
    /// A signed-in person of a network.
    Person {
        /// The person.
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
        /// The device.
        device: DeviceId,
        /// The one hub it belongs to.
        hub: HubId,
        /// That hub's network.
        network: NetworkId,
        /// Its one permission there.
        capability: Permission,
    },
    /// A program with a key of its own.
    Program {
        /// The key.
        key: ApiKeyId,
        /// The network in which the key was issued.
        network: NetworkId,
        /// The key's permissions and their places.
        scopes: Vec<Scoped>,
    },
    /// The system itself: the command line on the server's own machine, consumers, sweeps.
    System,
}

/// The caller may not do this; each variant is what the caller learns about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// The caller must sign in first.
    #[error("sign in first")]
    Unauthenticated,
    /// The place is visible to the caller, but the action is not permitted.
    #[error("your role does not allow this")]
    Forbidden,
    /// The place is not visible to the caller, as if it did not exist.
    #[error("no such object")]
    NotFound,
}

impl AuthError {
    /// Returns the stable code of this error.
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
    /// Makes a context for a caller at the present instant.
    pub fn new(caller: Caller, world: World) -> Self {
        let at = world.now();
        Self { caller, world, at, idempotency_key: None, session: None, address: None, denials: None }
    }

    /// Makes the context of the system itself.
    pub fn system(world: World) -> Self {
        Self::new(Caller::System, world)
    }

    /// Sets the key under which the caller may repeat the request.
    #[must_use]
    pub fn with_idempotency_key(mut self, key: Option<String>) -> Self {
        self.idempotency_key = key;
        self
    }

    /// Sets the session of the caller's token.
    #[must_use]
    pub fn with_session(mut self, session: Option<SessionId>) -> Self {
        self.session = session;
        self
    }

    /// Sets the address the request came from.
    #[must_use]
    pub fn with_address(mut self, address: Option<IpAddr>) -> Self {
        self.address = address;
        self
    }

    /// Sets the observer of denials.
    #[must_use]
    pub fn with_denials(mut self, denials: Arc<dyn Denials>) -> Self {
        self.denials = Some(denials);
        self
    }

    /// Returns the session of the caller's token, if it has one.
    pub fn session(&self) -> Option<SessionId> {
        self.session
    }

    /// Returns the address the request came from, if known.
    pub fn address(&self) -> Option<IpAddr> {
        self.address
    }

    /// Returns the caller.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Returns the clock and the randomness of this request.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Returns the time of this request: the same instant on every call.
    pub fn now(&self) -> jiff::Timestamp {
        self.at
    }

    /// Returns the same context at the present instant, for callers that poll.
    #[must_use]
    pub fn afresh(&self) -> Self {
        Self { at: self.world.now(), ..self.clone() }
    }

    /// Generates a new id.
    pub fn new_id<T: Id>(&self) -> T {
        T::generate(&self.world)
    }

    /// Returns the caller's idempotency key.
    pub fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    /// Returns the caller's network, if the caller belongs to one.
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

    /// Returns whether the caller holds a permission at a hub of a network. Serves to show what is theirs; counts
    /// nothing.
    pub fn may_at_hub(&self, permission: Permission, hub: HubId, network: NetworkId) -> bool {
        self.at_hub(permission, hub, network).is_ok()
    }

    /// Returns whether the caller holds a permission in a whole network. Serves to show what is theirs; counts nothing.
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
        // The existence of the network is no secret to its own people.
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

    /// Returns the caller's kind at a place: the greatest of their roles there.
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

    /// Returns whether the caller is this member.
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
        struct Recorded(std::sync::Mutex<Vec<(Permission, &'static str)>>);
        impl Denials for Recorded {
            fn denied(&self, permission: Permission, kind: &'static str) {
                self.0.lock().expect("unpoisoned").push((permission, kind));
            }
        }
        let world = World::for_test(4);
        let recorded = Arc::new(Recorded(std::sync::Mutex::default()));
        let (op, hub, network) = operator(&world);
        let op = op.with_denials(recorded.clone());
        assert!(op.require_at_hub(Permission::ManageTariffs, hub, network).is_err());
        assert!(op.require_in_network(Permission::CloseSettlement, network).is_err());
        assert!(!op.may_at_hub(Permission::ManageTariffs, hub, network));
        let expected =
            vec![(Permission::ManageTariffs, "operator"), (Permission::CloseSettlement, "stranger")];
        assert_eq!(*recorded.0.lock().expect("unpoisoned"), expected);
    }
}
