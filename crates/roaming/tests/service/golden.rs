//! Freezes the JSON of each published event, version by version. A file in `golden/` never changes; a new meaning is
//! a new version with its own file.

use jiff::Timestamp;
use kernel::{Id, Money, Published, World};
use roaming::events::{ChargePosted, NetPosition, PassEnded, PassIssued, SettlementClosed, TariffPublished};
use serde_json::Value;

fn stays_as<P: Published + PartialEq + std::fmt::Debug>(fact: &P, golden: &str) {
    let frozen: Value = serde_json::from_str(golden).expect("the golden file is JSON");
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
fn pass_issued_v1() {
    let fact = PassIssued {
        pass_id: id(1),
        member_id: id(2),
        home_hub_id: id(3),
        valid_from: at("2026-11-01T00:00:00Z"),
        valid_until: None,
        monthly_ceiling_minutes: Some(1_200),
    };
    stays_as(&fact, include_str!("../../golden/roaming.pass_issued.v1.json"));
}

#[test]
fn pass_ended_v1() {
    let fact = PassEnded { pass_id: id(1), member_id: id(2), ended_at: at("2026-11-02T12:00:00Z") };
    stays_as(&fact, include_str!("../../golden/roaming.pass_ended.v1.json"));
}

#[test]
fn tariff_published_v1() {
    let fact = TariffPublished {
        tariff_id: id(1),
        hub_id: id(2),
        version: 3,
        valid_from: at("2026-11-01T00:00:00Z"),
    };
    stays_as(&fact, include_str!("../../golden/roaming.tariff_published.v1.json"));
}

#[test]
fn charge_posted_v1() {
    let fact = ChargePosted {
        charge_id: id(1),
        visit_id: id(2),
        hub_id: id(3),
        home_hub_id: id(4),
        member_id: id(5),
        amount: Money::new(-12_000, "PLN".parse().expect("a currency")),
        minutes: -120,
        period: "2026-10".parse().expect("a month"),
        credits: Some(id(6)),
    };
    stays_as(&fact, include_str!("../../golden/roaming.charge_posted.v1.json"));
}

#[test]
fn settlement_closed_v1() {
    let fact = SettlementClosed {
        settlement_id: id(1),
        network_id: id(2),
        month: "2026-10".parse().expect("a month"),
        positions: vec![NetPosition { hub_id: id(3), net: Money::new(5_580, kernel::Currency::EUR) }],
    };
    stays_as(&fact, include_str!("../../golden/roaming.settlement_closed.v1.json"));
}
