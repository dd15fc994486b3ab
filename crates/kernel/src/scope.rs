//! The scope of a request: who calls, where they stand, and the world they call from.
//!
//! Always true: every use-case takes a scope first and asks it before it does anything. A caller without any role at
//! a hub is told the hub's inner things do not exist; a caller with too small a role is told they may not.

use crate::{DeviceId, ErrorCode, HubId, Id, MemberId, NetworkId, Permission, PersonId, Role, World};

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
    },
    /// The house itself: the command line on the server's own machine, consumers, sweeps.
    System,
}

/// The caller may not do this; what they are told about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Sign in first.
    #[error("sign in first")]
    Unauthenticated,
    /// The place is visible, the deed is not theirs.
    #[error("your role does not allow this")]
    Forbidden,
    /// The place is not theirs: as if it did not exist.
    #[error("no such object")]
    NotFound,
}

impl Refused {
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
#[derive(Clone, Debug)]
pub struct Scope {
    caller: Caller,
    world: World,
    at: jiff::Timestamp,
    idempotency_key: Option<String>,
}

impl Scope {
    /// A scope for a caller, at the present instant.
    pub fn new(caller: Caller, world: World) -> Self {
        let at = world.now();
        Self { caller, world, at, idempotency_key: None }
    }

    /// The scope of the house itself.
    pub fn system(world: World) -> Self {
        Self::new(Caller::System, world)
    }

    /// The same scope, with the key under which the caller may repeat the request.
    #[must_use]
    pub fn with_idempotency_key(mut self, key: Option<String>) -> Self {
        self.idempotency_key = key;
        self
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
            Caller::Person { network, .. } | Caller::Device { network, .. } => Some(*network),
            Caller::Anonymous | Caller::System => None,
        }
    }

    /// Whether the caller holds a permission at a hub of a network.
    ///
    /// # Errors
    /// See [`Refused`].
    pub fn require_at_hub(
        &self,
        permission: Permission,
        hub: HubId,
        network: NetworkId,
    ) -> Result<(), Refused> {
        match &self.caller {
            Caller::System => Ok(()),
            Caller::Anonymous => Err(Refused::Unauthenticated),
            Caller::Device { hub: own, .. } => match permission {
                Permission::RecordPresence if *own == hub => Ok(()),
                _ if *own == hub => Err(Refused::Forbidden),
                _ => Err(Refused::NotFound),
            },
            Caller::Person { grants, .. } => {
                decide(permission, grants, |at| at == Place::Hub(hub) || at == Place::Network(network))
            }
        }
    }

    /// Whether the caller holds a permission in a whole network.
    ///
    /// # Errors
    /// See [`Refused`].
    pub fn require_in_network(&self, permission: Permission, network: NetworkId) -> Result<(), Refused> {
        match &self.caller {
            Caller::System => Ok(()),
            Caller::Anonymous => Err(Refused::Unauthenticated),
            Caller::Device { network: own, .. } if *own == network => Err(Refused::Forbidden),
            Caller::Device { .. } => Err(Refused::NotFound),
            Caller::Person { network: own, .. } if *own != network => Err(Refused::NotFound),
            Caller::Person { grants, .. } => {
                match decide(permission, grants, |at| at == Place::Network(network)) {
                    Err(Refused::NotFound) => Err(Refused::Forbidden),
                    decision => decision,
                }
            }
        }
    }

    /// Whether the caller is this member themselves.
    pub fn is_member(&self, id: MemberId) -> bool {
        matches!(&self.caller, Caller::Person { member: Some(own), .. } if *own == id)
    }
}

fn decide(permission: Permission, grants: &[Grant], covers: impl Fn(Place) -> bool) -> Result<(), Refused> {
    let mut here = grants.iter().filter(|grant| covers(grant.at)).peekable();
    if here.peek().is_none() {
        return Err(Refused::NotFound);
    }
    if here.any(|grant| grant.role.allows(permission)) { Ok(()) } else { Err(Refused::Forbidden) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operator(world: &World) -> (Scope, HubId, NetworkId) {
        let (hub, network) = (HubId::generate(world), NetworkId::generate(world));
        let grants = vec![Grant { role: Role::Operator, at: Place::Hub(hub) }];
        let caller = Caller::Person { person: PersonId::generate(world), network, member: None, grants };
        (Scope::new(caller, world.clone()), hub, network)
    }

    #[test]
    fn another_hub_is_not_found_rather_than_forbidden() {
        let world = World::for_test(1);
        let (scope, hub, network) = operator(&world);
        assert_eq!(scope.require_at_hub(Permission::ManageMembers, hub, network), Ok(()));
        assert_eq!(scope.require_at_hub(Permission::ManageTariffs, hub, network), Err(Refused::Forbidden));
        let other = HubId::generate(&world);
        assert_eq!(scope.require_at_hub(Permission::ManageMembers, other, network), Err(Refused::NotFound));
    }

    #[test]
    fn a_device_records_presence_at_its_own_hub_and_does_nothing_else() {
        let world = World::for_test(2);
        let (hub, network) = (HubId::generate(&world), NetworkId::generate(&world));
        let caller = Caller::Device { device: DeviceId::generate(&world), hub, network };
        let scope = Scope::new(caller, world.clone());
        assert_eq!(scope.require_at_hub(Permission::RecordPresence, hub, network), Ok(()));
        assert_eq!(scope.require_at_hub(Permission::ReadMembers, hub, network), Err(Refused::Forbidden));
        let other = HubId::generate(&world);
        assert_eq!(scope.require_at_hub(Permission::RecordPresence, other, network), Err(Refused::NotFound));
    }
}
