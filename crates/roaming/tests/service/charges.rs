//! Every ended visit is charged once, however often and in whatever order its events arrive.

use kernel::{Coded, ErrorCode, PageRequest};
use platform_bus::HandleError;
use roaming::{Charge, ChargeReason};

use crate::app::{TestApp, Visit, at};

async fn charges_of_jana(app: &TestApp) -> Vec<Charge> {
    let page = PageRequest::new(Some(100), None).expect("a page");
    let op = app.operator_of(app.humpolec);
    app.roaming.list_charges(&op, app.jana, &page).await.expect("charges").items
}

#[tokio::test]
async fn a_visit_to_another_hub_is_charged_in_the_hosts_currency_and_owed_by_the_home_hub() {
    let app = TestApp::with_prices().await;
    app.receive(app.ended(app.jana_at_piaseczno("2026-11-02T10:00:00Z", "2026-11-02T12:00:00Z"))).await;
    let charges = charges_of_jana(&app).await;
    assert_eq!(charges.len(), 1);
    assert_eq!((charges[0].amount.to_string(), charges[0].minutes), ("120.00 PLN".into(), 120));
    assert_eq!(
        (charges[0].reason, charges[0].period.to_string()),
        (ChargeReason::RatedByTariff, "2026-11".into())
    );
    assert_eq!(app.open_balance(app.humpolec, "PLN").await, -12_000);
    assert_eq!(app.open_balance(app.piaseczno, "PLN").await, 12_000);
    let published = app.published("charge_posted").await;
    assert_eq!(published[0]["amount"], serde_json::json!({ "minor": 12_000, "currency": "PLN" }));
}

#[tokio::test]
async fn r7_a_free_visit_has_a_charge_with_the_reason() {
    let app = TestApp::open().await;
    let away = app.jana_at_piaseczno("2026-11-02T10:00:00Z", "2026-11-02T12:00:00Z");
    app.receive(app.ended(away)).await;
    let home = Visit { id: app.earlier_id(), host: app.humpolec, ..away };
    app.receive(app.ended(home)).await;
    let charges = charges_of_jana(&app).await;
    let reason_of = |visit: Visit<'_>| {
        charges.iter().find(|it| it.visit == visit.id).map(|it| (it.reason, it.amount.minor))
    };
    assert_eq!(reason_of(away), Some((ChargeReason::NoTariff, 0)));
    assert_eq!(reason_of(home), Some((ChargeReason::CoveredByHomePlan, 0)));
    assert_eq!(app.published("charge_posted").await.len(), 2);
    assert!(app.balances().await.is_empty());
}

#[tokio::test]
async fn a_visit_at_home_names_the_plan_that_covers_it_or_its_absence() {
    let app = TestApp::open().await;
    let plan = |roaming: bool| serde_json::json!({ "plan_id": app.earlier_id::<kernel::PlanId>(), "roaming": roaming });
    let none = serde_json::json!({ "plan_id": null, "roaming": false });
    for (plan, reason) in [
        (plan(false), ChargeReason::CoveredByHomePlan),
        (plan(true), ChargeReason::CoveredByHomePlan),
        (none, ChargeReason::NoPlan),
    ] {
        let member = app.earlier_id();
        app.receive(app.joining_with(member, app.humpolec, &plan)).await;
        let away = app.jana_at_piaseczno("2026-11-02T10:00:00Z", "2026-11-02T12:00:00Z");
        app.receive(app.ended(Visit { member, host: app.humpolec, ..away })).await;
        let page = PageRequest::new(None, None).expect("a page");
        let charges = app.roaming.list_charges(&app.system(), member, &page).await.expect("charges").items;
        let charged: Vec<_> = charges.iter().map(|it| (it.reason, it.amount.minor)).collect();
        assert_eq!(charged, [(reason, 0)], "{plan}");
    }
}

#[tokio::test]
async fn r11_a_repeated_visit_event_is_charged_once() {
    let app = TestApp::with_prices().await;
    let visit = app.jana_at_piaseczno("2026-11-02T10:00:00Z", "2026-11-02T12:00:00Z");
    let event = app.ended(visit);
    app.receive(event.clone()).await;
    app.receive(event).await;
    app.receive(app.ended(visit)).await;
    assert_eq!(charges_of_jana(&app).await.len(), 1);
    assert_eq!(app.open_balance(app.piaseczno, "PLN").await, 12_000);
}

#[tokio::test]
async fn r10_a_corrected_visit_is_credited_whole_and_charged_anew() {
    let app = TestApp::with_prices().await;
    let visit = app.jana_at_piaseczno("2026-11-02T10:00:00Z", "2026-11-02T12:00:00Z");
    app.receive(app.ended(visit)).await;
    let shorter = Visit { until: Some("2026-11-02T11:00:00Z"), revision: 3, ..visit };
    app.receive(app.corrected(shorter, false)).await;
    let charges = charges_of_jana(&app).await;
    let original = charges.iter().find(|it| it.revision == 2).expect("the first charge");
    let credit = charges.iter().find(|it| it.credits.is_some()).expect("a credit");
    let anew = charges.iter().find(|it| it.revision == 3 && it.credits.is_none()).expect("a new charge");
    assert_eq!(credit.credits, Some(original.id));
    assert_eq!([original, credit, anew].map(|it| it.amount.minor), [12_000, -12_000, 6_000]);
    assert_eq!((charges.len(), app.open_balance(app.humpolec, "PLN").await), (3, -6_000));
}

#[tokio::test]
async fn an_annulled_visit_is_credited_and_not_charged_again() {
    let app = TestApp::with_prices().await;
    let visit = app.jana_at_piaseczno("2026-11-02T10:00:00Z", "2026-11-02T12:00:00Z");
    app.receive(app.ended(visit)).await;
    app.receive(app.corrected(Visit { revision: 3, ..visit }, true)).await;
    assert_eq!((charges_of_jana(&app).await.len(), app.open_balance(app.humpolec, "PLN").await), (2, 0));
}

#[tokio::test]
async fn a_visit_that_lasts_after_all_is_credited_and_charged_when_it_ends() {
    let app = TestApp::with_prices().await;
    let visit = app.jana_at_piaseczno("2026-11-02T10:00:00Z", "2026-11-02T12:00:00Z");
    app.receive(app.ended(visit)).await;
    app.receive(app.corrected(Visit { until: None, revision: 3, ..visit }, false)).await;
    assert_eq!(app.open_balance(app.piaseczno, "PLN").await, 0);
    app.receive(app.ended(Visit { until: Some("2026-11-02T13:00:00Z"), revision: 4, ..visit })).await;
    assert_eq!(app.open_balance(app.piaseczno, "PLN").await, 18_000);
}

#[tokio::test]
async fn an_older_visit_event_changes_nothing_when_it_follows_a_newer_one() {
    let app = TestApp::with_prices().await;
    let visit = app.jana_at_piaseczno("2026-11-02T10:00:00Z", "2026-11-02T12:00:00Z");
    let corrected = app.corrected(Visit { until: Some("2026-11-02T11:00:00Z"), revision: 3, ..visit }, false);
    app.receive_all(&[corrected, app.ended(visit)]).await.expect("both are taken in");
    assert_eq!((charges_of_jana(&app).await.len(), app.open_balance(app.piaseczno, "PLN").await), (1, 6_000));
}

#[tokio::test]
async fn one_batch_or_many_makes_the_same_charges() {
    let (singly, at_once) = (TestApp::with_prices().await, TestApp::with_prices().await);
    let story = |app: &TestApp| {
        let visit = app.jana_at_piaseczno("2026-11-02T06:00:00Z", "2026-11-02T10:00:00Z");
        let later = app.jana_at_piaseczno("2026-11-02T11:00:00Z", "2026-11-02T15:00:00Z");
        let shorter = Visit { until: Some("2026-11-02T07:00:00Z"), revision: 3, ..visit };
        [app.ended(visit), app.ended(later), app.corrected(shorter, false)]
    };
    for event in story(&singly) {
        singly.receive(event).await;
    }
    at_once.receive_all(&story(&at_once)).await.expect("all are taken in");
    let amounts = |charges: Vec<Charge>| {
        let mut amounts: Vec<(i64, i64)> = charges.iter().map(|it| (it.revision, it.amount.minor)).collect();
        amounts.sort_unstable();
        amounts
    };
    let expected = amounts(charges_of_jana(&singly).await);
    assert_eq!(expected, amounts(charges_of_jana(&at_once).await));
    assert_eq!(expected.iter().map(|(_, minor)| minor).sum::<i64>(), 30_000, "an hour and four: five hours");
}

#[tokio::test]
async fn a_days_maximum_holds_over_visits_received_one_after_the_other() {
    let app = TestApp::with_prices().await;
    app.receive(app.ended(app.jana_at_piaseczno("2026-11-02T06:00:00Z", "2026-11-02T10:00:00Z"))).await;
    app.receive(app.ended(app.jana_at_piaseczno("2026-11-02T11:00:00Z", "2026-11-02T15:00:00Z"))).await;
    assert_eq!(app.open_balance(app.piaseczno, "PLN").await, 35_000);
}

#[tokio::test]
async fn a_visit_waits_until_its_hub_is_known() {
    let app = TestApp::empty().await;
    let visit = app.ended(app.jana_at_piaseczno("2026-11-02T10:00:00Z", "2026-11-02T12:00:00Z"));
    assert!(matches!(app.receive_all(std::slice::from_ref(&visit)).await, Err(HandleError::Later(_))));
    let facts = [
        app.onboarding(app.humpolec, "Europe/Prague", "CZK"),
        visit,
        app.joining(app.jana, app.humpolec),
        app.onboarding(app.piaseczno, "Europe/Warsaw", "PLN"),
        app.founding(app.network),
    ];
    app.receive_all(&facts).await.expect("in one batch any order will do");
    assert_eq!(app.published("charge_posted").await.len(), 1);
}

#[tokio::test]
async fn charges_are_shown_to_the_member_and_to_the_staff_of_the_home_hub_only() {
    let app = TestApp::with_prices().await;
    app.receive(app.ended(app.jana_at_piaseczno("2026-11-02T10:00:00Z", "2026-11-02T12:00:00Z"))).await;
    let page = PageRequest::new(None, None).expect("a page");
    let code = async |op| match app.roaming.list_charges(&op, app.jana, &page).await {
        Ok(page) => Ok(page.items.len()),
        Err(error) => Err(error.code()),
    };
    assert_eq!(code(app.member(app.jana, app.humpolec)).await, Ok(1));
    assert_eq!(code(app.operator_of(app.humpolec)).await, Ok(1));
    assert_eq!(code(app.operator_of(app.piaseczno)).await, Err(ErrorCode::NotFound));
    assert_eq!(code(app.member(app.piotr, app.piaseczno)).await, Err(ErrorCode::NotFound));
    assert_eq!(code(app.coordinator()).await, Err(ErrorCode::Forbidden));
    assert_eq!(code(app.stranger()).await, Err(ErrorCode::NotFound));
    assert_eq!(code(app.anonymous()).await, Err(ErrorCode::Unauthenticated));
}

#[tokio::test]
async fn charges_are_paged_by_cursor_and_a_foreign_cursor_is_refused() {
    let app = TestApp::with_prices().await;
    for hour in 10..13 {
        app.clock.set(at(&format!("2026-11-03T{hour}:00:00Z")));
        app.receive(app.ended(app.jana_at_piaseczno("2026-11-02T10:00:00Z", "2026-11-02T10:30:00Z"))).await;
    }
    let op = app.member(app.jana, app.humpolec);
    let page = |after| PageRequest::new(Some(2), after).expect("a page");
    let first = app.roaming.list_charges(&op, app.jana, &page(None)).await.expect("a page");
    assert_eq!((first.items.len(), first.has_next), (2, true));
    let cursor = first.items.last().map(|charge| charge.id.to_string());
    let second = app.roaming.list_charges(&op, app.jana, &page(cursor)).await.expect("a page");
    assert_eq!((second.items.len(), second.has_next), (1, false));
    assert!(second.items[0].posted_at < first.items[1].posted_at);
    let refused = app.roaming.list_charges(&op, app.jana, &page(Some("nonsense".into()))).await;
    assert_eq!(refused.expect_err("not a cursor").code(), ErrorCode::InvalidInput);
}

#[tokio::test]
async fn five_hundred_visits_go_through_in_one_batch() {
    let app = TestApp::with_prices().await;
    let visit = app.jana_at_piaseczno("2026-11-02T10:00:00Z", "2026-11-02T12:00:00Z");
    let members: Vec<_> = (0..500).map(|_| app.earlier_id()).collect();
    let joinings: Vec<_> = members.iter().map(|member| app.joining(*member, visit.home)).collect();
    app.receive_all(&joinings).await.expect("all are taken in");
    let visits = members.into_iter().map(|member| app.ended(Visit { id: app.earlier_id(), member, ..visit }));
    let visits: Vec<_> = visits.collect();
    app.receive_all(&visits).await.expect("all are taken in");
    assert_eq!(app.open_balance(app.piaseczno, "PLN").await, 500 * 12_000);
}
