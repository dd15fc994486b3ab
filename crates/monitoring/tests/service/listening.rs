//! Hearing of networks, hubs and visits.

use jiff::ToSpan;
use kernel::HubId;
use monitoring::{Figures, MetricsPeriod, Periods};
use platform_bus::HandleError;

use crate::house::{House, Network, State, Told};

async fn november(house: &House, network: Network) -> Figures {
    let periods = Periods::parse(MetricsPeriod::Month, "2026-11", "2026-12").expect("a month");
    let metrics = house.monitoring.read_network_metrics(&house.system(), network.id, periods).await;
    metrics.expect("metrics").figures[0]
}

#[tokio::test]
async fn a_visit_counts_when_it_starts_and_has_minutes_when_it_ends() {
    let house = House::build().await;
    let network = house.network().await;
    let ended = house.stay(network.humpolec, network.pokrov, "2026-11-03", 45);
    let started = Told { state: State::Open, revision: 1, ..ended.clone() };
    house.hear_of(network.id, &[started]).await;
    let open = Figures { visits: 1, minutes: 0, roaming_visits: 1, roaming_minutes: 0 };
    assert_eq!(november(&house, network).await, open);
    house.hear_of(network.id, &[ended]).await;
    let over = Figures { visits: 1, minutes: 45, roaming_visits: 1, roaming_minutes: 45 };
    assert_eq!(november(&house, network).await, over);
}

#[tokio::test]
async fn an_earlier_telling_that_comes_late_changes_nothing() {
    let house = House::build().await;
    let network = house.network().await;
    let ended = house.stay(network.humpolec, network.humpolec, "2026-11-03", 45);
    let started = Told { state: State::Open, revision: 1, ..ended.clone() };
    house.hear_of(network.id, &[ended.clone(), started, ended]).await;
    assert_eq!(november(&house, network).await, Figures { visits: 1, minutes: 45, ..Figures::ZERO });
}

#[tokio::test]
async fn a_correction_replaces_and_an_annulment_takes_away() {
    let house = House::build().await;
    let network = house.network().await;
    let stay = house.stay(network.humpolec, network.humpolec, "2026-11-03", 45);
    let longer = State::Corrected(Some(stay.started_at + 2.hours()));
    house.hear_of(network.id, &[Told { state: longer, revision: 3, ..stay.clone() }, stay.clone()]).await;
    assert_eq!(november(&house, network).await, Figures { visits: 1, minutes: 120, ..Figures::ZERO });
    house.hear_of(network.id, &[Told { state: State::Annulled, revision: 4, ..stay }]).await;
    assert_eq!(november(&house, network).await, Figures::ZERO);
}

#[tokio::test]
async fn a_visit_corrected_into_another_day_and_hub_moves_there() {
    let house = House::build().await;
    let network = house.network().await;
    let stay = house.stay(network.humpolec, network.humpolec, "2026-11-03", 45);
    let elsewhere = Told {
        revision: 3,
        visit: stay.visit,
        ..house.stay(network.pokrov, network.humpolec, "2026-10-05", 30)
    };
    house.hear_of(network.id, &[stay]).await;
    house.hear_of(network.id, &[elsewhere]).await;
    assert_eq!(november(&house, network).await, Figures::ZERO);
    assert_eq!(house.monitoring.verify_rollups(&house.system(), network.id).await.expect("an answer"), []);
}

#[tokio::test]
async fn a_visit_at_a_hub_not_yet_known_comes_again_later() {
    let house = House::build().await;
    let network = house.network().await;
    let hub: HubId = house.id();
    let event = house.telling(network.id, &house.stay(hub, network.humpolec, "2026-11-03", 45));
    let early = house.hear(std::slice::from_ref(&event)).await;
    assert!(matches!(early, Err(HandleError::Later(_))), "{early:?}");
    house.hear(&[house.hub_onboarded(network.id, hub, "Europe/Warsaw"), event]).await.expect("taken in");
    assert_eq!(november(&house, network).await.roaming_minutes, 45);
    assert!(house.dead_letters().await.is_empty());
}

#[tokio::test]
async fn a_telling_that_makes_no_sense_is_set_aside_and_the_others_count() {
    let house = House::build().await;
    let network = house.network().await;
    let good = house.stay(network.humpolec, network.humpolec, "2026-11-03", 45);
    let mut backward = house.stay(network.humpolec, network.humpolec, "2026-11-03", 45);
    backward.state = State::Ended(backward.started_at - 1.second());
    let mut endless = house.telling(network.id, &good);
    let mut data: serde_json::Value = endless.data.read().expect("JSON");
    data["ended_at"] = serde_json::Value::Null;
    endless.data = kernel::Fact::of(&data).expect("JSON");
    let events = [house.telling(network.id, &backward), house.telling(network.id, &good), endless];
    house.hear(&events).await.expect("taken in or set aside");
    assert_eq!(november(&house, network).await, Figures { visits: 1, minutes: 45, ..Figures::ZERO });
    assert_eq!(house.dead_letters().await.len(), 2);
}
