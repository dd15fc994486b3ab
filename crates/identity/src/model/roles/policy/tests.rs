//! The policy, enumerated: every caller against every kind of person. The tables of `docs/ROLES.md` show the results of
//! these functions.

use std::fmt::Write as _;

use kernel::{DeviceId, Id, Role, Scoped, World};

use super::*;

const ROLES: &str = include_str!("../../../../../../docs/ROLES.md");

/// Two hubs of a network, and another network with a hub.
struct Places {
    world: World,
    network: NetworkId,
    hub: HubId,
    other: HubId,
    abroad: NetworkId,
    foreign: HubId,
}

/// The caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    /// Somebody with one role, at the hub or in its network.
    Holds(Role),
    /// The administrator of the other hub.
    Neighbour,
    /// The network administrator of the other network.
    Outsider,
    /// The operator of the hub who is the other hub's administrator.
    Both,
    Device,
    Program,
    Anonymous,
    Installation,
}

/// Every standing of a person there, one at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Home(Where),
    Has(Role, Where),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Where {
    Here,
    There,
}

const CALLERS: [Who; 12] = [
    Who::Holds(Role::Member),
    Who::Holds(Role::Operator),
    Who::Holds(Role::Administrator),
    Who::Neighbour,
    Who::Both,
    Who::Holds(Role::Coordinator),
    Who::Holds(Role::NetworkAdministrator),
    Who::Outsider,
    Who::Device,
    Who::Program,
    Who::Anonymous,
    Who::Installation,
];

const PARTS: [Part; 8] = [
    Part::Home(Where::Here),
    Part::Home(Where::There),
    Part::Has(Role::Operator, Where::Here),
    Part::Has(Role::Operator, Where::There),
    Part::Has(Role::Administrator, Where::Here),
    Part::Has(Role::Administrator, Where::There),
    Part::Has(Role::Coordinator, Where::Here),
    Part::Has(Role::NetworkAdministrator, Where::Here),
];

const NOT_FOR_PROGRAMS: [Permission; 5] = [
    Permission::ManageRoles,
    Permission::SuspendPersons,
    Permission::ManageDevices,
    Permission::ManageApiKeys,
    Permission::OnboardHub,
];

impl Places {
    fn new() -> Self {
        let world = World::for_test(1);
        let (network, abroad) = (NetworkId::generate(&world), NetworkId::generate(&world));
        let (hub, other) = (HubId::generate(&world), HubId::generate(&world));
        let foreign = HubId::generate(&world);
        Self { world, network, hub, other, abroad, foreign }
    }

    fn hub_at(&self, at: Where) -> HubId {
        match at {
            Where::Here => self.hub,
            Where::There => self.other,
        }
    }

    fn grant(&self, role: Role, at: Where) -> Grant {
        let at = match role {
            Role::Coordinator | Role::NetworkAdministrator => Place::Network(self.network),
            Role::Member | Role::Operator | Role::Administrator => Place::Hub(self.hub_at(at)),
        };
        Grant { role, at }
    }

    fn person(&self, network: NetworkId, grants: Vec<Grant>) -> Caller {
        Caller::Person { person: PersonId::generate(&self.world), network, member: None, grants }
    }

    fn caller(&self, who: Who) -> OpContext {
        let caller = match who {
            Who::Holds(role) => self.person(self.network, vec![self.grant(role, Where::Here)]),
            Who::Neighbour => self.person(self.network, vec![self.grant(Role::Administrator, Where::There)]),
            Who::Both => self.person(
                self.network,
                vec![self.grant(Role::Operator, Where::Here), self.grant(Role::Administrator, Where::There)],
            ),
            Who::Outsider => {
                let grants =
                    vec![Grant { role: Role::NetworkAdministrator, at: Place::Network(self.abroad) }];
                self.person(self.abroad, grants)
            }
            Who::Device => Caller::Device {
                device: DeviceId::generate(&self.world),
                hub: self.hub,
                network: self.network,
                capability: Permission::RecordPresence,
            },
            // More than any key may have, at the hub and in the network.
            Who::Program => Caller::Program {
                key: kernel::ApiKeyId::generate(&self.world),
                network: self.network,
                scopes: NOT_FOR_PROGRAMS
                    .into_iter()
                    .chain([Permission::ManageMembers, Permission::EraseMembers])
                    .flat_map(|permission| {
                        [Place::Hub(self.hub), Place::Network(self.network)]
                            .map(|at| Scoped { permission, at })
                    })
                    .collect(),
            },
            Who::Anonymous => Caller::Anonymous,
            Who::Installation => Caller::System,
        };
        OpContext::new(caller, self.world.clone())
    }

    fn holdings(&self, parts: &[Part]) -> Holdings {
        let mut holdings = Holdings::default();
        for part in parts {
            match *part {
                Part::Home(at) => holdings.homes.push(self.hub_at(at)),
                Part::Has(role, at) => holdings.roles.push(self.grant(role, at)),
            }
        }
        holdings
    }

    fn rules(&self, who: Who, parts: &[Part]) -> bool {
        let person = PersonId::generate(&self.world);
        require_ruling(&self.caller(who), person, self.network, &self.holdings(parts)).is_ok()
    }

    fn gives(&self, who: Who, role: Role, at: Where) -> bool {
        let person = PersonId::generate(&self.world);
        require_granting(&self.caller(who), person, self.grant(role, at), self.network).is_ok()
    }

    fn invites(&self, who: Who, code: CodeGoes) -> bool {
        require_inviting(&self.caller(who), self.hub, self.network, code).is_ok()
    }

    fn erases(&self, who: Who) -> bool {
        self.caller(who).may_at_hub(Permission::EraseMembers, self.hub, self.network)
    }
}

/// Returns every subset of the parts.
fn every_person() -> impl Iterator<Item = Vec<Part>> {
    (0_u32..1 << PARTS.len()).map(|mask| {
        let is_in = |place: &usize| mask & (1 << place) != 0;
        (0..PARTS.len()).filter(is_in).map(|place| PARTS[place]).collect()
    })
}

/// R18: power over an account is power over everything the account is; an addition never gives power to anybody.
#[test]
fn who_rules_a_person_rules_every_part_of_them_and_nothing_added_gives_power() {
    let places = Places::new();
    for who in CALLERS {
        for parts in every_person().filter(|parts| !parts.is_empty()) {
            let each = parts.iter().all(|part| places.rules(who, &[*part]));
            assert_eq!(places.rules(who, &parts), each, "{who:?} and somebody who is {parts:?}");
            for added in PARTS {
                let more: Vec<Part> = parts.iter().copied().chain([added]).collect();
                let gains = places.rules(who, &more) && !places.rules(who, &parts);
                assert!(!gains, "{who:?} gains power over {parts:?} by {added:?}");
            }
        }
    }
}

/// R18: the powers of a person's roles add up, and two callers together have no more power than each of them.
#[test]
fn who_holds_several_roles_does_what_one_of_them_allows() {
    let places = Places::new();
    for part in PARTS {
        let apart =
            [Who::Holds(Role::Operator), Who::Neighbour].iter().any(|who| places.rules(*who, &[part]));
        assert_eq!(places.rules(Who::Both, &[part]), apart, "{part:?}");
    }
}

#[test]
fn nobody_rules_themselves_and_nobody_raises_themselves() {
    let places = Places::new();
    for role in Role::ALL {
        let op = places.caller(Who::Holds(role));
        let Caller::Person { person, .. } = op.caller() else { panic!("a person") };
        let (person, network) = (*person, places.network);
        assert!(require_ruling(&op, person, network, &Holdings::default()).is_err(), "{role:?}");
        for given in Role::ALL {
            let grant = places.grant(given, Where::Here);
            assert!(require_granting(&op, person, grant, network).is_err(), "{role:?} to {given:?}");
        }
    }
}

#[test]
fn devices_programs_and_other_networks_rule_nobody_whatever_they_hold() {
    let places = Places::new();
    for who in [Who::Device, Who::Program, Who::Anonymous, Who::Outsider] {
        for parts in every_person() {
            assert!(!places.rules(who, &parts), "{who:?}: {parts:?}");
        }
        for role in Role::ALL {
            assert!(!places.gives(who, role, Where::Here), "{who:?}: {role:?}");
        }
        for code in [CodeGoes::Inviter, CodeGoes::OtherAddress { is_checked: true }] {
            assert!(!places.invites(who, code), "{who:?}: {code:?}");
        }
    }
    let foreign = require_ruling(
        &places.caller(Who::Holds(Role::NetworkAdministrator)),
        PersonId::generate(&places.world),
        places.abroad,
        &Holdings { homes: vec![places.foreign], roles: Vec::new() },
    );
    assert!(foreign.is_err());
}

#[test]
fn another_address_takes_an_administrator_and_a_second_look() {
    let places = Places::new();
    let (unchecked, checked) =
        (CodeGoes::OtherAddress { is_checked: false }, CodeGoes::OtherAddress { is_checked: true });
    let administrator = places.caller(Who::Holds(Role::Administrator));
    let refused = require_inviting(&administrator, places.hub, places.network, unchecked);
    assert!(matches!(refused, Err(NotInvited::Unchecked(field)) if field.field == "addressChecked"));
    assert!(places.invites(Who::Holds(Role::Administrator), checked));
    assert!(!places.invites(Who::Holds(Role::Operator), checked));
}

/// R18: a membership may end at one hub; the account and its other roles stay.
#[test]
fn a_hub_takes_an_account_only_where_it_is_nothing_beyond_the_hub() {
    let places = Places::new();
    for parts in every_person() {
        let rest = places.holdings(&parts);
        let is_only_here = parts.iter().all(|part| {
            matches!(
                part,
                Part::Home(Where::Here) | Part::Has(Role::Operator | Role::Administrator, Where::Here)
            )
        });
        assert_eq!(account_goes(ErasedBy::TheirHub, places.hub, &rest), is_only_here, "{parts:?}");
        for by in [ErasedBy::Themselves, ErasedBy::TheInstallation] {
            assert!(account_goes(by, places.hub, &rest), "{by:?}: {parts:?}");
        }
    }
}

/// R19: what a person gave is worth what they may do now.
#[test]
fn a_key_is_worth_what_its_giver_holds_where_it_is_good() {
    let places = Places::new();
    for who in CALLERS {
        let giver = places.caller(who);
        let holds = |permission| giver.may_at_hub(permission, places.hub, places.network);
        for permission in [Permission::ReadMembers, Permission::RecordPresence, Permission::ReadSettlement] {
            let worth = is_worth(&giver, permission, Place::Hub(places.hub), places.network);
            assert_eq!(worth, holds(permission), "{who:?}: {permission:?}");
        }
    }
}

#[test]
fn the_tables_of_the_document_are_the_policys() {
    let places = Places::new();
    for table in [ruling(&places), giving(&places), inviting(&places), erasing(&places)] {
        assert!(ROLES.contains(&table), "docs/ROLES.md does not hold this table:\n{table}");
    }
}

const COLUMNS: [(&str, Who); 6] = [
    ("operator", Who::Holds(Role::Operator)),
    ("administrator", Who::Holds(Role::Administrator)),
    ("administrator of another hub", Who::Neighbour),
    ("coordinator", Who::Holds(Role::Coordinator)),
    ("network administrator", Who::Holds(Role::NetworkAdministrator)),
    ("program", Who::Program),
];

fn table(corner: &str, rows: &[(&str, impl Fn(Who) -> bool)]) -> String {
    let heads: Vec<&str> = COLUMNS.iter().map(|(head, _)| *head).collect();
    let mut text = format!("| {corner} | {} |\n|{}\n", heads.join(" | "), " --- |".repeat(heads.len() + 1));
    for (name, may) in rows {
        let cells: Vec<&str> = COLUMNS.iter().map(|(_, who)| if may(*who) { "yes" } else { "–" }).collect();
        writeln!(text, "| {name} | {} |", cells.join(" | ")).expect("a text takes everything");
    }
    text
}

fn ruling(places: &Places) -> String {
    use Part::{Has, Home};
    use Role::{Administrator, Coordinator, NetworkAdministrator, Operator};
    use Where::{Here, There};
    let people: [(&str, &[Part]); 10] = [
        ("a member of the hub", &[Home(Here)]),
        ("its operator", &[Has(Operator, Here)]),
        ("its administrator", &[Has(Administrator, Here)]),
        ("a member of the hub who is its operator", &[Home(Here), Has(Operator, Here)]),
        ("a member of another hub who works at this one", &[Home(There), Has(Operator, Here)]),
        ("a member of the hub who works at another one", &[Home(Here), Has(Operator, There)]),
        ("a member of the hub who is coordinator", &[Home(Here), Has(Coordinator, Here)]),
        ("a member of the hub who is network administrator", &[Home(Here), Has(NetworkAdministrator, Here)]),
        ("a member of the hub to whom any role is only offered", &[Home(Here)]),
        ("somebody who is nothing here yet", &[]),
    ];
    let may: Vec<_> =
        people.iter().map(|(name, parts)| (*name, move |who| places.rules(who, parts))).collect();
    table("whom", &may)
}

fn giving(places: &Places) -> String {
    let roles = [
        ("operator", Role::Operator),
        ("administrator", Role::Administrator),
        ("coordinator", Role::Coordinator),
        ("network administrator", Role::NetworkAdministrator),
    ];
    let may: Vec<_> =
        roles.iter().map(|(name, role)| (*name, move |who| places.gives(who, *role, Where::Here))).collect();
    table("which role", &may)
}

fn inviting(places: &Places) -> String {
    let ways = [
        ("by mail, to the address the member gave", CodeGoes::OwnAddress),
        ("to the inviter, where no mail goes out", CodeGoes::Inviter),
        ("to another address, with `addressChecked`", CodeGoes::OtherAddress { is_checked: true }),
    ];
    let may: Vec<_> =
        ways.iter().map(|(name, goes)| (*name, move |who| places.invites(who, *goes))).collect();
    table("where the code goes", &may)
}

fn erasing(places: &Places) -> String {
    table("what", &[("a member of the hub", |who| places.erases(who))])
}
