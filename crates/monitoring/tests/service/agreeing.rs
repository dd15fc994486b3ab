//! R17: the stored roll-ups equal the sums of the visits.

use std::collections::HashMap;

use jiff::{Timestamp, ToSpan};
use kernel::{Coded, ErrorCode, VisitId};
use monitoring::{Cell, Figures, MetricsPeriod, Periods};
use proptest::{prelude::*, test_runner::TestRunner};

use crate::app::{Network, State, TestApp, Visit, instant};

/// One event of a random history; visits are numbered, hubs are chosen when the network exists.
#[derive(Debug, Clone)]
struct Drawn {
    visit: usize,
    revision: i64,
    at_pokrov: bool,
    is_roaming: bool,
    started_at: Timestamp,
    state: State,
    /// How often it is published, each time in another envelope.
    times: usize,
}

/// The numbers that define an event.
type Draw = (usize, i64, (bool, bool), i64, i64, u8, usize);

/// Generates events of visits on the days around the change of the clocks and of the month, in any order.
fn histories() -> impl Strategy<Value = Vec<Vec<Drawn>>> {
    let first = instant("2026-10-23T00:00:00Z");
    let numbers =
        (0_usize..12, 1_i64..6, any::<(bool, bool)>(), 0_i64..20_000, 0_i64..50_000, 0_u8..5, 1_usize..3);
    let drawn = move |(visit, revision, (at_pokrov, is_roaming), start, seconds, state, times): Draw| {
        let started_at: Timestamp = first + start.minutes();
        let end = started_at + seconds.seconds();
        let state = match state {
            0 => State::Open,
            1 => State::Corrected(None),
            2 => State::Corrected(Some(end)),
            3 => State::Annulled,
            _ => State::Ended(end),
        };
        Drawn { visit, revision, at_pokrov, is_roaming, started_at, state, times }
    };
    prop::collection::vec(prop::collection::vec(numbers.prop_map(drawn), 1..12), 1..8)
}

fn visit(network: &Network, visits: &[VisitId], drawn: &Drawn) -> Visit {
    let (hub, other) =
        if drawn.at_pokrov { (network.pokrov, network.humpolec) } else { (network.humpolec, network.pokrov) };
    Visit {
        id: visits[drawn.visit],
        hub,
        home: if drawn.is_roaming { other } else { hub },
        started_at: drawn.started_at,
        state: drawn.state,
        revision: drawn.revision,
    }
}

/// Counts the expected figures of the whole network in the plainest way.
fn expected(history: &[Vec<Drawn>]) -> Figures {
    let mut standing: HashMap<usize, &Drawn> = HashMap::new();
    for drawn in history.iter().flatten() {
        if standing.get(&drawn.visit).is_none_or(|known| known.revision < drawn.revision) {
            standing.insert(drawn.visit, drawn);
        }
    }
    let mut sum = Figures::ZERO;
    for visit in standing.values().filter(|visit| visit.state != State::Annulled) {
        let minutes = match visit.state {
            State::Ended(end) | State::Corrected(Some(end)) => {
                (end.as_second() - visit.started_at.as_second()) / 60
            }
            _ => 0,
        };
        let roams = i64::from(visit.is_roaming);
        sum += Figures { visits: 1, minutes, roaming_visits: roams, roaming_minutes: roams * minutes };
    }
    sum
}

#[test]
fn r17_after_any_history_the_rollups_equal_the_visits() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let app = runtime.block_on(TestApp::build());
    let config = proptest::test_runner::Config { cases: 40, failure_persistence: None, ..Default::default() };
    let mut runner = TestRunner::new(config);
    let outcome = runner.run(&histories(), |history| runtime.block_on(play(&app, &history)));
    outcome.expect("R17 holds");
}

async fn play(app: &TestApp, history: &[Vec<Drawn>]) -> Result<(), TestCaseError> {
    let network = app.network().await;
    let visits: Vec<VisitId> = (0..12).map(|_| app.id()).collect();
    for batch in history {
        let repeated = batch.iter().flat_map(|drawn| std::iter::repeat_n(drawn, drawn.times));
        let batch: Vec<Visit> = repeated.map(|drawn| visit(&network, &visits, drawn)).collect();
        app.receive_visits(network.id, &batch).await;
    }
    let system = app.system();
    let differences = app.monitoring.verify_rollups(&system, network.id).await.expect("an answer");
    prop_assert_eq!(differences, vec![]);

    for (by, from, until) in
        [(MetricsPeriod::Day, "2026-10-01", "2026-12-01"), (MetricsPeriod::Month, "2026-10", "2026-12")]
    {
        let periods = Periods::parse(by, from, until).expect("periods");
        let whole = app.monitoring.read_network_metrics(&system, network.id, periods).await.expect("metrics");
        let mut sum = Figures::ZERO;
        whole.figures.into_iter().for_each(|figures| sum += figures);
        prop_assert_eq!(sum, expected(history));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn r17_holds_when_receivers_race_for_the_same_visits() {
    let app = std::sync::Arc::new(TestApp::build().await);
    let network = app.network().await;
    let stays: Vec<Visit> =
        (0..30).map(|_| app.stay(network.humpolec, network.pokrov, "2026-11-03", 45)).collect();
    let mut receivers = tokio::task::JoinSet::new();
    for revision in 1..=6 {
        let (app, mut stays) = (app.clone(), stays.clone());
        receivers.spawn(async move {
            for stay in &mut stays {
                stay.revision = revision;
                stay.state = State::Corrected(Some(stay.started_at + (revision * 10).minutes()));
            }
            app.receive_visits(network.id, &stays).await;
        });
    }
    receivers.join_all().await;
    let system = app.system();
    assert_eq!(app.monitoring.verify_rollups(&system, network.id).await.expect("an answer"), []);
    let november = Periods::parse(MetricsPeriod::Month, "2026-11", "2026-12").expect("a month");
    let metrics = app.monitoring.read_network_metrics(&system, network.id, november).await.expect("metrics");
    let figures = Figures { visits: 30, minutes: 1800, roaming_visits: 30, roaming_minutes: 1800 };
    assert_eq!(metrics.figures, [figures]);
}

#[tokio::test]
async fn a_wrong_rollup_is_reported_with_both_figures() {
    let app = TestApp::build().await;
    let (network, other) = (app.network().await, app.network().await);
    app.receive_visits(network.id, &[app.stay(network.humpolec, network.humpolec, "2026-11-03", 45)]).await;
    app.receive_visits(other.id, &[app.stay(other.humpolec, other.humpolec, "2026-11-03", 45)]).await;
    app.spoil(network.id, "update hub_day set minutes = minutes + 1").await;

    let coordinator = app.coordinator(network.id);
    let differences = app.monitoring.verify_rollups(&coordinator, network.id).await.expect("an answer");
    let [difference] = differences.as_slice() else { panic!("{differences:?}") };
    assert_eq!(difference.cell, Cell::HubDay(network.humpolec, "2026-11-03".parse().expect("a day")));
    assert_eq!((difference.kept.minutes, difference.recomputed.minutes), (46, 45));

    let operator = app.operator(network.id, network.humpolec);
    let refused = app.monitoring.verify_rollups(&operator, network.id).await.expect_err("not theirs");
    assert_eq!(refused.code(), ErrorCode::Forbidden);
    let mut networks = [network.id, other.id];
    networks.sort_unstable();
    assert_eq!(app.monitoring.list_networks().await.expect("public"), networks);
}
