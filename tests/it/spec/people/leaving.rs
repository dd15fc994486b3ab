//! The end of a membership, and the return: who is let in, and what happens to passes, seats, tokens and chips.

use kernel::Role;
use testkit::{Client, Json, TestApp, TestHub, TestMember, json};

const END: &str = "mutation($input: EndMembershipInput!) { endMembership(input: $input) { \
    member { id leftAt version } } }";
const RESUME: &str = "mutation($input: ResumeMembershipInput!) { resumeMembership(input: $input) { \
    member { id leftAt version } } }";
const SEATS: &str = "query($id: ID!) { hub(id: $id) { members(first: 9) { nodes { seats(first: 9) { nodes { \
    event { title } } } } } } }";

async fn end(client: &Client, member: &TestMember, on: &str) -> Json {
    let input = json!({ "memberId": member.id, "on": on, "reason": "moves away" });
    client.ask(END, json!({ "input": input })).await["endMembership"]["member"].clone()
}

async fn resume(client: &Client, member: &TestMember) -> Json {
    let input = json!({ "input": { "memberId": member.id } });
    client.ask(RESUME, input).await["resumeMembership"]["member"].clone()
}

/// A hub that never closes, so that only the membership decides.
async fn always_open(app: &TestApp, slug: &str) -> TestHub {
    let network = app.network("n").await;
    app.hub_with(&network, slug, json!({ "openingHours": "24/7" })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_who_left_is_let_in_nowhere_by_no_process_until_they_come_back() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let home = app.hub_with(&network, "home", json!({ "openingHours": "24/7" })).await;
    let host = app.hub_with(&network, "host", json!({ "openingHours": "24/7" })).await;
    app.set_clock("2026-11-04T09:00:00Z");
    let member = app.roaming_member(&home, "Jana").await;
    // The admission caches of this process and of another one have them.
    let desk = app.another_process().await;
    let touch = json!({ "input": { "hubId": home.id, "chip": member.chip } });
    let check_in =
        "mutation($input: TouchInput!) { checkIn(input: $input) { __typename ... on Denied { reason } } }";
    let check_out = "mutation($input: TouchInput!) { checkOut(input: $input) { __typename } }";
    for _visit in 0..2 {
        for client in [&desk, &app.system()] {
            app.pass_minutes(1);
            assert_eq!(client.ask(check_in, touch.clone()).await["checkIn"]["__typename"], "CheckedIn");
            app.pass_minutes(1);
            assert_eq!(client.ask(check_out, touch.clone()).await["checkOut"]["__typename"], "CheckedOut");
        }
    }
    let left = end(&app.operator(&home), &member, "2026-11-04").await;
    assert_eq!((&left["leftAt"], &left["version"]), (&json!(app.now()), &json!(2)));
    for client in [&desk, &app.system()] {
        app.pass_minutes(1);
        assert_eq!(client.ask(check_in, touch.clone()).await["checkIn"]["reason"], "MEMBERSHIP_ENDED");
    }
    assert_eq!(app.check_in(&host, &member).await["reason"], "MEMBERSHIP_ENDED");
    app.drain().await;
    let back = resume(&app.operator(&home), &member).await;
    assert_eq!((&back["leftAt"], &back["version"]), (&Json::Null, &json!(3)));
    app.pass_minutes(1);
    assert_eq!(desk.ask(check_in, touch.clone()).await["checkIn"]["__typename"], "CheckedIn");
    app.drain().await;
    // The pass ended with the membership.
    assert_eq!(app.check_in(&host, &member).await["reason"], "NO_ROAMING_PASS");
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_inside_when_the_membership_ends_may_leave_and_the_visit_counts() {
    let app = TestApp::new().await;
    let home = always_open(&app, "home").await;
    app.set_clock("2026-11-04T09:00:00Z");
    let member = app.member(&home, "Jana").await;
    app.check_in(&home, &member).await;
    app.pass_minutes(30);
    end(&app.operator(&home), &member, "2026-11-04").await;
    app.pass_minutes(30);
    assert_eq!(app.check_out(&home, &member).await["visit"]["minutes"], 60);
    app.drain().await;
}

/// A membership that ends on a later day holds until that day begins at the hub. A reader's late log is judged by what
/// held at the time of each touch.
#[tokio::test(flavor = "multi_thread")]
async fn a_membership_ends_when_its_day_begins_at_the_hub_whenever_the_touch_arrives() {
    let app = TestApp::new().await;
    let home = always_open(&app, "home").await;
    app.set_clock("2026-11-04T09:00:00Z");
    let member = app.member(&home, "Jana").await;
    let operator = app.operator(&home);
    let left = end(&operator, &member, "2026-11-06").await;
    assert_eq!(left["leftAt"], "2026-11-05T23:00:00Z", "midnight in Prague");
    app.drain().await;
    app.set_clock("2026-11-07T09:00:00Z");
    assert_eq!(app.check_in(&home, &member).await["reason"], "MEMBERSHIP_ENDED");
    resume(&operator, &member).await;
    app.set_clock("2026-11-08T09:00:00Z");
    let upload = "mutation($input: UploadDeviceLogInput!) { uploadDeviceLog(input: $input) { \
        denied { line reason } refused { code } } }";
    let line =
        |id: &str, at: &str| json!({ "eventId": id, "at": at, "credential": member.chip, "direction": "IN" });
    let input = json!({ "hubId": home.id, "device": "reception", "lines": [
        line("before", "2026-11-05T22:59:00Z"), line("first", "2026-11-05T23:00:00Z"),
        line("away", "2026-11-07T08:59:00Z"), line("back", "2026-11-07T09:00:00Z"),
    ] });
    let uploaded = operator.ask(upload, json!({ "input": input })).await;
    let denied =
        json!([{ "line": 1, "reason": "MEMBERSHIP_ENDED" }, { "line": 2, "reason": "MEMBERSHIP_ENDED" }]);
    assert_eq!(uploaded["uploadDeviceLog"]["denied"], denied);
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_that_is_still_to_come_can_be_moved_and_taken_back() {
    let app = TestApp::new().await;
    let home = always_open(&app, "home").await;
    app.set_clock("2026-11-04T09:00:00Z");
    let member = app.roaming_member(&home, "Jana").await;
    let operator = app.operator(&home);
    let refused = async |document: &str, input: Json| {
        let response = operator.response(document, json!({ "input": input })).await;
        let refusal = &response["errors"][0]["extensions"];
        (refusal["code"].as_str().unwrap_or_default().to_owned(), refusal["field"].clone())
    };
    let resumed = json!({ "memberId": member.id });
    assert_eq!(refused(RESUME, resumed.clone()).await.0, "CONFLICT", "they have not left");
    let past = json!({ "memberId": member.id, "on": "2026-11-03" });
    assert_eq!(refused(END, past).await, ("INVALID_INPUT".into(), json!("on")));
    end(&operator, &member, "2026-12-01").await;
    end(&operator, &member, "2026-11-20").await;
    app.drain().await;
    let back = resume(&operator, &member).await;
    assert_eq!((&back["leftAt"], &back["version"]), (&Json::Null, &json!(4)));
    app.drain().await;
    end(&operator, &member, "2026-11-04").await;
    app.pass_minutes(1);
    assert_eq!(refused(END, json!({ "memberId": member.id, "on": "2026-11-04" })).await.0, "CONFLICT");
    let other = app.as_member(&app.member(&home, "Karel").await);
    assert_eq!(other.refused(RESUME, json!({ "input": resumed })).await, "FORBIDDEN");
    app.drain().await;
}

/// The pass is valid no longer than the membership, and whoever has left gets no other.
#[tokio::test(flavor = "multi_thread")]
async fn a_roaming_pass_ends_with_the_membership_and_none_is_issued_after_it() {
    const PASS: &str = "query($id: ID!) { hub(id: $id) { members(first: 9) { nodes { roamingPass { \
        status validUntil } } } } }";
    const ISSUE: &str = "mutation($input: IssueRoamingPassInput!) { issueRoamingPass(input: $input) { pass { \
        status validUntil } } }";
    let app = TestApp::new().await;
    let home = always_open(&app, "home").await;
    app.set_clock("2026-11-04T09:00:00Z");
    let member = app.roaming_member(&home, "Jana").await;
    let operator = app.operator(&home);
    let pass = async || {
        app.drain().await;
        operator.ask(PASS, json!({ "id": home.id })).await["hub"]["members"]["nodes"][0]["roamingPass"]
            .clone()
    };
    end(&operator, &member, "2026-11-06").await;
    assert_eq!(pass().await, json!({ "status": "ACTIVE", "validUntil": "2026-11-05T23:00:00Z" }));
    app.set_clock("2026-11-06T09:00:00Z");
    assert_eq!(pass().await, Json::Null);
    let issue = json!({ "input": { "memberId": member.id } });
    assert_eq!(operator.refused(ISSUE, issue.clone()).await, "CONFLICT");
    resume(&operator, &member).await;
    app.drain().await;
    let issued = operator.ask(ISSUE, issue).await;
    assert_eq!(issued["issueRoamingPass"]["pass"], json!({ "status": "ACTIVE", "validUntil": null }));
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn seats_at_events_after_the_end_become_free_and_none_is_given() {
    const PUBLISH: &str =
        "mutation($input: PublishEventInput!) { publishEvent(input: $input) { event { id } } }";
    const TAKE: &str = "mutation($input: TakeSeatInput!) { takeSeat(input: $input) { __typename } }";
    let app = TestApp::new().await;
    let home = always_open(&app, "home").await;
    app.set_clock("2026-11-04T09:00:00Z");
    let member = app.member(&home, "Jana").await;
    let operator = app.operator(&home);
    let mut events = Vec::new();
    for (title, day) in [("Before", "2026-11-05"), ("After", "2026-11-06")] {
        let input = json!({ "hubId": home.id, "kind": "WORKSHOP", "language": "cs", "capacity": 1, "title": title,
            "summary": "…and more", "startsAt": format!("{day}T12:00:00Z"), "endsAt": format!("{day}T14:00:00Z") });
        let published = operator.ask(PUBLISH, json!({ "input": input })).await;
        let id = published["publishEvent"]["event"]["id"].clone();
        let seat = json!({ "input": { "eventId": id, "memberId": member.id } });
        assert_eq!(operator.ask(TAKE, seat).await["takeSeat"]["__typename"], "SeatTaken");
        events.push(id);
    }
    end(&operator, &member, "2026-11-06").await;
    app.drain().await;
    let seats = operator.ask(SEATS, json!({ "id": home.id })).await;
    let seats = &seats["hub"]["members"]["nodes"][0]["seats"]["nodes"];
    assert_eq!(seats, &json!([{ "event": { "title": "Before" } }]));
    let again = json!({ "input": { "eventId": events[1], "memberId": member.id } });
    assert_eq!(operator.refused(TAKE, again).await, "CONFLICT");
    let karel = app.member(&home, "Karel").await;
    let seat = json!({ "input": { "eventId": events[1], "memberId": karel.id } });
    assert_eq!(operator.ask(TAKE, seat).await["takeSeat"]["__typename"], "SeatTaken", "the seat is free");
    app.drain().await;
}

/// R18: the account and its roles stay. Whoever has left can still read, export and erase their own data.
#[tokio::test(flavor = "multi_thread")]
async fn r18_whoever_left_keeps_the_account_and_the_access_to_their_own_data() {
    const INVITE: &str =
        "mutation($input: InviteMemberInput!) { inviteMember(input: $input) { personId code } }";
    const MINE: &str = "{ me { member { name leftAt } roles { role } } }";
    let app = TestApp::new().await;
    let home = always_open(&app, "home").await;
    app.set_clock("2026-11-04T09:00:00Z");
    let member = app.member(&home, "Jana").await;
    let administrator = app.staff(Role::Administrator, &home);
    let invite = json!({ "input": { "memberId": member.id, "email": member.email, "language": "cs" } });
    let invitation = administrator.ask(INVITE, invite).await["inviteMember"].clone();
    app.accept(&invitation, "a long enough password").await;
    let tokens = app.sign_in(&member.email, "a long enough password").await;
    let before = app.with_token(tokens["accessToken"].as_str().expect("a token"));
    assert_eq!(before.ask(MINE, json!({})).await["me"]["member"]["leftAt"], Json::Null);
    end(&administrator, &member, "2026-11-04").await;
    app.drain().await;
    app.pass_minutes(1);
    let tokens = app.sign_in(&member.email, "a long enough password").await;
    let after = app.with_token(tokens["accessToken"].as_str().expect("a token"));
    let mine = after.ask(MINE, json!({})).await;
    assert_eq!(mine["me"]["member"]["name"], "Jana");
    assert!(mine["me"]["member"]["leftAt"].is_string(), "{mine}");
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_staff_find_who_has_left() {
    const FIND: &str = "query($hub: ID!, $search: MemberSearchInput) { hub(id: $hub) { \
        members(search: $search) { totalCount nodes { name } } } }";
    let app = TestApp::new().await;
    let home = always_open(&app, "home").await;
    app.set_clock("2026-11-04T09:00:00Z");
    let (jana, karel) = (app.member(&home, "Jana").await, app.member(&home, "Karel").await);
    let operator = app.operator(&home);
    end(&operator, &jana, "2026-11-04").await;
    end(&operator, &karel, "2026-11-09").await;
    let found = async |search: Json| {
        let answer = operator.ask(FIND, json!({ "hub": home.id, "search": search })).await;
        answer["hub"]["members"].clone()
    };
    assert_eq!(
        found(json!({ "hasLeft": true })).await,
        json!({ "totalCount": 1, "nodes": [{ "name": "Jana" }] })
    );
    assert_eq!(
        found(json!({ "hasLeft": false })).await,
        json!({ "totalCount": 1, "nodes": [{ "name": "Karel" }] })
    );
    assert_eq!(found(json!({ "text": "jan" })).await["totalCount"], 1, "both without the condition");
    resume(&operator, &jana).await;
    assert_eq!(found(json!({ "hasLeft": true })).await["totalCount"], 0);
    app.drain().await;
}
