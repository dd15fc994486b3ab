//! Concurrent changes to one person: every decision is based on locked rows, or on rows that are checked again when
//! they are written.
//!
//! Always true: after an erasure there is no open visit, no personal data and no later touch of the person, even if
//! others touched a reader, uploaded a log, gave a chip or revoked one at the same time.

use futures_util::future::join_all;
use kernel::{MemberId, NetworkId};
use platform_db::{Db, Reach};
use testkit::{Client, Json, TestApp, TestHub, TestMember, json};
use uuid::Uuid;

const ROUNDS: usize = 16;
const ERASE: &str = "mutation($input: EraseMemberInput!) { eraseMember(input: $input) { memberId } }";
const TOUCH: &str =
    "mutation($input: TouchInput!) { checkIn(input: $input) { __typename ... on Denied { reason } } }";
const LEAVE: &str = "mutation($input: TouchInput!) { checkOut(input: $input) { __typename } }";
const UPLOAD: &str = "mutation($input: UploadDeviceLogInput!) { uploadDeviceLog(input: $input) { taken } }";
const ISSUE: &str = "mutation($input: IssueChipInput!) { issueChip(input: $input) { chip { id } } }";
const REVOKE: &str = "mutation($id: ID!) { revokeChip(input: { chipId: $id }) { chip { id } } }";
const PASS: &str =
    "mutation($input: IssueRoamingPassInput!) { issueRoamingPass(input: $input) { pass { id } } }";

/// Returns the database with a table.
async fn database_with<'a>(app: &'a TestApp, network: NetworkId, table: &str) -> &'a Db {
    for db in app.services().databases() {
        let tx = db.read(Reach::Network(network)).await.expect("a transaction");
        if tx.row(&format!("select 1 as one from {table} limit 1"), []).await.is_ok() {
            return db;
        }
    }
    panic!("no database has {table}");
}

/// Counts rows of a member that satisfy a condition.
async fn count(app: &TestApp, member: &TestMember, which: &str) -> i64 {
    let network: NetworkId = member.home.network.parse().expect("an id");
    let id: MemberId = member.id.parse().expect("an id");
    let table = which.split(' ').next().unwrap_or_default();
    let db = database_with(app, network, table).await;
    let tx = db.read(Reach::Network(network)).await.expect("a transaction");
    let sql = format!("select count(*) as rows_found from {which}");
    let row = tx.row(&sql, [Uuid::from(id).into()]).await.expect("a count").expect("a row");
    row.try_get("", "rows_found").expect("a number")
}

/// Codes with which a request of the race may be refused: the person was erased before it, or their chip was.
fn is_answered(answer: &Json) -> bool {
    let code = answer["errors"][0]["extensions"]["code"].as_str();
    code.is_none_or(|code| code == "NOT_FOUND")
}

async fn nothing_is_left(app: &TestApp, hub: &TestHub, member: &TestMember, round: usize) {
    let open = "visit where member_id = $1 and ended_at is null and not annulled";
    assert_eq!(count(app, member, open).await, 0, "open visits in round {round}");
    for named in [
        "touch where member_id = $1 and (event_id not like 'erased:%' or proof is not null)",
        "credential where member_id = $1 and (number_hash not like 'erased:%' or ending <> '' or revoked_at is null)",
        "roaming_pass_copy where member_id = $1 and valid_until is null",
        "roaming_pass where member_id = $1 and ended_at is null",
        "person p join member m on m.person_id = p.person_id where m.member_id = $1 and (p.erased_at is null or p.name <> '')",
    ] {
        assert_eq!(count(app, member, named).await, 0, "{named} in round {round}");
    }
    let touches = count(app, member, "touch where member_id = $1").await;
    assert_eq!(app.check_in(hub, member).await["reason"], "UNKNOWN_CREDENTIAL", "in round {round}");
    for (client, document) in [(app.operator(hub), TOUCH), (app.operator(hub), LEAVE)] {
        client.ask(document, json!({ "input": { "hubId": hub.id, "memberId": member.id } })).await;
    }
    let later = count(app, member, "touch where member_id = $1").await;
    assert_eq!(later, touches, "a later touch is nobody's, in round {round}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_erased_while_their_chip_is_read_is_in_no_hub_and_leaves_no_trace() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let hub = app.hub_with(&network, "home", json!({ "capacity": 100 })).await;
    let clients = [app.system(), app.another_process().await];
    for round in 0..ROUNDS {
        let member = app.member(&hub, &format!("Eva {round}")).await;
        if round % 3 > 0 {
            // In the admission cache, and inside in every third round.
            app.check_in(&hub, &member).await;
            app.pass_minutes(1);
            if round % 3 == 1 {
                app.check_out(&hub, &member).await;
                app.pass_minutes(1);
            }
        }
        let erase = async |client: &Client| {
            let erased = client.response(ERASE, json!({ "input": { "memberId": member.id } })).await;
            assert!(erased["errors"].is_null(), "{erased} in round {round}");
        };
        let touch = async |place: usize| {
            for step in 0..3 {
                let document = if (place + step) % 3 == 2 { LEAVE } else { TOUCH };
                let input = json!({ "hubId": hub.id, "chip": member.chip, "eventId": format!("{}-{place}-{step}", member.email) });
                let answer = clients[place % 2].response(document, json!({ "input": input })).await;
                assert!(is_answered(&answer), "{answer} in round {round}");
            }
        };
        let upload = async {
            let line = json!({ "eventId": member.email, "at": app.now(), "credential": member.chip, "direction": "IN" });
            let input = json!({ "hubId": hub.id, "device": "reception", "lines": [line] });
            let answer = clients[1].response(UPLOAD, json!({ "input": input })).await;
            assert!(is_answered(&answer), "{answer} in round {round}");
        };
        let issue = async {
            let number = format!("04DD{round:010X}");
            let input = json!({ "memberId": member.id, "number": number });
            let answer = clients[1].response(ISSUE, json!({ "input": input })).await;
            assert!(is_answered(&answer), "{answer} in round {round}");
        };
        let revoke = async {
            if round % 2 == 0 {
                let answer = clients[0].response(REVOKE, json!({ "id": member.chip_id })).await;
                assert!(is_answered(&answer), "{answer} in round {round}");
            }
        };
        tokio::join!(
            join_all((0..3).map(touch)),
            upload,
            erase(&clients[round % 2]),
            issue,
            revoke,
            join_all((3..6).map(touch)),
        );
        app.drain().await;
        nothing_is_left(&app, &hub, &member, round).await;
    }
    app.drain().await;
}

/// The event of the pass arrives after the erasure of its bearer: the pass ends.
#[tokio::test(flavor = "multi_thread")]
async fn a_pass_event_that_arrives_after_an_erasure_admits_nobody() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let hub = app.hub(&network, "home").await;
    for round in 0..4 {
        let member = app.member(&hub, &format!("Eva {round}")).await;
        let pass = async {
            let answer = app.system().response(PASS, json!({ "input": { "memberId": member.id } })).await;
            assert!(is_answered(&answer), "{answer}");
        };
        let erase = async {
            app.system().ask(ERASE, json!({ "input": { "memberId": member.id } })).await;
        };
        tokio::join!(pass, erase);
        app.drain().await;
        nothing_is_left(&app, &hub, &member, round).await;
    }
    app.drain().await;
}

/// The closing of a forgotten visit and a simultaneous check-out agree on one end of the visit.
#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_visit_and_a_late_check_out_at_the_same_moment_end_it_once() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let hub = app.hub(&network, "home").await;
    let member = app.member(&hub, "Eva").await;
    for round in 0..ROUNDS {
        app.set_clock(&format!("2026-11-{:02}T10:00:00Z", round + 3));
        assert_eq!(app.check_in(&hub, &member).await["__typename"], "CheckedIn", "in round {round}");
        app.set_clock(&format!("2026-11-{:02}T19:30:00Z", round + 3));
        let (_, left) = tokio::join!(app.close_forgotten_visits(), app.check_out(&hub, &member));
        assert!(
            ["CheckedOut", "NothingOpen"].contains(&left["__typename"].as_str().expect("a name")),
            "{left}"
        );
        let open = "visit where member_id = $1 and ended_at is null and not annulled";
        assert_eq!(count(&app, &member, open).await, 0, "in round {round}");
        app.drain().await;
    }
    assert_eq!(
        count(&app, &member, "visit where member_id = $1 and not annulled").await,
        i64::try_from(ROUNDS).expect("few")
    );
}

/// A seat that is booked during an erasure is released, in whatever order the events arrive.
#[tokio::test(flavor = "multi_thread")]
async fn a_seat_booked_during_an_erasure_is_free_again() {
    const SEAT: &str = "mutation($input: TakeSeatInput!) { takeSeat(input: $input) { __typename } }";
    const PUBLISH: &str =
        "mutation($input: PublishEventInput!) { publishEvent(input: $input) { event { id } } }";
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let hub = app.hub(&network, "home").await;
    let input = json!({ "input": {
        "hubId": hub.id, "title": "Lecture", "summary": "Somebody speaks.", "kind": "LECTURE", "language": "cs",
        "startsAt": "2026-11-04T15:30:00Z", "endsAt": "2026-11-04T17:00:00Z", "capacity": 6,
    } });
    let event = app.system().ask(PUBLISH, input).await["publishEvent"]["event"]["id"].clone();
    app.drain().await;
    for round in 0..ROUNDS {
        let member = app.member(&hub, &format!("Eva {round}")).await;
        let erase = async {
            app.system().ask(ERASE, json!({ "input": { "memberId": member.id } })).await;
            app.drain().await;
        };
        let seats = async {
            for _again in 0..3 {
                let input = json!({ "input": { "eventId": event, "memberId": member.id } });
                let answer = app.system().response(SEAT, input).await;
                assert!(is_answered(&answer), "{answer} in round {round}");
            }
        };
        tokio::join!(erase, seats);
        app.drain().await;
        let free = "query($id: ID!) { event(id: $id) { seatsFree } }";
        let free = app.anonymous().ask(free, json!({ "id": event })).await["event"]["seatsFree"].clone();
        assert_eq!(free, 6, "in round {round}");
    }
}
