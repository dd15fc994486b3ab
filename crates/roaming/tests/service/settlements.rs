//! Closing months: exact, once, for good.

use std::collections::HashMap;

use kernel::{Coded, ErrorCode, Month, OpContext, PageRequest};
use roaming::{Rates, Roaming, RoamingError, Settlement};

use crate::app::{TestApp, Visit, at};

fn month(text: &str) -> Month {
    text.parse().expect("a month")
}

async fn close(app: &TestApp, op: &OpContext, text: &str) -> Result<Settlement, RoamingError> {
    app.roaming.close_settlement(op, app.network, month(text)).await
}

/// October: Jana two hours at Piaseczno; Piotr one hour at Humpolec and one at Bratislava.
async fn october() -> TestApp {
    let app = TestApp::with_prices().await;
    let jana = app.jana_at_piaseczno("2026-10-05T10:00:00Z", "2026-10-05T12:00:00Z");
    let piotr = Visit {
        id: app.earlier_id(),
        member: app.piotr,
        home: app.piaseczno,
        host: app.humpolec,
        until: Some("2026-10-05T11:00:00Z"),
        ..jana
    };
    let abroad = Visit { id: app.earlier_id(), host: app.bratislava, ..piotr };
    app.receive_all(&[app.ended(jana), app.ended(piotr), app.ended(abroad)]).await.expect("all are taken in");
    app
}

#[tokio::test]
async fn r13_a_month_is_netted_to_one_amount_per_hub_in_its_own_currency() {
    let app = october().await;
    let settled = close(&app, &app.coordinator(), "2026-10").await.expect("a settlement");
    let stated: HashMap<_, _> = settled
        .positions
        .iter()
        .map(|it| (it.hub, [it.earned, it.owed, it.commission, it.net].map(|money| money.to_string())))
        .collect();
    // Jana's 120 PLN are 688.04 CZK by 24.305 / 4.2390; her hub keeps 5 % of it, 34.40, and leaves 7 % of Piotr's 60.
    assert_eq!(stated[&app.humpolec], ["60.00 CZK", "688.04 CZK", "30.20 CZK", "-597.84 CZK"]);
    // Piotr's 60 CZK are 10.46 PLN, his 60 EUR are 254.34 PLN; 5 % of both stay, 7 % of Jana's 120 go.
    assert_eq!(stated[&app.piaseczno], ["120.00 PLN", "264.80 PLN", "4.84 PLN", "-139.96 PLN"]);
    assert_eq!(stated[&app.bratislava], ["60.00 EUR", "0.00 EUR", "-4.20 EUR", "55.80 EUR"]);
    assert_eq!(settled.network_commission.map(|money| money.to_string()), Some("1.82 EUR".into()));
    assert_eq!(settled.gross_positions.len(), 3);
    let published = app.published("settlement_closed").await;
    assert_eq!((published.len(), published[0]["positions"].as_array().map(Vec::len)), (1, Some(3)));
}

#[tokio::test]
async fn r13_after_the_close_every_currency_of_the_ledger_sums_to_zero_and_nothing_stays_open() {
    let app = october().await;
    let settled = close(&app, &app.coordinator(), "2026-10").await.expect("a settlement");
    let balances = app.balances().await;
    let mut by_currency: HashMap<&str, i64> = HashMap::new();
    for ((kind, owner, currency), balance) in &balances {
        *by_currency.entry(currency).or_default() += balance;
        assert!(kind != "open" || *balance == 0, "{owner} has {balance} {currency} open");
    }
    assert!(by_currency.values().all(|sum| *sum == 0), "{by_currency:?}");
    for position in settled.positions {
        let key = ("settled".into(), position.hub.into(), position.net.currency.to_string());
        assert_eq!(balances.get(&key), Some(&position.net.minor));
    }
}

#[tokio::test]
async fn closing_a_month_twice_answers_the_same_settlement() {
    let app = october().await;
    let first = close(&app, &app.coordinator(), "2026-10").await.expect("a settlement");
    app.clock.set(at("2026-11-04T09:00:00Z"));
    let again = close(&app, &app.system(), "2026-10").await.expect("the same settlement");
    assert_eq!(first, again);
    assert_eq!(app.published("settlement_closed").await.len(), 1);
}

#[tokio::test]
async fn two_who_close_at_once_get_the_same_settlement() {
    let app = october().await;
    let op = app.coordinator();
    let (one, other) = tokio::join!(close(&app, &op, "2026-10"), close(&app, &op, "2026-10"));
    assert_eq!(one.expect("a settlement").id, other.expect("a settlement").id);
}

#[tokio::test]
async fn r14_a_visit_received_while_the_month_closes_is_settled_in_it_or_in_the_next() {
    let app = october().await;
    let op = app.coordinator();
    let meanwhile = app.ended(app.jana_at_piaseczno("2026-10-06T10:00:00Z", "2026-10-06T11:00:00Z"));
    let (settled, ()) = tokio::join!(close(&app, &op, "2026-10"), app.receive(meanwhile));
    let period = app.published("charge_posted").await[3]["period"].clone();
    let settled = settled.expect("a settlement");
    let piaseczno = settled.positions.iter().find(|it| it.hub == app.piaseczno).expect("a position");
    let expected = if period == "2026-10" { "180.00 PLN" } else { "120.00 PLN" };
    assert_eq!(piaseczno.earned.to_string(), expected);
}

#[tokio::test]
async fn r14_what_comes_late_goes_to_the_next_open_month_and_the_closed_one_stays() {
    let app = october().await;
    let before = close(&app, &app.coordinator(), "2026-10").await.expect("a settlement");
    let late = app.jana_at_piaseczno("2026-10-06T10:00:00Z", "2026-10-06T11:00:00Z");
    app.receive(app.ended(late)).await;
    app.receive(app.corrected(Visit { revision: 3, ..late }, true)).await;
    let periods: Vec<_> =
        app.published("charge_posted").await.iter().skip(3).map(|it| it["period"].clone()).collect();
    assert_eq!(periods, ["2026-11", "2026-11"]);
    let after = app.roaming.find_settlement(&app.coordinator(), app.network, month("2026-10")).await;
    assert_eq!(after.expect("readable"), Some(before));
}

#[tokio::test]
async fn r14_the_credit_of_a_settled_charge_is_settled_with_the_next_month() {
    let app = app_with_one_settled_visit().await;
    app.clock.set(at("2026-12-02T09:00:00Z"));
    let november = close(&app, &app.coordinator(), "2026-11").await.expect("a settlement");
    let humpolec = november.positions.iter().find(|it| it.hub == app.humpolec).expect("a position");
    assert!(humpolec.owed.minor < 0 && humpolec.net.minor > 0, "{humpolec:?}");
}

async fn app_with_one_settled_visit() -> TestApp {
    let app = TestApp::with_prices().await;
    let visit = app.jana_at_piaseczno("2026-10-05T10:00:00Z", "2026-10-05T12:00:00Z");
    app.receive(app.ended(visit)).await;
    close(&app, &app.coordinator(), "2026-10").await.expect("a settlement");
    let shorter = Visit { until: Some("2026-10-05T11:00:00Z"), revision: 3, ..visit };
    app.receive(app.corrected(shorter, false)).await;
    app
}

#[tokio::test]
async fn a_month_that_is_not_over_in_the_networks_zone_cannot_be_closed() {
    let app = october().await;
    // Half past midnight in Prague on 1 November: the month is over there, though not yet in UTC.
    app.clock.set(at("2026-10-31T22:30:00Z"));
    assert_eq!(
        close(&app, &app.coordinator(), "2026-10").await.expect_err("open").code(),
        ErrorCode::Conflict
    );
    app.clock.set(at("2026-10-31T23:30:00Z"));
    assert!(close(&app, &app.coordinator(), "2026-10").await.is_ok());
}

#[tokio::test]
async fn without_a_needed_rate_nothing_is_closed() {
    let app = october().await;
    let poor = Roaming::new(app.db().clone(), Rates::default());
    let refused = poor.close_settlement(&app.coordinator(), app.network, month("2026-10")).await;
    assert_eq!(refused.expect_err("no rate").code(), ErrorCode::RateMissing);
    let found = app.roaming.find_settlement(&app.coordinator(), app.network, month("2026-10")).await;
    assert_eq!(found.expect("readable"), None);
    assert!(app.published("settlement_closed").await.is_empty());
}

#[tokio::test]
async fn a_rate_older_than_allowed_closes_nothing_and_the_settlement_names_the_day_of_the_one_it_used() {
    let app = october().await;
    let rates = |day: &str| {
        let text = format!("on,currency,per_eur\n{day},CZK,24.305\n{day},PLN,4.2390\n");
        Rates::parse(&text).expect("rates")
    };
    let with = |rates: Rates| Roaming::new(app.db().clone(), rates);
    let late = with(rates("2026-10-23"));
    let refused = late.close_settlement(&app.coordinator(), app.network, month("2026-10")).await;
    let refused = refused.expect_err("too old");
    assert_eq!(refused.code(), ErrorCode::RateStale);
    assert!(refused.to_string().contains("2026-10-23"), "{refused}");
    let missing = late.examine_rates(&app.system()).await.expect("examined");
    assert_eq!(missing.iter().map(|it| it.currency.code()).collect::<Vec<_>>(), ["CZK", "PLN"]);
    assert!(app.published("settlement_closed").await.is_empty());
    let fresh = with(rates("2026-10-24"));
    assert_eq!(fresh.examine_rates(&app.system()).await.expect("examined"), []);
    let settled = fresh.close_settlement(&app.coordinator(), app.network, month("2026-10")).await;
    let used = settled.expect("a settlement").rates;
    let days: Vec<_> = used.iter().map(|rate| (rate.currency.code(), rate.on.to_string())).collect();
    assert_eq!(
        days,
        [("CZK", "2026-10-24".into()), ("EUR", "2026-10-31".into()), ("PLN", "2026-10-24".into())]
    );
    assert_eq!(late.examine_rates(&app.system()).await.expect("examined"), [], "nothing is to be settled");
}

#[tokio::test]
async fn a_hubs_operator_sees_the_own_hubs_part_only() {
    let app = october().await;
    close(&app, &app.coordinator(), "2026-10").await.expect("a settlement");
    let seen = async |op| {
        let found = app.roaming.find_settlement(&op, app.network, month("2026-10")).await;
        found.map_err(|error| error.code()).map(|it| it.expect("a settlement"))
    };
    let part = seen(app.operator_of(app.bratislava)).await.expect("readable");
    assert_eq!((part.positions.len(), part.gross_positions.len(), part.network_commission), (1, 1, None));
    assert_eq!(part.positions[0].hub, app.bratislava);
    assert_eq!(seen(app.coordinator()).await.expect("readable").positions.len(), 3);
    assert_eq!(seen(app.member(app.jana, app.humpolec)).await, Err(ErrorCode::Forbidden));
    assert_eq!(seen(app.stranger()).await, Err(ErrorCode::NotFound));
    assert_eq!(seen(app.anonymous()).await, Err(ErrorCode::Unauthenticated));
    let page = PageRequest::new(None, None).expect("a page");
    let list = app.roaming.list_settlements(&app.coordinator(), app.network, &page).await.expect("a page");
    assert_eq!(list.items.len(), 1);
}

#[tokio::test]
async fn only_those_who_coordinate_the_network_close_its_months() {
    let app = october().await;
    let code = async |op| close(&app, &op, "2026-10").await.expect_err("refused").code();
    assert_eq!(code(app.operator_of(app.humpolec)).await, ErrorCode::Forbidden);
    assert_eq!(code(app.administrator_of(app.humpolec)).await, ErrorCode::Forbidden);
    assert_eq!(code(app.stranger()).await, ErrorCode::NotFound);
    assert_eq!(code(app.anonymous()).await, ErrorCode::Unauthenticated);
}
