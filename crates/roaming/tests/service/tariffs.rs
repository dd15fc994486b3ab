//! Who sets a hub's guest prices, and what never changes about them.

use kernel::{Coded, ErrorCode, HubId, OpContext, PageRequest, Place, Role};
use roaming::{PublishTariff, RoamingError, Tariff, TermsDraft};

use crate::app::{TestApp, at, prices};

async fn publish(
    app: &TestApp,
    op: &OpContext,
    price: &str,
    valid_from: Option<&str>,
) -> Result<Tariff, RoamingError> {
    let terms = TermsDraft { price_per_hour: price.into(), ..prices() };
    let cmd = PublishTariff { hub: app.piaseczno, valid_from: valid_from.map(at), terms };
    app.roaming.publish_tariff(op, cmd).await
}

async fn guest_price(app: &TestApp) -> Option<String> {
    let hubs = [app.piaseczno, app.humpolec];
    let tariffs = app.roaming.find_guest_tariffs(&app.anonymous(), &hubs).await.expect("tariffs");
    tariffs.get(&app.piaseczno).map(|tariff| tariff.terms.price_per_hour.to_string())
}

#[tokio::test]
async fn a_new_version_stands_beside_the_old_one_and_everybody_sees_the_one_that_counts() {
    let app = TestApp::open().await;
    let administrator = app.administrator_of(app.piaseczno);
    assert_eq!(guest_price(&app).await, None);
    publish(&app, &administrator, "60.00", None).await.expect("version 1");
    let second =
        publish(&app, &administrator, "72.50", Some("2026-12-01T00:00:00Z")).await.expect("version 2");
    assert_eq!(second.version, 2);
    assert_eq!(guest_price(&app).await, Some("60.00".into()));
    app.clock.set(at("2026-12-01T00:00:00Z"));
    assert_eq!(guest_price(&app).await, Some("72.50".into()));
    let published = app.published("tariff_published").await;
    assert_eq!(published.iter().map(|it| it["version"].as_u64()).collect::<Vec<_>>(), [Some(1), Some(2)]);
}

#[tokio::test]
async fn a_visit_keeps_the_prices_it_began_with() {
    let app = TestApp::open().await;
    let administrator = app.administrator_of(app.piaseczno);
    publish(&app, &administrator, "60.00", None).await.expect("version 1");
    publish(&app, &administrator, "600.00", Some("2026-11-03T11:00:00Z")).await.expect("version 2");
    app.receive(app.ended(app.jana_at_piaseczno("2026-11-03T10:00:00Z", "2026-11-03T12:00:00Z"))).await;
    let page = PageRequest::new(None, None).expect("a page");
    let charges = app.roaming.list_charges(&app.system(), app.jana, &page).await.expect("charges");
    assert_eq!(charges.items[0].amount.to_string(), "120.00 PLN");
}

#[tokio::test]
async fn only_a_first_tariff_may_begin_in_the_past() {
    let app = TestApp::open().await;
    let administrator = app.administrator_of(app.piaseczno);
    publish(&app, &administrator, "60.00", Some("2026-01-01T00:00:00Z")).await.expect("the first");
    let refused =
        publish(&app, &administrator, "90.00", Some("2026-11-01T00:00:00Z")).await.expect_err("too late");
    assert!(refused.to_string().starts_with("validFrom: "));
}

/// R20: otherwise a visit's price would depend on whether it was charged before or after the tariff was published.
#[tokio::test]
async fn a_tariff_does_not_begin_before_a_visit_that_has_been_charged_without_one() {
    let app = TestApp::open().await;
    app.receive(app.ended(app.jana_at_piaseczno("2026-11-02T10:00:00Z", "2026-11-02T12:00:00Z"))).await;
    let administrator = app.administrator_of(app.piaseczno);
    let refused =
        publish(&app, &administrator, "60.00", Some("2026-11-02T10:00:00Z")).await.expect_err("too early");
    assert!(refused.to_string().starts_with("validFrom: "), "{refused}");
    publish(&app, &administrator, "60.00", Some("2026-11-02T10:00:01Z")).await.expect("after it");
}

#[tokio::test]
async fn only_the_hubs_administrator_sets_its_prices() {
    let app = TestApp::open().await;
    let code = async |op| publish(&app, &op, "1", None).await.map_err(|error| error.code()).err();
    assert_eq!(code(app.operator_of(app.piaseczno)).await, Some(ErrorCode::Forbidden));
    assert_eq!(code(app.administrator_of(app.humpolec)).await, Some(ErrorCode::NotFound));
    assert_eq!(code(app.stranger()).await, Some(ErrorCode::NotFound));
    assert_eq!(code(app.anonymous()).await, Some(ErrorCode::Unauthenticated));
    let runs_the_network = app.staff(Role::NetworkAdministrator, Place::Network(app.network));
    assert_eq!(code(runs_the_network).await, Some(ErrorCode::Forbidden));
    assert_eq!(code(app.administrator_of(app.piaseczno)).await, None);
}

#[tokio::test]
async fn bad_prices_and_unknown_hubs_are_refused_and_nothing_is_kept() {
    let app = TestApp::open().await;
    let system = app.system();
    let bad = publish(&app, &system, "-1", None).await.expect_err("bad input");
    assert_eq!((bad.code(), bad.to_string().starts_with("pricePerHour: ")), (ErrorCode::InvalidInput, true));
    let cmd = PublishTariff { hub: app.earlier_id::<HubId>(), valid_from: None, terms: prices() };
    let unknown = app.roaming.publish_tariff(&system, cmd).await.expect_err("no such hub");
    assert_eq!(unknown.code(), ErrorCode::NotFound);
    assert!(app.published("tariff_published").await.is_empty());
}
