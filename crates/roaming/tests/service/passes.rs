//! Who may issue, see and end roaming passes.

use kernel::{Coded, ErrorCode, MemberId, OpContext, PassId, Place, Role};
use roaming::{IssueRoamingPass, PassStatus, RoamingError, RoamingPass};
use serde_json::json;

use crate::app::{TestApp, at};

fn pass_for(member: MemberId) -> IssueRoamingPass {
    IssueRoamingPass { member, valid_from: None, valid_until: None, monthly_ceiling_minutes: Some(1_200) }
}

async fn issue(app: &TestApp, op: &OpContext) -> Result<RoamingPass, ErrorCode> {
    let issued = app.roaming.issue_roaming_pass(op, pass_for(app.jana)).await;
    issued.map_err(|error| error.code())
}

#[tokio::test]
async fn the_home_hubs_operator_issues_a_pass_and_the_service_publishes_an_event() {
    let app = TestApp::open().await;
    let pass = issue(&app, &app.operator_of(app.humpolec)).await.expect("a pass");
    assert_eq!(pass.status(app.world.now()), PassStatus::Active);
    let published = app.published("pass_issued").await;
    assert_eq!(published.len(), 1);
    assert_eq!(published[0]["member_id"], app.jana.to_string());
    assert_eq!(published[0]["valid_until"], serde_json::Value::Null);
}

/// The plan in the event: no plan, a plan without roaming, one with it, and an old event without the field.
fn plans() -> [(serde_json::Value, Option<ErrorCode>); 4] {
    let plan =
        |roaming: bool| json!({ "plan_id": "pln_01a19c21720070078d36e0dae3a0aa66", "roaming": roaming });
    let refused = Some(ErrorCode::PlanWithoutRoaming);
    [
        (json!({ "plan_id": null, "roaming": false }), None),
        (plan(false), refused),
        (plan(true), None),
        (serde_json::Value::Null, None),
    ]
}

#[tokio::test]
async fn a_pass_is_refused_where_the_members_plan_does_not_include_roaming() {
    let app = TestApp::open().await;
    for (plan, refused) in plans() {
        let member: MemberId = app.earlier_id();
        app.receive(app.joining_with(member, app.humpolec, &plan)).await;
        let issued = app.roaming.issue_roaming_pass(&app.system(), pass_for(member)).await;
        assert_eq!(issued.map_err(|error| error.code()).err(), refused, "{plan}");
    }
    assert_eq!(app.published("pass_issued").await.len(), 3);
}

#[tokio::test]
async fn an_old_event_that_comes_again_does_not_make_a_plan_unknown() {
    let app = TestApp::open().await;
    let member: MemberId = app.earlier_id();
    let here = json!({ "plan_id": "pln_01a19c21720070078d36e0dae3a0aa66", "roaming": false });
    for plan in [&here, &serde_json::Value::Null] {
        app.receive(app.joining_with(member, app.humpolec, plan)).await;
    }
    let refused = app.roaming.issue_roaming_pass(&app.system(), pass_for(member)).await;
    assert_eq!(refused.map_err(|error| error.code()).err(), Some(ErrorCode::PlanWithoutRoaming));
}

#[tokio::test]
async fn a_second_pass_is_refused_until_the_first_has_ended() {
    let app = TestApp::open().await;
    let operator = app.operator_of(app.humpolec);
    let first = issue(&app, &operator).await.expect("a pass");
    assert_eq!(issue(&app, &operator).await, Err(ErrorCode::Conflict));
    app.roaming.end_roaming_pass(&operator, first.id).await.expect("it ends");
    assert!(issue(&app, &operator).await.is_ok());
    let again = app.roaming.end_roaming_pass(&operator, first.id).await;
    assert!(matches!(again, Err(RoamingError::PassEnded(_))));
}

#[tokio::test]
async fn an_expired_pass_does_not_stand_in_the_way() {
    let app = TestApp::open().await;
    let operator = app.operator_of(app.humpolec);
    let until = at("2026-11-10T00:00:00Z");
    let cmd = IssueRoamingPass { valid_until: Some(until), ..pass_for(app.jana) };
    app.roaming.issue_roaming_pass(&operator, cmd).await.expect("a pass");
    assert_eq!(issue(&app, &operator).await, Err(ErrorCode::Conflict));
    app.clock.set(at("2026-11-11T00:00:00Z"));
    assert!(issue(&app, &operator.afresh()).await.is_ok());
    assert_eq!(app.published("pass_ended").await[0]["ended_at"], until.to_string());
}

#[tokio::test]
async fn a_pass_that_makes_no_sense_is_refused_by_field() {
    let app = TestApp::open().await;
    let operator = app.operator_of(app.humpolec);
    let refused =
        async |cmd| app.roaming.issue_roaming_pass(&operator, cmd).await.expect_err("bad input").to_string();
    let past = IssueRoamingPass { valid_until: Some(at("2026-11-01T00:00:00Z")), ..pass_for(app.jana) };
    assert!(refused(past).await.starts_with("validUntil: "));
    for minutes in [0, -1, 44_641] {
        let cmd = IssueRoamingPass { monthly_ceiling_minutes: Some(minutes), ..pass_for(app.jana) };
        assert!(refused(cmd).await.starts_with("monthlyCeilingMinutes: "));
    }
    assert!(app.published("pass_issued").await.is_empty());
}

#[tokio::test]
async fn only_the_staff_of_the_home_hub_gives_passes() {
    let app = TestApp::open().await;
    assert_eq!(issue(&app, &app.operator_of(app.piaseczno)).await, Err(ErrorCode::NotFound));
    assert_eq!(issue(&app, &app.member(app.jana, app.humpolec)).await, Err(ErrorCode::Forbidden));
    assert_eq!(issue(&app, &app.coordinator()).await, Err(ErrorCode::Forbidden));
    assert_eq!(issue(&app, &app.stranger()).await, Err(ErrorCode::NotFound));
    assert_eq!(issue(&app, &app.anonymous()).await, Err(ErrorCode::Unauthenticated));
    let runs_the_network = app.staff(Role::NetworkAdministrator, Place::Network(app.network));
    assert_eq!(issue(&app, &runs_the_network).await, Err(ErrorCode::Forbidden));
    assert!(issue(&app, &app.administrator_of(app.humpolec)).await.is_ok());
}

#[tokio::test]
async fn somebody_elses_pass_cannot_be_taken_back() {
    let app = TestApp::open().await;
    let pass = issue(&app, &app.system()).await.expect("a pass").id;
    let code = async |op: OpContext, pass: PassId| {
        app.roaming.end_roaming_pass(&op, pass).await.expect_err("refused").code()
    };
    assert_eq!(code(app.operator_of(app.piaseczno), pass).await, ErrorCode::NotFound);
    assert_eq!(code(app.stranger(), pass).await, ErrorCode::NotFound);
    assert_eq!(code(app.anonymous(), pass).await, ErrorCode::Unauthenticated);
    assert_eq!(code(app.operator_of(app.humpolec), app.earlier_id()).await, ErrorCode::NotFound);
    assert!(app.published("pass_ended").await.is_empty());
}

#[tokio::test]
async fn issuing_a_pass_waits_for_a_member_who_has_just_joined() {
    let app = TestApp::open().await;
    let newcomer: MemberId = kernel::Id::generate(&app.world);
    let operator = app.operator_of(app.humpolec);
    let (issued, ()) = tokio::join!(app.roaming.issue_roaming_pass(&operator, pass_for(newcomer)), async {
        tokio::task::yield_now().await;
        app.receive(app.joining(newcomer, app.humpolec)).await;
    });
    assert_eq!(issued.expect("a pass").member, newcomer);
}
