//! Freezes the JSON of each published event, version by version. A file in `golden/` never changes; a new meaning is
//! a new version with its own file.

use std::path::Path;

use jiff::Timestamp;
use kernel::{Category, Id, Published, World};
use membership::{
    EndedBy, HubKind, Source,
    events::{
        CredentialRevoked, ErasedBy, HubOnboarded, MemberErased, MemberJoined, NetworkFounded,
        VisitCorrected, VisitEnded, VisitStarted,
    },
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

#[test]
fn hub_onboarded_v1() {
    stays_as(&HubOnboarded {
        hub_id: id(2),
        network_id: id(1),
        slug: "humpolec".into(),
        name: "Chytré centrum Humpolec".into(),
        kind: HubKind::Coworking,
        time_zone: "Europe/Prague".parse().expect("a zone"),
        currency: "CZK".parse().expect("a currency"),
        capacity: 80,
        devices: Vec::new(),
    });
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
