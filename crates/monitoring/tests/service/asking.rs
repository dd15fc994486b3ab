//! Queries of figures: by which callers, for which periods.

use kernel::{AuthError, HubId, OpContext};
use monitoring::{Figures, MetricsPeriod, Periods};

use crate::app::{TestApp, Visit, instant};

async fn minutes(app: &TestApp, op: &OpContext, hub: HubId, periods: Periods) -> Result<Vec<i64>, AuthError> {
    let mut answers = app.monitoring.read_hub_metrics(op, &[hub], periods).await.expect("an answer");
    let metrics = answers.remove(&hub).expect("an answer for each hub")?;
    Ok(metrics.figures.iter().map(|figures| figures.minutes).collect())
}

fn days(from: &str, until: &str) -> Periods {
    Periods::parse(MetricsPeriod::Day, from, until).expect("days")
}

#[tokio::test]
async fn a_series_has_an_entry_for_every_period_and_excludes_its_end() {
    let app = TestApp::build().await;
    let network = app.network().await;
    let stay = |day, minutes| app.stay(network.humpolec, network.humpolec, day, minutes);
    app.receive_visits(
        network.id,
        &[stay("2026-11-03", 45), stay("2026-11-03", 15), stay("2026-11-05", 30), stay("2026-11-06", 9)],
    )
    .await;
    let operator = app.operator(network.id, network.humpolec);
    let week = minutes(&app, &operator, network.humpolec, days("2026-11-02", "2026-11-06")).await;
    assert_eq!(week, Ok(vec![0, 60, 0, 30]));
    let months = Periods::parse(MetricsPeriod::Month, "2026-10", "2027-01").expect("months");
    assert_eq!(minutes(&app, &operator, network.humpolec, months).await, Ok(vec![0, 99, 0]));
}

#[tokio::test]
async fn a_visit_counts_on_the_day_in_its_hubs_own_zone() {
    let app = TestApp::build().await;
    let network = app.network().await;
    let at = |hub, start: &str| Visit { started_at: instant(start), ..app.stay(hub, hub, "2026-11-05", 600) };
    // The clocks go back in the night to 25 October: 21:30 UTC is half past midnight in Kyiv, not yet in Prague.
    let visits = [at(network.humpolec, "2026-10-24T21:30:00Z"), at(network.pokrov, "2026-10-24T21:30:00Z")];
    app.receive_visits(network.id, &visits).await;
    let coordinator = app.coordinator(network.id);
    let visits = async |hub| {
        let periods = days("2026-10-24", "2026-10-26");
        let mut answers =
            app.monitoring.read_hub_metrics(&coordinator, &[hub], periods).await.expect("an answer");
        let metrics = answers.remove(&hub).expect("an answer").expect("theirs");
        metrics.figures.iter().map(|figures| figures.visits).collect::<Vec<_>>()
    };
    assert_eq!(visits(network.humpolec).await, [1, 0]);
    assert_eq!(visits(network.pokrov).await, [0, 1]);
}

#[tokio::test]
async fn a_hubs_figures_are_for_its_staff_and_its_coordinators() {
    let app = TestApp::build().await;
    let (network, foreign) = (app.network().await, app.network().await);
    let periods = days("2026-11-02", "2026-11-03");
    let hub = network.humpolec;
    assert_eq!(minutes(&app, &app.operator(network.id, hub), hub, periods).await, Ok(vec![0]));
    assert_eq!(minutes(&app, &app.coordinator(network.id), hub, periods).await, Ok(vec![0]));
    assert_eq!(minutes(&app, &app.system(), hub, periods).await, Ok(vec![0]));

    let stranger = app.operator(network.id, network.pokrov);
    assert_eq!(minutes(&app, &stranger, hub, periods).await, Err(AuthError::NotFound));
    assert_eq!(minutes(&app, &app.member(network.id), hub, periods).await, Err(AuthError::NotFound));
    assert_eq!(minutes(&app, &app.coordinator(foreign.id), hub, periods).await, Err(AuthError::NotFound));
    assert_eq!(minutes(&app, &app.anonymous(), hub, periods).await, Err(AuthError::Unauthenticated));
}

#[tokio::test]
async fn many_hubs_are_answered_at_once_each_with_its_own_verdict() {
    let app = TestApp::build().await;
    let network = app.network().await;
    app.receive_visits(network.id, &[app.stay(network.humpolec, network.pokrov, "2026-11-03", 45)]).await;
    let (hubs, periods) = ([network.humpolec, network.pokrov], days("2026-11-03", "2026-11-04"));
    let operator = app.operator(network.id, network.humpolec);
    let answers = app.monitoring.read_hub_metrics(&operator, &hubs, periods).await.expect("an answer");
    let figures = Figures { visits: 1, minutes: 45, roaming_visits: 1, roaming_minutes: 45 };
    assert_eq!(
        answers[&network.humpolec].as_ref().map(|metrics| metrics.figures.as_slice()),
        Ok([figures].as_slice())
    );
    assert_eq!(answers[&network.pokrov].as_ref().err(), Some(&AuthError::NotFound));
}

#[tokio::test]
async fn a_networks_figures_are_for_its_coordinators() {
    let app = TestApp::build().await;
    let (network, foreign) = (app.network().await, app.network().await);
    let stays =
        [network.humpolec, network.pokrov].map(|hub| app.stay(hub, network.humpolec, "2026-11-03", 45));
    app.receive_visits(network.id, &stays).await;
    let read = async |op: OpContext| {
        let periods = Periods::parse(MetricsPeriod::Month, "2026-11", "2026-12").expect("a month");
        let metrics = app.monitoring.read_network_metrics(&op, network.id, periods).await;
        metrics.map(|metrics| metrics.figures).map_err(|error| kernel::Coded::code(&error).as_str())
    };
    let figures = Figures { visits: 2, minutes: 90, roaming_visits: 1, roaming_minutes: 45 };
    assert_eq!(read(app.coordinator(network.id)).await, Ok(vec![figures]));
    assert_eq!(read(app.operator(network.id, network.humpolec)).await, Err("FORBIDDEN"));
    assert_eq!(read(app.coordinator(foreign.id)).await, Err("NOT_FOUND"));
    assert_eq!(read(app.anonymous()).await, Err("UNAUTHENTICATED"));
}
