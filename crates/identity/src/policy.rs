//! Who may give and take which role, and whom one may keep out. The one place that says so.
//!
//! Always true:
//! - At a hub, its administrators give and take operators and administrators; so do network administrators.
//! - In a network, network administrators give and take coordinators and network administrators.
//! - Nobody gives a role to themselves, so nobody raises themselves. A network administrator, who sees no members, may
//!   make somebody else a hub's administrator, who does: it stands in the hub's log.
//! - Programs and devices do none of this, whatever their keys say.
//! - Whoever keeps a person out could have taken every role from them.

use jiff::Timestamp;
use kernel::{Caller, Grant, HubId, NetworkId, Permission, PersonId, Place, Refused, Scope};

use crate::RoleAssignment;

/// Whether the caller may give or take a role at a place of a network.
pub(crate) fn require_managing(scope: &Scope, grant: Grant, network: NetworkId) -> Result<(), Refused> {
    require_a_person(scope)?;
    match grant.at {
        Place::Hub(hub) => scope.require_at_hub(Permission::ManageRoles, hub, network),
        Place::Network(network) => scope.require_in_network(Permission::ManageRoles, network),
    }
}

/// Whether the caller may give somebody a role at a place of a network.
pub(crate) fn require_granting(
    scope: &Scope,
    to: PersonId,
    grant: Grant,
    network: NetworkId,
) -> Result<(), Refused> {
    require_managing(scope, grant, network)?;
    if is_self(scope, to) { Err(Refused::Forbidden) } else { Ok(()) }
}

/// Whether the caller may keep a person out: of the person's homes one must be theirs to rule, and of their roles all.
pub(crate) fn require_suspending(
    scope: &Scope,
    person: PersonId,
    network: NetworkId,
    homes: &[HubId],
    roles: &[RoleAssignment],
) -> Result<(), Refused> {
    require_a_person(scope)?;
    if is_self(scope, person) {
        return Err(Refused::Forbidden);
    }
    let now: Timestamp = scope.now();
    let held: Vec<_> = roles.iter().filter(|role| role.is_valid_at(now)).collect();
    for role in &held {
        require_managing(scope, role.grant, network)?;
    }
    let rules = |hub: &HubId| scope.may_at_hub(Permission::SuspendPersons, *hub, network);
    if homes.iter().any(rules) {
        return Ok(());
    }
    match (homes.first(), held.is_empty()) {
        (Some(home), true) => scope.require_at_hub(Permission::SuspendPersons, *home, network),
        (None, true) => scope.require_in_network(Permission::SuspendPersons, network),
        (_, false) => Ok(()),
    }
}

/// What a key for a program may never be good for: the power to make more power.
pub(crate) const fn is_fit_for_programs(permission: Permission) -> bool {
    !matches!(
        permission,
        Permission::ManageRoles
            | Permission::SuspendPersons
            | Permission::ManageDevices
            | Permission::ManageApiKeys
            | Permission::OnboardHub
    )
}

/// What a device may be made for. A new sort of device is a permission here.
pub(crate) const fn is_fit_for_devices(capability: Permission) -> bool {
    matches!(capability, Permission::RecordPresence)
}

fn require_a_person(scope: &Scope) -> Result<(), Refused> {
    match scope.caller() {
        Caller::System | Caller::Person { .. } => Ok(()),
        Caller::Anonymous => Err(Refused::Unauthenticated),
        Caller::Device { .. } | Caller::Program { .. } => Err(Refused::Forbidden),
    }
}

fn is_self(scope: &Scope, person: PersonId) -> bool {
    matches!(scope.caller(), Caller::Person { person: own, .. } if *own == person)
}

#[cfg(test)]
mod tests {
    use kernel::{Id, Role, World};

    use super::*;

    struct Cast {
        world: World,
        network: NetworkId,
        hub: HubId,
        other: HubId,
    }

    impl Cast {
        fn new() -> Self {
            let world = World::for_test(1);
            let (network, hub, other) =
                (NetworkId::generate(&world), HubId::generate(&world), HubId::generate(&world));
            Self { world, network, hub, other }
        }

        fn place(&self, role: Role, hub: HubId) -> Place {
            if matches!(role, Role::Coordinator | Role::NetworkAdministrator) {
                Place::Network(self.network)
            } else {
                Place::Hub(hub)
            }
        }

        fn somebody(&self, role: Role) -> Scope {
            let grants = vec![Grant { role, at: self.place(role, self.hub) }];
            let person = PersonId::generate(&self.world);
            let caller = Caller::Person { person, network: self.network, member: None, grants };
            Scope::new(caller, self.world.clone())
        }

        fn may_give(&self, who: Role, role: Role, hub: HubId) -> bool {
            let grant = Grant { role, at: self.place(role, hub) };
            let to = PersonId::generate(&self.world);
            require_granting(&self.somebody(who), to, grant, self.network).is_ok()
        }
    }

    #[test]
    fn everybody_gives_what_they_rule_and_nothing_above() {
        use Role::{Administrator, Coordinator, Member, NetworkAdministrator, Operator};
        let cast = Cast::new();
        let given = [Operator, Administrator, Coordinator, NetworkAdministrator];
        let table = [
            (Member, [false; 4], [false; 4]),
            (Operator, [false; 4], [false; 4]),
            (Administrator, [true, true, false, false], [false; 4]),
            (Coordinator, [false; 4], [false; 4]),
            (NetworkAdministrator, [true; 4], [true; 4]),
        ];
        for (who, at_own_hub, at_other_hub) in table {
            assert_eq!(
                given.map(|role| cast.may_give(who, role, cast.hub)),
                at_own_hub,
                "{who:?} at their hub"
            );
            assert_eq!(
                given.map(|role| cast.may_give(who, role, cast.other)),
                at_other_hub,
                "{who:?} elsewhere"
            );
        }
    }

    #[test]
    fn nobody_raises_themselves() {
        let cast = Cast::new();
        let scope = cast.somebody(Role::NetworkAdministrator);
        let Caller::Person { person, .. } = scope.caller() else { panic!("a person") };
        let grant = Grant { role: Role::Coordinator, at: Place::Network(cast.network) };
        assert_eq!(require_granting(&scope, *person, grant, cast.network), Err(Refused::Forbidden));
    }

    #[test]
    fn an_administrator_keeps_members_out_and_not_those_above() {
        let cast = Cast::new();
        let scope = cast.somebody(Role::Administrator);
        let person = PersonId::generate(&cast.world);
        let suspend = |homes: &[HubId], roles: &[RoleAssignment]| {
            require_suspending(&scope, person, cast.network, homes, roles).is_ok()
        };
        let holds = |role: Role, hub: HubId| RoleAssignment {
            id: kernel::AssignmentId::generate(&cast.world),
            network: cast.network,
            person,
            grant: Grant { role, at: cast.place(role, hub) },
            valid_from: cast.world.now(),
            valid_until: None,
            granted_at: cast.world.now(),
            granted_by: None,
            revoked_at: None,
        };
        assert!(suspend(&[cast.hub], &[]) && !suspend(&[cast.other], &[]) && !suspend(&[], &[]));
        assert!(suspend(&[], &[holds(Role::Administrator, cast.hub)]));
        assert!(!suspend(&[cast.hub], &[holds(Role::Coordinator, cast.hub)]));
        assert!(!suspend(&[cast.hub], &[holds(Role::Operator, cast.other)]));
    }
}
