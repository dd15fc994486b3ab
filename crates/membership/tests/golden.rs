//! Freezes the JSON of each published event, version by version. A file in `golden/` never changes; a new meaning is
//! a new version with its own file.

use std::path::Path;

use jiff::{
    Timestamp,
    civil::{date, time},
};
use kernel::{Category, Id, Position, Published, World};
use membership::{
    Accessibility, Address, ClosedFor, Contact, DayHours, DeviceKind, EndedBy, Equipment, HubKind, HubState,
    OutOfUse, ResourceKind, Source, SpaceKind, SpecialDay, Timetable,
    events::{
        CredentialRevoked, ErasedBy, HubChanged, HubClosed, HubFacts, HubOnboarded, MemberChanged,
        MemberErased, MemberJoined, MemberLeft, MemberReturned, NetworkFounded, VisitCorrected, VisitEnded,
        VisitStarted,
    },
    hub_events::{DeviceFacts, ResourceFacts, SpaceFacts},
};
use serde_json::Value;

fn stays_as<P: Published + PartialEq + std::fmt::Debug>(fact: &P) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(format!("{}.json", P::TYPE));
    let golden = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let frozen: Value = serde_json::from_str(&golden).expect("the golden file is JSON");
    let written = serde_json::to_value(fact).expect("a fact is JSON");
    assert_eq!(written, frozen, "{} changed its meaning: make it a new version", P::TYPE);
    assert_eq!(&serde_json::from_value::<P>(frozen).expect("the golden file is readable"), fact);
}

fn id<T: Id>(seed: u64) -> T {
    T::generate(&World::for_test(seed))
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

#[test]
fn network_founded_v1() {
    stays_as(&NetworkFounded {
        network_id: id(1),
        slug: "central-europe".into(),
        name: "Smart Hubs of Central Europe".into(),
        clearing_currency: "EUR".parse().expect("a currency"),
        time_zone: "Europe/Warsaw".parse().expect("a zone"),
        home_commission_bp: 500,
        network_commission_bp: 200,
        demonstration: false,
    });
}

fn humpolec() -> HubFacts {
    let mut timetable = Timetable::default();
    timetable.later.insert(date(2026, 12, 7), "Mo-Sa 09:00-19:00".into());
    let closed = SpecialDay { hours: DayHours::Closed, note: Some("Štědrý den".into()) };
    timetable.days.insert(date(2026, 12, 24), closed);
    let until = SpecialDay { hours: DayHours::Until(time(22, 0, 0, 0)), note: None };
    timetable.days.insert(date(2026, 12, 4), until);
    let open = SpecialDay { hours: DayHours::Open(vec![(time(9, 0, 0, 0), time(12, 30, 0, 0))]), note: None };
    timetable.days.insert(date(2026, 12, 26), open);
    timetable
        .closures
        .push(ClosedFor { from: at("2026-02-02T10:00:00Z"), until: Some(at("2026-02-09T23:00:00Z")) });
    let out = OutOfUse { from: date(2026, 12, 1), until: Some(date(2026, 12, 8)), reason: "Oprava".into() };
    HubFacts {
        hub_id: id(2),
        network_id: id(1),
        version: 7,
        valid_from: at("2026-11-30T08:00:00Z"),
        state: HubState::Live,
        slug: "humpolec".into(),
        name: "Chytré centrum Humpolec".into(),
        legal_name: "Chytré centrum Humpolec z. s.".into(),
        tax_number: "CZ00000001".into(),
        kind: HubKind::Coworking,
        language: "cs".into(),
        languages: vec!["cs".into(), "en".into()],
        time_zone: "Europe/Prague".parse().expect("a zone"),
        currency: "CZK".parse().expect("a currency"),
        opening_hours: "Mo-Fr 08:00-20:00; PH off".into(),
        timetable,
        catchment_population: 11_000,
        capacity: 80,
        capacity_is_soft: false,
        address: Address {
            street: "Dolní náměstí 1".into(),
            city: "Humpolec".into(),
            postal_code: "396 01".into(),
            country: "CZ".into(),
        },
        position: Position {
            latitude: "49.5415".parse().expect("degrees"),
            longitude: "15.3593".parse().expect("degrees"),
        },
        contact: Contact {
            email: Some("hub@example.org".into()),
            phone: Some("+420 000 000 000".into()),
            website: Some("https://hub.example.org".into()),
        },
        accessibility: Accessibility { step_free: true, ..Accessibility::default() },
        equipment: vec![Equipment { code: "projector".into(), note: Some("HDMI".into()) }],
        spaces: vec![SpaceFacts {
            space_id: id(8),
            code: "open-space".into(),
            name: "Otevřený prostor".into(),
            kind: SpaceKind::OpenSpace,
            capacity: 40,
            out_of_use: None,
            resources: vec![ResourceFacts {
                resource_id: id(9),
                code: "desk-1".into(),
                name: "Stůl 1".into(),
                kind: ResourceKind::Desk,
                out_of_use: Some(out),
            }],
        }],
        devices: vec![DeviceFacts {
            device_id: id(10),
            code: "reception".into(),
            kind: DeviceKind::Reader,
            retired_at: Some(at("2026-11-01T12:00:00Z")),
        }],
    }
}

#[test]
fn hub_onboarded_v2() {
    stays_as(&HubOnboarded(humpolec()));
}

#[test]
fn hub_changed_v1() {
    let (since, note) = (at("2026-11-30T08:00:00Z"), Some("Malujeme".into()));
    let state = HubState::Paused { since, reopens_on: Some(date(2026, 12, 14)), note };
    stays_as(&HubChanged(HubFacts { state, ..humpolec() }));
}

#[test]
fn hub_closed_v1() {
    let state = HubState::Closed { since: at("2026-11-30T08:00:00Z"), note: None };
    stays_as(&HubClosed(HubFacts { state, ..humpolec() }));
}

#[test]
fn member_joined_v1() {
    stays_as(&MemberJoined {
        member_id: id(3),
        home_hub_id: id(2),
        network_id: id(1),
        person_id: None,
        category: Category::NonProfit,
        joined_at: at("2026-05-04T08:00:00Z"),
        plan: None,
    });
}

#[test]
fn member_changed_v1() {
    stays_as(&MemberChanged {
        member_id: id(3),
        home_hub_id: id(2),
        network_id: id(1),
        person_id: id(7),
        category: Category::Senior,
        language: "uk".into(),
        version: 2,
        changed_at: at("2026-06-01T09:30:00Z"),
    });
}

#[test]
fn member_left_v1() {
    stays_as(&MemberLeft {
        member_id: id(3),
        home_hub_id: id(2),
        network_id: id(1),
        person_id: id(7),
        left_at: at("2026-06-30T22:00:00Z"),
        version: 3,
    });
}

#[test]
fn member_returned_v1() {
    stays_as(&MemberReturned {
        member_id: id(3),
        home_hub_id: id(2),
        network_id: id(1),
        person_id: id(7),
        category: Category::Senior,
        returned_at: at("2026-09-01T08:00:00Z"),
        version: 4,
    });
}

#[test]
fn credential_revoked_v1() {
    stays_as(&CredentialRevoked {
        credential_id: id(4),
        member_id: id(3),
        revoked_at: at("2026-06-01T09:30:00Z"),
    });
}

#[test]
fn visit_started_v1() {
    stays_as(&VisitStarted {
        visit_id: id(5),
        hub_id: id(6),
        home_hub_id: id(2),
        member_id: id(3),
        category: Category::NonProfit,
        source: Source::Chip,
        started_at: at("2026-11-02T08:00:00Z"),
        revision: 1,
    });
}

#[test]
fn visit_ended_v1() {
    stays_as(&VisitEnded {
        visit_id: id(5),
        hub_id: id(6),
        home_hub_id: id(2),
        member_id: id(3),
        category: Category::NonProfit,
        started_at: at("2026-11-02T08:00:00Z"),
        ended_at: at("2026-11-02T09:35:00Z"),
        ended_by: EndedBy::CheckOut,
        revision: 2,
    });
}

#[test]
fn member_erased_v1() {
    stays_as(&MemberErased {
        member_id: id(3),
        person_id: id(7),
        home_hub_id: id(2),
        erased_at: at("2026-06-01T09:30:00Z"),
        erased_by: ErasedBy::TheirHub,
    });
}

#[test]
fn visit_corrected_v1() {
    stays_as(&VisitCorrected {
        visit_id: id(5),
        hub_id: id(6),
        home_hub_id: id(2),
        member_id: id(3),
        category: Category::NonProfit,
        started_at: at("2026-11-02T08:00:00Z"),
        ended_at: None,
        ended_by: None,
        annulled: true,
        revision: 3,
    });
}
