//! Idempotency (G3): the same request under the same `Idempotency-Key` has one effect and the same response.

mod accounts;
mod hub_changes;
pub(crate) mod mutations;

use futures_util::future::join_all;
use kernel::{Caller, Grant, Id, PersonId, Place, Role};
use platform_db::Reach;
use testkit::{Json, TestApp, TestHub, TestMember, json};

const CHIP: &str = "mutation($input: IssueChipInput!) { issueChip(input: $input) { chip { id issuedAt } } }";
const COPIES: usize = 16;

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_copies_of_a_request_have_one_effect_and_the_same_response() {
    let keys = if std::env::var_os("HUBNET_TEST_LONG").is_some() { 1_000 } else { 25 };
    let (app, hub, member) = setup().await;
    let operator = app.operator(&hub);
    for number in 0..keys {
        let input = chip(&member, number);
        let client = operator.with_idempotency_key(&format!("key-{number}"));
        let answers = join_all((0..COPIES).map(|_copy| client.ask(CHIP, input.clone()))).await;
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
        let other = chip(&member, number + 500_000);
        assert_eq!(client.refused(CHIP, other).await, "IDEMPOTENCY_CONFLICT");
    }
    app.drain().await;
    assert_eq!(rows(&app, &hub, "credential").await, i64::from(keys) + 1, "one chip a key, and their first");
    assert_eq!(rows(&app, &hub, "audit where action = 'chip.issued'").await, i64::from(keys) + 1);
    assert_eq!(rows(&app, &hub, "idempotency").await, i64::from(keys));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idempotency_key_belongs_to_one_caller_and_one_operation() {
    let (app, hub, member) = setup().await;
    let (one, other) = (app.operator(&hub), app.operator(&hub));
    let first = one.with_idempotency_key("k").ask(CHIP, chip(&member, 1)).await;
    let second = other.with_idempotency_key("k").ask(CHIP, chip(&member, 2)).await;
    assert_ne!(first, second, "another caller's key is another key");
    let revoke = "mutation($id: ID!) { revokeChip(input: { chipId: $id }) { chip { id } } }";
    one.with_idempotency_key("k").ask(revoke, json!({ "id": member.chip_id })).await;
    assert_eq!(one.with_idempotency_key("k").ask(CHIP, chip(&member, 1)).await, first);
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_request_leaves_its_idempotency_key_unused() {
    let (app, hub, member) = setup().await;
    let client = app.operator(&hub).with_idempotency_key("k");
    let taken = json!({ "input": { "memberId": member.id, "number": member.chip } });
    assert_eq!(client.refused(CHIP, taken).await, "CONFLICT");
    client.ask(CHIP, chip(&member, 1)).await;
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_lost_the_right_gets_no_stored_outcome_by_repeating() {
    let (app, hub, member) = setup().await;
    let person = PersonId::generate(app.services().world());
    let at = Place::Hub(hub.id.parse().expect("an id"));
    let network = hub.network.parse().expect("an id");
    let caller = |role| {
        let caller = Caller::Person { person, network, member: None, grants: vec![Grant { role, at }] };
        app.client(caller).with_idempotency_key("k")
    };
    caller(Role::Operator).ask(CHIP, chip(&member, 1)).await;
    assert_eq!(caller(Role::Coordinator).refused(CHIP, chip(&member, 1)).await, "FORBIDDEN");
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_idempotency_key_is_refused_and_nothing_is_done() {
    let (app, hub, member) = setup().await;
    let operator = app.operator(&hub);
    for key in ["", "with space", "háček", "new\nline", "nul\0", &"k".repeat(61)] {
        let client = operator.with_idempotency_key(key);
        assert_eq!(client.refused(CHIP, chip(&member, 1)).await, "INVALID_INPUT", "{key:?}");
    }
    operator.with_idempotency_key(&"k".repeat(60)).ask(CHIP, chip(&member, 1)).await;
    app.drain().await;
    assert_eq!(rows(&app, &hub, "credential").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idempotency_key_is_kept_for_two_days() {
    let (app, hub, member) = setup().await;
    let client = app.operator(&hub).with_idempotency_key("k");
    let first = client.ask(CHIP, chip(&member, 1)).await;
    app.pass_minutes(48 * 60 - 1);
    app.run_jobs_of("tidying").await;
    assert_eq!(client.ask(CHIP, chip(&member, 1)).await, first);
    // The next run of the hourly job.
    app.pass_minutes(61);
    app.run_jobs_of("tidying").await;
    assert_eq!(rows(&app, &hub, "idempotency").await, 0, "swept");
    assert_ne!(client.ask(CHIP, chip(&member, 2)).await, first, "the key is free again");
    app.drain().await;
}

async fn setup() -> (TestApp, TestHub, TestMember) {
    let app = TestApp::new().await;
    let hub = app.hub(&app.network("n").await, "home").await;
    let member = app.member(&hub, "Eva").await;
    (app, hub, member)
}

fn chip(member: &TestMember, number: u32) -> Json {
    json!({ "input": { "memberId": member.id, "number": format!("04AA{number:08X}") } })
}

async fn rows(app: &TestApp, hub: &TestHub, from: &str) -> i64 {
    let reach = Reach::Network(hub.network.parse().expect("an id"));
    let tx = app.services().databases()[0].read(reach).await.expect("a transaction");
    let row = tx.row(&format!("select count(*) as many from {from}"), []).await.expect("a row");
    row.expect("a count").try_get("", "many").expect("a number")
}
