//! Presence: who is admitted, when a visit begins and ends, and that a touch counts once whatever happens on its way.

use futures_util::future::join_all;
use testkit::{Json, TestApp, TestHub, TestMember, json};

const UPLOAD: &str = "mutation($input: UploadDeviceLogInput!) { uploadDeviceLog(input: $input) { \
    taken denied { line reason } refused { line code } } }";
const VISITS: &str = "query($id: ID!) { hub(id: $id) { visits(first: 100) { edges { node { \
    startedAt endedAt endedBy minutes member { id } } } } } }";

fn line(event_id: &str, at: &str, member: &TestMember, direction: &str) -> Json {
    json!({ "eventId": event_id, "at": at, "credential": member.chip, "direction": direction })
}

async fn upload(app: &TestApp, hub: &TestHub, lines: &[Json]) -> Json {
    let input = json!({ "hubId": hub.id, "device": "reception", "lines": lines });
    app.operator(hub).ask(UPLOAD, json!({ "input": input })).await["uploadDeviceLog"].clone()
}

async fn visits(app: &TestApp, hub: &TestHub) -> Vec<Json> {
    let data = app.operator(hub).ask(VISITS, json!({ "id": hub.id })).await;
    let edges = data["hub"]["visits"]["edges"].as_array().expect("visits").clone();
    edges.into_iter().map(|edge| edge["node"].clone()).collect()
}

/// Returns every charge of a member in minor units, with credits.
async fn charged(app: &TestApp, member: &TestMember) -> Vec<i64> {
    let asked = "{ me { member { charges(first: 100) { edges { node { amount { minor } } } } } } }";
    let data = app.as_member(member).ask(asked, json!({})).await;
    let edges = data["me"]["member"]["charges"]["edges"].as_array().expect("charges").clone();
    edges.iter().map(|edge| edge["node"]["amount"]["minor"].as_i64().expect("a number")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_checks_in_at_home_and_a_second_touch_finds_them_there() {
    let app = TestApp::new().await;
    let hub = app.hub(&app.network("n").await, "home").await;
    let member = app.member(&hub, "Jan").await;
    let first = app.check_in(&hub, &member).await;
    let second = app.check_in(&hub, &member).await;
    assert_eq!(
        (first["__typename"].as_str(), second["__typename"].as_str()),
        (Some("CheckedIn"), Some("AlreadyIn"))
    );
    assert_eq!(first["visit"]["id"], second["visit"]["id"]);
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_member_gets_a_coded_reason() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let (home, away) = (app.hub(&network, "home").await, app.hub(&network, "away").await);
    let member = app.member(&home, "Jan").await;
    let stranger = TestMember { chip: "0400000000000000".into(), ..member.clone() };
    assert_eq!(app.check_in(&home, &stranger).await["reason"], "UNKNOWN_CREDENTIAL");
    assert_eq!(app.check_in(&away, &member).await["reason"], "NO_ROAMING_PASS");
    app.set_clock("2026-11-02T21:00:00Z");
    assert_eq!(app.check_in(&home, &member).await["reason"], "HUB_CLOSED");
    assert!(visits(&app, &home).await.is_empty(), "a denial opens no visit");
}

/// Sunrise is where the hub stands, and differs from day to day.
#[tokio::test(flavor = "multi_thread")]
async fn a_hub_open_from_sunrise_to_sunset_admits_by_the_sun_of_its_place() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let position = json!({ "latitude": "49.5", "longitude": "15.3" });
    let by_the_sun = json!({ "openingHours": "sunrise-sunset", "position": position });
    let hub = app.hub_with(&network, "home", by_the_sun).await;
    let member = app.member(&hub, "Jan").await;
    for (at, outcome) in [
        ("2026-11-27T06:10:00Z", "Denied"),
        ("2026-11-27T07:10:00Z", "CheckedIn"),
        ("2026-11-27T17:30:00Z", "Denied"),
        ("2027-06-21T03:30:00Z", "CheckedIn"),
    ] {
        app.set_clock(at);
        let answer = app.check_in(&hub, &member).await;
        assert_eq!(answer["__typename"], outcome, "at {at}: {answer}");
        if outcome == "Denied" {
            assert_eq!(answer["reason"], "HUB_CLOSED");
        } else {
            app.pass_minutes(30);
            app.check_out(&hub, &member).await;
        }
    }
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_chip_opens_no_hub_of_the_network() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let (home, away) = (app.hub(&network, "home").await, app.hub(&network, "away").await);
    let member = app.roaming_member(&home, "Jan").await;
    let revoke = "mutation($id: ID!) { revokeChip(input: { chipId: $id }) { chip { revokedAt } } }";
    app.operator(&home).ask(revoke, json!({ "id": member.chip_id })).await;
    assert_eq!(app.check_in(&home, &member).await["reason"], "REVOKED_CREDENTIAL");
    assert_eq!(app.check_in(&away, &member).await["reason"], "REVOKED_CREDENTIAL");
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_hub_lets_nobody_in_until_somebody_leaves() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let hub = app.hub_with(&network, "small", json!({ "capacity": 1 })).await;
    let (first, second) = (app.member(&hub, "Jan").await, app.member(&hub, "Eva").await);
    app.recount().await;
    app.check_in(&hub, &first).await;
    assert_eq!(app.check_in(&hub, &second).await["reason"], "HUB_FULL");
    app.check_out(&hub, &first).await;
    assert_eq!(app.check_in(&hub, &second).await["__typename"], "CheckedIn");
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn r1_checking_in_elsewhere_closes_the_earlier_visit_at_that_moment() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let (home, away) = (app.hub(&network, "home").await, app.hub(&network, "away").await);
    let member = app.roaming_member(&home, "Jan").await;
    app.check_in(&home, &member).await;
    app.pass_minutes(40);
    app.check_in(&away, &member).await;
    let at_home = visits(&app, &home).await;
    assert_eq!((&at_home[0]["endedBy"], &at_home[0]["minutes"]), (&json!("CHECK_IN_ELSEWHERE"), &json!(40)));
    assert_eq!(visits(&app, &away).await[0]["endedAt"], Json::Null);
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn r1_two_hubs_at_the_same_instant_leave_one_open_visit() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let (home, away) = (app.hub(&network, "home").await, app.hub(&network, "away").await);
    let member = app.roaming_member(&home, "Jan").await;
    join_all((0..8).map(|place| {
        let (app, member) = (&app, &member);
        let hub = if place % 2 == 0 { &home } else { &away };
        async move { app.check_in(hub, member).await }
    }))
    .await;
    let both = [visits(&app, &home).await, visits(&app, &away).await].concat();
    assert_eq!(both.iter().filter(|visit| visit["endedAt"].is_null()).count(), 1);
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn r2_sixteen_copies_of_one_touch_make_one_visit_and_get_the_same_response() {
    let app = TestApp::new().await;
    let hub = app.hub(&app.network("n").await, "home").await;
    let member = app.member(&hub, "Jan").await;
    let check_in = "mutation($input: TouchInput!) { checkIn(input: $input) { __typename ... on CheckedIn { visit { id } } } }";
    let input = json!({ "input": { "hubId": hub.id, "chip": member.chip, "eventId": "e-1" } });
    let client = app.operator(&hub);
    let answers = join_all((0..16).map(|_| client.ask(check_in, input.clone()))).await;
    assert!(answers.iter().all(|answer| answer == &answers[0]), "{answers:?}");
    assert_eq!(visits(&app, &hub).await.len(), 1);
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idempotency_key_makes_a_repeated_check_in_harmless() {
    let app = TestApp::new().await;
    let hub = app.hub(&app.network("n").await, "home").await;
    let member = app.member(&hub, "Jan").await;
    let touch =
        |name: &str| format!("mutation($input: TouchInput!) {{ {name}(input: $input) {{ __typename }} }}");
    let input = json!({ "input": { "hubId": hub.id, "chip": member.chip } });
    let client = app.operator(&hub).with_idempotency_key("k-1");
    for _repeated in 0..2 {
        let answer = client.ask(&touch("checkIn"), input.clone()).await;
        assert_eq!(answer["checkIn"]["__typename"], "CheckedIn");
    }
    assert_eq!(
        client.refused(&touch("checkOut"), input).await,
        "IDEMPOTENCY_CONFLICT",
        "the key belongs to a check-in"
    );
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn r2_a_log_gives_the_same_visits_in_every_order_and_however_often_it_is_sent() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let home = app.hub(&network, "home").await;
    let days = ["2026-10-29", "2026-10-30", "2026-10-31"];
    let mut found: Vec<Vec<Json>> = Vec::new();
    for (round, turn) in [0_usize, 3, 5, 8].into_iter().enumerate() {
        let hub = app.hub(&network, &format!("hub-{round}")).await;
        app.set_clock("2026-10-28T12:00:00Z");
        let member = app.member(&hub, &format!("Jan {round}")).await;
        app.set_clock("2026-11-02T12:00:00Z");
        let mut lines = Vec::new();
        for (day, date) in days.iter().enumerate() {
            lines.push(line(&format!("{day}-in"), &format!("{date}T08:00:00Z"), &member, "IN"));
            lines.push(line(&format!("{day}-again"), &format!("{date}T08:30:00Z"), &member, "IN"));
            lines.push(line(&format!("{day}-out"), &format!("{date}T11:00:00Z"), &member, "OUT"));
        }
        lines.rotate_left(turn);
        if round % 2 == 1 {
            lines.reverse();
        }
        // One by one, in this order, then the whole log once more.
        for one in lines.chunks(1).chain(std::iter::once(lines.as_slice())) {
            upload(&app, &hub, one).await;
            app.drain().await;
        }
        let seen = visits(&app, &hub).await.into_iter().map(|mut visit| {
            visit["member"] = Json::Null;
            visit
        });
        found.push(seen.collect());
    }
    assert_eq!(found[0].len(), days.len());
    assert!(found.iter().all(|visits| visits == &found[0]), "{found:#?}");
    drop(home);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_check_out_closes_when_the_hub_does() {
    let app = TestApp::new().await;
    let hub = app.hub(&app.network("n").await, "home").await;
    let member = app.member(&hub, "Jan").await;
    app.check_in(&hub, &member).await;
    assert_eq!(app.close_forgotten_visits().await, 0, "the hub is still open");
    app.set_clock("2026-11-02T19:30:00Z");
    assert_eq!(app.close_forgotten_visits().await, 1);
    let visit = visits(&app, &hub).await[0].clone();
    assert_eq!(
        (&visit["endedAt"], &visit["endedBy"]),
        (&json!("2026-11-02T19:00:00Z"), &json!("CLOSING_TIME"))
    );
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn r10_better_evidence_corrects_a_charged_visit_by_credit() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let (home, away) = (app.hub(&network, "home").await, app.hub(&network, "away").await);
    app.tariff(&away, "60.00").await;
    let member = app.roaming_member(&home, "Jan").await;
    app.check_in(&away, &member).await;
    app.set_clock("2026-11-02T19:30:00Z");
    app.close_forgotten_visits().await;
    app.drain().await;
    // 13:00 to 20:00 in Prague: seven hours.
    assert_eq!(charged(&app, &member).await, [42_000]);
    // The reader was offline: the member had left after two hours.
    app.set_clock("2026-11-03T07:00:00Z");
    upload(&app, &away, &[line("late", "2026-11-02T14:00:00Z", &member, "OUT")]).await;
    app.drain().await;
    let mut charges = charged(&app, &member).await;
    charges.sort_unstable();
    assert_eq!(charges, [-42_000, 12_000, 42_000], "a credit of the first, and the right one");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_touch_from_last_week_or_from_the_future_does_not_count() {
    let app = TestApp::new().await;
    let hub = app.hub(&app.network("n").await, "home").await;
    app.set_clock("2026-10-01T12:00:00Z");
    let member = app.member(&hub, "Jan").await;
    app.set_clock("2026-11-02T12:00:00Z");
    let answer = upload(
        &app,
        &hub,
        &[
            line("old", "2026-10-25T11:00:00Z", &member, "IN"),
            line("new", "2026-11-02T12:30:00Z", &member, "IN"),
            line(
                "odd",
                "2026-11-01T12:30:00Z",
                &TestMember { chip: "not a chip".into(), ..member.clone() },
                "IN",
            ),
        ],
    )
    .await;
    let denied = json!([{ "line": 0, "reason": "TOO_LATE" }, { "line": 1, "reason": "IN_THE_FUTURE" }]);
    assert_eq!(
        answer,
        json!({ "taken": 0, "denied": denied, "refused": [{ "line": 2, "code": "INVALID_INPUT" }] })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_id_used_for_somebody_else_is_a_conflict_and_checks_nobody_in() {
    let app = TestApp::new().await;
    let hub = app.hub(&app.network("n").await, "home").await;
    let (jan, eva) = (app.member(&hub, "Jan").await, app.member(&hub, "Eva").await);
    let check_in = "mutation($input: TouchInput!) { checkIn(input: $input) { __typename } }";
    let input =
        |member: &TestMember| json!({ "input": { "hubId": hub.id, "chip": member.chip, "eventId": "e-1" } });
    let client = app.operator(&hub);
    client.ask(check_in, input(&jan)).await;
    assert_eq!(client.refused(check_in, input(&eva)).await, "IDEMPOTENCY_CONFLICT");
    let answer = upload(
        &app,
        &hub,
        &[
            line("u-1", "2026-11-02T11:00:00Z", &jan, "OUT"),
            line("u-1", "2026-11-02T11:00:00Z", &eva, "OUT"),
            line("", "2026-11-02T11:00:00Z", &eva, "OUT"),
        ],
    )
    .await;
    let refused =
        json!([{ "line": 2, "code": "INVALID_INPUT" }, { "line": 1, "code": "IDEMPOTENCY_CONFLICT" }]);
    assert_eq!(answer, json!({ "taken": 1, "denied": [], "refused": refused }));
    assert_eq!(visits(&app, &hub).await.len(), 1);
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chip_given_to_somebody_else_counts_for_whoever_had_it_at_the_time() {
    let app = TestApp::new().await;
    let hub = app.hub(&app.network("n").await, "home").await;
    app.set_clock("2026-10-29T07:00:00Z");
    let bob = app.member(&hub, "Bob").await;
    let alice = app.member(&hub, "Alice").await;
    app.set_clock("2026-10-30T07:00:00Z");
    let revoke = "mutation($id: ID!) { revokeChip(input: { chipId: $id }) { chip { id } } }";
    app.operator(&hub).ask(revoke, json!({ "id": alice.chip_id })).await;
    let issue = "mutation($input: IssueChipInput!) { issueChip(input: $input) { chip { id } } }";
    app.operator(&hub).ask(issue, json!({ "input": { "memberId": bob.id, "number": alice.chip } })).await;
    app.set_clock("2026-11-02T12:00:00Z");
    upload(
        &app,
        &hub,
        &[
            line("1", "2026-10-29T09:00:00Z", &alice, "IN"),
            line("2", "2026-10-29T10:00:00Z", &alice, "OUT"),
            line("3", "2026-10-31T09:00:00Z", &alice, "IN"),
            line("4", "2026-10-31T10:00:00Z", &alice, "OUT"),
        ],
    )
    .await;
    let whose: Vec<Json> =
        visits(&app, &hub).await.into_iter().map(|visit| visit["member"]["id"].clone()).collect();
    assert_eq!(whose, [json!(bob.id), json!(alice.id)], "the latest first");
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_night_past_midnight_is_one_visit() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let hub = app.hub_with(&network, "night", json!({ "openingHours": "Mo-Su 18:00-02:00" })).await;
    app.set_clock("2026-10-28T12:00:00Z");
    let member = app.member(&hub, "Jan").await;
    app.set_clock("2026-11-02T12:00:00Z");
    // 19:00 to 01:30 in Prague, touched again at half past midnight; then an unmatched check-out much later.
    for one in [
        line("1", "2026-10-30T18:00:00Z", &member, "IN"),
        line("2", "2026-10-30T23:30:00Z", &member, "IN"),
        line("3", "2026-10-31T00:30:00Z", &member, "OUT"),
        line("4", "2026-11-01T11:10:00Z", &member, "OUT"),
    ] {
        upload(&app, &hub, &[one]).await;
    }
    let found = visits(&app, &hub).await;
    assert_eq!((found.len(), &found[0]["minutes"]), (1, &json!(390)));
    app.drain().await;
}

/// R23: a reader whose clock is fast reports an arrival in the future; the check-out right after it closes it.
#[tokio::test(flavor = "multi_thread")]
async fn r23_no_touch_happens_after_it_was_received() {
    let app = TestApp::new().await;
    let hub = app.hub(&app.network("n").await, "home").await;
    let member = app.member(&hub, "Jan").await;
    let check_in = "mutation($input: TouchInput!) { checkIn(input: $input) { ... on CheckedIn { visit { startedAt } } } }";
    let ahead = app.now() + jiff::SignedDuration::from_mins(4);
    for round in 0..3 {
        let input =
            json!({ "hubId": hub.id, "chip": member.chip, "eventId": format!("{round}"), "at": ahead });
        let received_at = app.now();
        let entered = app.system().ask(check_in, json!({ "input": input })).await;
        assert_eq!(entered["checkIn"]["visit"]["startedAt"], json!(received_at), "in round {round}");
        let left = app.check_out(&hub, &member).await;
        assert_eq!((&left["__typename"], &left["visit"]["minutes"]), (&json!("CheckedOut"), &json!(0)));
        app.pass_minutes(1);
    }
    app.drain().await;
}

/// Two devices of a hub, one of whose clocks is two minutes fast: a member who enters by one and leaves by the other
/// is not billed until closing, in whatever order the logs arrive.
#[tokio::test(flavor = "multi_thread")]
async fn r23_clocks_that_differ_bill_nobody_until_closing() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let devices =
        json!([{ "code": "reception", "kind": "READER" }, { "code": "backdoor", "kind": "READER" }]);
    for (round, order) in [["reception", "backdoor"], ["backdoor", "reception"]].into_iter().enumerate() {
        let hub = app.hub_with(&network, &format!("hub-{round}"), json!({ "devices": devices })).await;
        app.set_clock("2026-10-28T12:00:00Z");
        let member = app.member(&hub, &format!("Jan {round}")).await;
        app.set_clock("2026-11-02T12:00:00Z");
        for device in order {
            let one = if device == "reception" {
                line("a", "2026-10-30T10:04:00Z", &member, "IN")
            } else {
                line("b", "2026-10-30T10:02:00Z", &member, "OUT")
            };
            let input = json!({ "hubId": hub.id, "device": device, "lines": [one] });
            app.operator(&hub).ask(UPLOAD, json!({ "input": input })).await;
            app.drain().await;
        }
        // A later upload evaluates the day again, with the same result.
        upload(&app, &hub, &[line("c", "2026-10-31T10:00:00Z", &member, "IN")]).await;
        upload(&app, &hub, &[line("d", "2026-10-31T11:00:00Z", &member, "OUT")]).await;
        let minutes: Vec<Json> =
            visits(&app, &hub).await.into_iter().map(|visit| visit["minutes"].clone()).collect();
        assert_eq!(minutes, [60, 0], "in round {round}");
        app.drain().await;
    }
}

/// R23: an event id identifies one touch. A reader that restarts its numbering after a reset loses nothing silently.
#[tokio::test(flavor = "multi_thread")]
async fn r23_an_event_id_that_comes_again_with_another_time_is_a_conflict() {
    let app = TestApp::new().await;
    let hub = app.hub(&app.network("n").await, "home").await;
    app.set_clock("2026-10-28T12:00:00Z");
    let member = app.member(&hub, "Jan").await;
    app.set_clock("2026-11-02T12:00:00Z");
    let first =
        [line("1", "2026-10-29T08:00:00Z", &member, "IN"), line("2", "2026-10-29T09:00:00Z", &member, "OUT")];
    let taken = json!({ "taken": 2, "denied": [], "refused": [] });
    assert_eq!(upload(&app, &hub, &first).await, taken);
    assert_eq!(upload(&app, &hub, &first).await, taken, "the same lines again are the same touches");
    let reset =
        [line("1", "2026-10-31T08:00:00Z", &member, "IN"), line("2", "2026-10-31T11:00:00Z", &member, "OUT")];
    let conflict = |line: i64| json!({ "line": line, "code": "IDEMPOTENCY_CONFLICT" });
    let refused = json!({ "taken": 0, "denied": [], "refused": [conflict(0), conflict(1)] });
    assert_eq!(upload(&app, &hub, &reset).await, refused);
    let twice =
        [line("3", "2026-10-31T08:00:00Z", &member, "IN"), line("3", "2026-10-31T09:00:00Z", &member, "IN")];
    let refused = json!({ "taken": 1, "denied": [], "refused": [conflict(1)] });
    assert_eq!(upload(&app, &hub, &twice).await, refused, "also within one log");
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn r23_a_key_or_event_id_with_another_time_or_chip_is_a_conflict_at_the_reader() {
    let app = TestApp::new().await;
    let hub = app.hub(&app.network("n").await, "home").await;
    let member = app.member(&hub, "Jan").await;
    let issue = "mutation($input: IssueChipInput!) { issueChip(input: $input) { chip { id } } }";
    let second_chip = json!({ "input": { "memberId": member.id, "number": "04DDDDDDDDDDDD" } });
    app.operator(&hub).ask(issue, second_chip).await;
    app.check_in(&hub, &member).await;
    app.pass_minutes(1);
    app.check_out(&hub, &member).await;
    let check_in = "mutation($input: TouchInput!) { checkIn(input: $input) { __typename } }";
    let touch = |chip: &str, at: Json, event_id: Json| json!({ "input": { "hubId": hub.id, "chip": chip, "at": at, "eventId": event_id } });
    for (client, id) in [
        (app.system(), json!("e-1")),
        (app.operator(&hub), json!("e-1")),
        (app.system().with_idempotency_key("k-1"), Json::Null),
    ] {
        app.pass_minutes(1);
        let at = json!(app.now());
        for _repeated in 0..2 {
            client.ask(check_in, touch(&member.chip, at.clone(), id.clone())).await;
            app.pass_minutes(1);
        }
        let earlier = json!(app.now() - jiff::SignedDuration::from_mins(30));
        let later = json!(app.now());
        for another in [
            touch(&member.chip, later.clone(), id.clone()),
            touch(&member.chip, earlier, id.clone()),
            touch("04DDDDDDDDDDDD", at.clone(), id.clone()),
            touch("04EEEEEEEEEEEE", at.clone(), id.clone()),
        ] {
            assert_eq!(client.refused(check_in, another.clone()).await, "IDEMPOTENCY_CONFLICT", "{another}");
        }
    }
    app.drain().await;
}

/// A reader whose touch was not acknowledged writes it to its log, with its time: it is the same touch.
#[tokio::test(flavor = "multi_thread")]
async fn a_touch_without_a_time_that_comes_again_in_a_log_counts_once() {
    let app = TestApp::new().await;
    let hub = app.hub(&app.network("n").await, "home").await;
    let member = app.member(&hub, "Jan").await;
    let client = app.operator(&hub);
    let check_in = "mutation($input: TouchInput!) { checkIn(input: $input) { __typename ... on CheckedIn { visit { id } } } }";
    let input =
        |at: Json| json!({ "input": { "hubId": hub.id, "chip": member.chip, "eventId": "e", "at": at } });
    let came = app.now();
    let entered = client.ask(check_in, input(Json::Null)).await;
    app.pass_minutes(90);
    assert_eq!(client.ask(check_in, input(json!(came - jiff::SignedDuration::from_secs(2)))).await, entered);
    assert_eq!(client.ask(check_in, input(Json::Null)).await, entered);
    let yesterday = json!(came - jiff::SignedDuration::from_hours(24));
    assert_eq!(client.refused(check_in, input(yesterday)).await, "IDEMPOTENCY_CONFLICT");
    app.drain().await;
}

/// A reader with a resolution of minutes: out and in again within one minute. Both hours count, in whatever order and
/// pieces the log arrives.
#[tokio::test(flavor = "multi_thread")]
async fn out_and_in_again_in_one_instant_count_both_hours_in_every_order() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let hub = app.hub(&network, "home").await;
    for round in 0_usize..12 {
        app.set_clock("2026-10-28T12:00:00Z");
        let member = app.member(&hub, &format!("Jan {round}")).await;
        app.set_clock("2026-11-02T12:00:00Z");
        let mut lines = [
            line(&format!("{round}-1"), "2026-10-30T08:00:00Z", &member, "IN"),
            line(&format!("{round}-2"), "2026-10-30T09:00:00Z", &member, "OUT"),
            line(&format!("{round}-3"), "2026-10-30T09:00:00Z", &member, "IN"),
            line(&format!("{round}-4"), "2026-10-30T10:00:00Z", &member, "OUT"),
        ];
        lines.rotate_left(round % 4);
        if round >= 8 {
            lines.swap(0, 2);
        }
        for piece in lines.chunks(1 + round % 3) {
            upload(&app, &hub, piece).await;
        }
        let own = visits(&app, &hub).await.into_iter().filter(|visit| visit["member"]["id"] == member.id);
        let minutes: Vec<Json> = own.map(|visit| visit["minutes"].clone()).collect();
        assert_eq!(minutes, [60, 60], "in round {round}");
    }
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chip_number_with_a_lost_zero_is_refused_where_it_is_given() {
    let app = TestApp::new().await;
    let hub = app.hub(&app.network("n").await, "home").await;
    let member = app.member(&hub, "Jan").await;
    let issue = "mutation($input: IssueChipInput!) { issueChip(input: $input) { chip { id } } }";
    let check_in = "mutation($input: TouchInput!) { checkIn(input: $input) { __typename } }";
    for number in ["04A224B1C3558", "412345678"] {
        let issued = app
            .operator(&hub)
            .response(issue, json!({ "input": { "memberId": member.id, "number": number } }))
            .await;
        assert_eq!(issued["errors"][0]["extensions"]["code"], "INVALID_INPUT", "{issued}");
        assert!(
            issued["errors"][0]["message"].as_str().is_some_and(|message| message.starts_with("number:")),
            "{issued}"
        );
        let touched = json!({ "input": { "hubId": hub.id, "chip": number } });
        assert_eq!(app.operator(&hub).refused(check_in, touched).await, "INVALID_INPUT");
        let stranger = TestMember { chip: number.to_owned(), ..member.clone() };
        let answer = upload(&app, &hub, &[line(number, "2026-11-02T11:00:00Z", &stranger, "IN")]).await;
        assert_eq!(answer["refused"], json!([{ "line": 0, "code": "INVALID_INPUT" }]));
    }
    app.drain().await;
}
