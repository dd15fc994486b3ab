//! Who may give, see and take back the right to roam.

use kernel::{Coded, ErrorCode, MemberId, PassId, Place, Role, Scope};
use roaming::{IssueRoamingPass, PassStatus, RoamingError, RoamingPass};
use serde_json::json;

use crate::house::{House, at};

fn pass_for(member: MemberId) -> IssueRoamingPass {
    IssueRoamingPass { member, valid_from: None, valid_until: None, monthly_ceiling_minutes: Some(1_200) }
}

async fn issue(house: &House, scope: &Scope) -> Result<RoamingPass, ErrorCode> {
    let issued = house.roaming.issue_roaming_pass(scope, pass_for(house.jana)).await;
    issued.map_err(|error| error.code())
}

#[tokio::test]
async fn the_home_hubs_operator_gives_a_member_a_pass_and_the_others_are_told() {
    let house = House::open().await;
    let pass = issue(&house, &house.operator_of(house.humpolec)).await.expect("a pass");
    assert_eq!(pass.status(house.world.now()), PassStatus::Active);
    let told = house.told("pass_issued").await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["member_id"], house.jana.to_string());
    assert_eq!(told[0]["valid_until"], serde_json::Value::Null);
}

/// What the event says of a plan: none taken, one without roaming, one with it, and an old event that says nothing.
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
    let house = House::open().await;
    for (plan, refused) in plans() {
        let member: MemberId = house.unheard_of();
        house.hear(house.joining_with(member, house.humpolec, &plan)).await;
        let issued = house.roaming.issue_roaming_pass(&house.system(), pass_for(member)).await;
        assert_eq!(issued.map_err(|error| error.code()).err(), refused, "{plan}");
    }
    assert_eq!(house.told("pass_issued").await.len(), 3);
}

#[tokio::test]
async fn an_old_event_that_comes_again_does_not_make_a_plan_unknown() {
    let house = House::open().await;
    let member: MemberId = house.unheard_of();
    let here = json!({ "plan_id": "pln_01a19c21720070078d36e0dae3a0aa66", "roaming": false });
    for plan in [&here, &serde_json::Value::Null] {
        house.hear(house.joining_with(member, house.humpolec, plan)).await;
    }
    let refused = house.roaming.issue_roaming_pass(&house.system(), pass_for(member)).await;
    assert_eq!(refused.map_err(|error| error.code()).err(), Some(ErrorCode::PlanWithoutRoaming));
}

#[tokio::test]
async fn a_second_pass_is_refused_until_the_first_has_ended() {
    let house = House::open().await;
    let operator = house.operator_of(house.humpolec);
    let first = issue(&house, &operator).await.expect("a pass");
    assert_eq!(issue(&house, &operator).await, Err(ErrorCode::Conflict));
    house.roaming.end_roaming_pass(&operator, first.id).await.expect("it ends");
    assert!(issue(&house, &operator).await.is_ok());
    let again = house.roaming.end_roaming_pass(&operator, first.id).await;
    assert!(matches!(again, Err(RoamingError::PassEnded(_))));
}

#[tokio::test]
async fn an_expired_pass_does_not_stand_in_the_way() {
    let house = House::open().await;
    let operator = house.operator_of(house.humpolec);
    let until = at("2026-11-10T00:00:00Z");
    let cmd = IssueRoamingPass { valid_until: Some(until), ..pass_for(house.jana) };
    house.roaming.issue_roaming_pass(&operator, cmd).await.expect("a pass");
    assert_eq!(issue(&house, &operator).await, Err(ErrorCode::Conflict));
    house.clock.set(at("2026-11-11T00:00:00Z"));
    assert!(issue(&house, &operator.afresh()).await.is_ok());
    assert_eq!(house.told("pass_ended").await[0]["ended_at"], until.to_string());
}

#[tokio::test]
async fn a_pass_that_makes_no_sense_is_refused_by_field() {
    let house = House::open().await;
    let operator = house.operator_of(house.humpolec);
    let refused = async |cmd| {
        house.roaming.issue_roaming_pass(&operator, cmd).await.expect_err("bad input").to_string()
    };
    let past = IssueRoamingPass { valid_until: Some(at("2026-11-01T00:00:00Z")), ..pass_for(house.jana) };
    assert!(refused(past).await.starts_with("validUntil: "));
    for minutes in [0, -1, 44_641] {
        let cmd = IssueRoamingPass { monthly_ceiling_minutes: Some(minutes), ..pass_for(house.jana) };
        assert!(refused(cmd).await.starts_with("monthlyCeilingMinutes: "));
    }
    assert!(house.told("pass_issued").await.is_empty());
}

#[tokio::test]
async fn only_the_staff_of_the_home_hub_gives_passes() {
    let house = House::open().await;
    assert_eq!(issue(&house, &house.operator_of(house.piaseczno)).await, Err(ErrorCode::NotFound));
    assert_eq!(issue(&house, &house.member(house.jana, house.humpolec)).await, Err(ErrorCode::Forbidden));
    assert_eq!(issue(&house, &house.coordinator()).await, Err(ErrorCode::Forbidden));
    assert_eq!(issue(&house, &house.stranger()).await, Err(ErrorCode::NotFound));
    assert_eq!(issue(&house, &house.anonymous()).await, Err(ErrorCode::Unauthenticated));
    let runs_the_network = house.staff(Role::NetworkAdministrator, Place::Network(house.network));
    assert_eq!(issue(&house, &runs_the_network).await, Err(ErrorCode::Forbidden));
    assert!(issue(&house, &house.administrator_of(house.humpolec)).await.is_ok());
}

#[tokio::test]
async fn somebody_elses_pass_cannot_be_taken_back() {
    let house = House::open().await;
    let pass = issue(&house, &house.system()).await.expect("a pass").id;
    let code = async |scope: Scope, pass: PassId| {
        house.roaming.end_roaming_pass(&scope, pass).await.expect_err("refused").code()
    };
    assert_eq!(code(house.operator_of(house.piaseczno), pass).await, ErrorCode::NotFound);
    assert_eq!(code(house.stranger(), pass).await, ErrorCode::NotFound);
    assert_eq!(code(house.anonymous(), pass).await, ErrorCode::Unauthenticated);
    assert_eq!(code(house.operator_of(house.humpolec), house.unheard_of()).await, ErrorCode::NotFound);
    assert!(house.told("pass_ended").await.is_empty());
}

#[tokio::test]
async fn a_member_that_membership_told_of_a_moment_ago_is_waited_for() {
    let house = House::open().await;
    let newcomer: MemberId = kernel::Id::generate(&house.world);
    let operator = house.operator_of(house.humpolec);
    let (issued, ()) = tokio::join!(house.roaming.issue_roaming_pass(&operator, pass_for(newcomer)), async {
        tokio::task::yield_now().await;
        house.hear(house.joining(newcomer, house.humpolec)).await;
    });
    assert_eq!(issued.expect("a pass").member, newcomer);
}
