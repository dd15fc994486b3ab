//! Consuming events about networks, hubs and visits.

use jiff::ToSpan;
use kernel::HubId;
use monitoring::{Figures, MetricsPeriod, Periods};
use platform_bus::HandleError;

use crate::app::{Network, State, TestApp, Visit};

async fn november(app: &TestApp, network: Network) -> Figures {
    let periods = Periods::parse(MetricsPeriod::Month, "2026-11", "2026-12").expect("a month");
    let metrics = app.monitoring.read_network_metrics(&app.system(), network.id, periods).await;
    metrics.expect("metrics").figures[0]
}

#[tokio::test]
async fn a_visit_counts_when_it_starts_and_has_minutes_when_it_ends() {
    let app = TestApp::build().await;
    let network = app.network().await;
    let ended = app.stay(network.humpolec, network.pokrov, "2026-11-03", 45);
    let started = Visit { state: State::Open, revision: 1, ..ended.clone() };
    app.receive_visits(network.id, &[started]).await;
    let open = Figures { visits: 1, minutes: 0, roaming_visits: 1, roaming_minutes: 0 };
    assert_eq!(november(&app, network).await, open);
    app.receive_visits(network.id, &[ended]).await;
    let over = Figures { visits: 1, minutes: 45, roaming_visits: 1, roaming_minutes: 45 };
    assert_eq!(november(&app, network).await, over);
}

#[tokio::test]
async fn an_earlier_revision_that_arrives_late_changes_nothing() {
    let app = TestApp::build().await;
    let network = app.network().await;
    let ended = app.stay(network.humpolec, network.humpolec, "2026-11-03", 45);
    let started = Visit { state: State::Open, revision: 1, ..ended.clone() };
    app.receive_visits(network.id, &[ended.clone(), started, ended]).await;
    assert_eq!(november(&app, network).await, Figures { visits: 1, minutes: 45, ..Figures::ZERO });
}

#[tokio::test]
async fn a_correction_replaces_and_an_annulment_takes_away() {
    let app = TestApp::build().await;
    let network = app.network().await;
    let stay = app.stay(network.humpolec, network.humpolec, "2026-11-03", 45);
    let longer = State::Corrected(Some(stay.started_at + 2.hours()));
    let corrected = Visit { state: longer, revision: 3, ..stay.clone() };
    app.receive_visits(network.id, &[corrected, stay.clone()]).await;
    assert_eq!(november(&app, network).await, Figures { visits: 1, minutes: 120, ..Figures::ZERO });
    app.receive_visits(network.id, &[Visit { state: State::Annulled, revision: 4, ..stay }]).await;
    assert_eq!(november(&app, network).await, Figures::ZERO);
}

#[tokio::test]
async fn a_visit_corrected_into_another_day_and_hub_moves_there() {
    let app = TestApp::build().await;
    let network = app.network().await;
    let stay = app.stay(network.humpolec, network.humpolec, "2026-11-03", 45);
    let elsewhere =
        Visit { revision: 3, id: stay.id, ..app.stay(network.pokrov, network.humpolec, "2026-10-05", 30) };
    app.receive_visits(network.id, &[stay]).await;
    app.receive_visits(network.id, &[elsewhere]).await;
    assert_eq!(november(&app, network).await, Figures::ZERO);
    assert_eq!(app.monitoring.verify_rollups(&app.system(), network.id).await.expect("an answer"), []);
}

#[tokio::test]
async fn a_visit_at_a_hub_not_yet_known_comes_again_later() {
    let app = TestApp::build().await;
    let network = app.network().await;
    let hub: HubId = app.id();
    let event = app.visit_event(network.id, &app.stay(hub, network.humpolec, "2026-11-03", 45));
    let early = app.receive(std::slice::from_ref(&event)).await;
    assert!(matches!(early, Err(HandleError::Later(_))), "{early:?}");
    app.receive(&[app.hub_onboarded(network.id, hub, "Europe/Warsaw"), event]).await.expect("taken in");
    assert_eq!(november(&app, network).await.roaming_minutes, 45);
    assert!(app.dead_letters().await.is_empty());
}

#[tokio::test]
async fn an_invalid_visit_event_is_set_aside_and_the_others_count() {
    let app = TestApp::build().await;
    let network = app.network().await;
    let good = app.stay(network.humpolec, network.humpolec, "2026-11-03", 45);
    let mut backward = app.stay(network.humpolec, network.humpolec, "2026-11-03", 45);
    backward.state = State::Ended(backward.started_at - 1.second());
    let mut endless = app.visit_event(network.id, &good);
    let mut data: serde_json::Value = endless.data.read().expect("JSON");
    data["ended_at"] = serde_json::Value::Null;
    endless.data = kernel::Fact::of(&data).expect("JSON");
    let events = [app.visit_event(network.id, &backward), app.visit_event(network.id, &good), endless];
    app.receive(&events).await.expect("taken in or set aside");
    assert_eq!(november(&app, network).await, Figures { visits: 1, minutes: 45, ..Figures::ZERO });
    assert_eq!(app.dead_letters().await.len(), 2);
}
