//! The admission cache decides about people who touched a reader recently; only the speed differs from a decision of
//! the database. After any change to a person, here or in another process, their next touch takes it into account.

use std::sync::Arc;

use futures_util::future::join_all;
use kernel::{Entropy, ManualClock, OpContext, World};
use membership::{Direction, Reported, Reporter, Source, Who};
use testkit::{Client, Json, TestApp, TestHub, TestMember, json};

const UPLOAD: &str = "mutation($input: UploadDeviceLogInput!) { uploadDeviceLog(input: $input) { \
    taken denied { reason } refused { code } } }";
const VISITS: &str = "query($id: ID!) { hub(id: $id) { visits(first: 100) { edges { node { \
    startedAt endedAt endedBy minutes member { id } } } } } }";

/// Touches a reader; returns the outcome.
async fn touch(client: &Client, direction: &str, hub: &TestHub, member: &TestMember) -> String {
    let document = format!(
        "mutation($input: TouchInput!) {{ done: {direction}(input: $input) {{ __typename ... on Denied {{ reason }} }} }}"
    );
    let input = json!({ "hubId": hub.id, "chip": member.chip });
    let done = client.ask(&document, json!({ "input": input })).await["done"].clone();
    done["reason"].as_str().or(done["__typename"].as_str()).expect("an outcome").to_owned()
}

/// Lets a member come and go at a hub, so that the admission cache holds them.
async fn make_known(app: &TestApp, hub: &TestHub, member: &TestMember) {
    let before = served_from_cache(app);
    for direction in ["checkIn", "checkOut"] {
        touch(&app.system(), direction, hub, member).await;
        app.pass_minutes(5);
    }
    assert_eq!(served_from_cache(app), before + 1, "the second touch is decided from the cache");
}

fn served_from_cache(app: &TestApp) -> u64 {
    app.services().membership().expect("membership runs here").served_from_cache()
}

async fn visits(app: &TestApp, hub: &TestHub) -> Vec<Json> {
    let data = app.operator(hub).ask(VISITS, json!({ "id": hub.id })).await;
    let edges = data["hub"]["visits"]["edges"].as_array().expect("visits").clone();
    edges.into_iter().map(|edge| edge["node"].clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_visitor_is_admitted_from_the_cache() {
    let app = TestApp::new().await;
    let hub = app.hub(&app.network("n").await, "home").await;
    let member = app.member(&hub, "Jan").await;
    let mut outcomes = Vec::new();
    for direction in ["checkIn", "checkIn", "checkOut", "checkOut", "checkIn"] {
        outcomes.push(touch(&app.system(), direction, &hub, &member).await);
        app.pass_minutes(10);
    }
    assert_eq!(outcomes, ["CheckedIn", "AlreadyIn", "CheckedOut", "NothingOpen", "CheckedIn"]);
    assert_eq!(served_from_cache(&app), 4, "all but the first");
    let visits = visits(&app, &hub).await;
    assert_eq!(visits.iter().map(|visit| visit["minutes"].as_i64()).collect::<Vec<_>>(), [Some(0), Some(20)]);
    app.drain().await;
}

/// Runs the same days at two pairs of hubs: at one pair everybody touches readers, at the other each touch is
/// uploaded as a log of one line, which always uses the database.
#[tokio::test(flavor = "multi_thread")]
async fn the_admission_cache_decides_as_the_database_would() {
    let app = TestApp::new().await;
    let chance = World::for_test(7);
    let (live, logged) = (cast(&app, "live").await, cast(&app, "logged").await);
    let mut known = 0;
    for step in 0_usize..240 {
        let [whose, where_to, which, pause, ..] = chance.random();
        let (person, place) = (usize::from(whose) % 3, usize::from(where_to) % 5 / 4);
        let direction = if which % 5 < 3 { "checkIn" } else { "checkOut" };
        touch(&app.system(), direction, &live.hubs[place], &live.members[person]).await;
        let member = &logged.members[person];
        let line = json!({
            "eventId": format!("e-{step}"), "at": app.now(), "credential": member.chip,
            "direction": if direction == "checkIn" { "IN" } else { "OUT" },
        });
        let hub = &logged.hubs[place];
        let input = json!({ "hubId": hub.id, "device": "reception", "lines": [line] });
        app.operator(hub).ask(UPLOAD, json!({ "input": input })).await;
        app.pass_minutes(i64::from(pause) * i64::from(pause) / 300);
        if pause % 16 == 0 {
            app.close_forgotten_visits().await;
        }
        known = served_from_cache(&app);
    }
    for place in 0..2 {
        let [seen, expected] =
            [(&live, place), (&logged, place)].map(|(cast, place)| (cast, &cast.hubs[place]));
        let seen = nameless(visits(&app, seen.1).await, seen.0);
        assert!(seen.len() > 5, "{seen:?}");
        assert_eq!(seen, nameless(visits(&app, expected.1).await, expected.0));
    }
    assert!(known > 60, "{known} of 240 were decided from the cache");
    app.drain().await;
}

struct Cast {
    hubs: [TestHub; 2],
    members: [TestMember; 3],
}

async fn cast(app: &TestApp, name: &str) -> Cast {
    let network = app.network(name).await;
    let hubs =
        [app.hub(&network, &format!("{name}-home")).await, app.hub(&network, &format!("{name}-away")).await];
    let mut members = Vec::new();
    for person in ["Jan", "Eva", "Ola"] {
        members.push(app.roaming_member(&hubs[0], &format!("{person} {name}")).await);
    }
    Cast { hubs, members: members.try_into().expect("three") }
}

/// Returns visits with each member's position in the cast for their id, in a stable order.
fn nameless(visits: Vec<Json>, cast: &Cast) -> Vec<Json> {
    let place = |id: &Json| cast.members.iter().position(|member| *id == member.id);
    let nameless = |mut visit: Json| {
        visit["member"] = json!(place(&visit["member"]["id"]));
        visit
    };
    let mut visits: Vec<Json> = visits.into_iter().map(nameless).collect();
    visits.sort_by_key(Json::to_string);
    visits
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chip_revoked_in_another_process_is_refused_here() {
    let app = TestApp::new().await;
    let hub = app.hub(&app.network("n").await, "home").await;
    let member = app.member(&hub, "Jan").await;
    make_known(&app, &hub, &member).await;
    let revoke = "mutation($id: ID!) { revokeChip(input: { chipId: $id }) { chip { revokedAt } } }";
    app.another_process().await.ask(revoke, json!({ "id": member.chip_id })).await;
    assert_eq!(touch(&app.system(), "checkIn", &hub, &member).await, "REVOKED_CREDENTIAL");
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_pass_admits_nobody_who_roamed_before() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let (home, away) = (app.hub(&network, "home").await, app.hub(&network, "away").await);
    let member = app.roaming_member(&home, "Jan").await;
    make_known(&app, &away, &member).await;
    let pass = "{ me { member { roamingPass { id } } } }";
    let pass = app.as_member(&member).ask(pass, json!({})).await["me"]["member"]["roamingPass"]["id"].clone();
    let end = "mutation($id: ID!) { endRoamingPass(input: { passId: $id }) { pass { id } } }";
    app.system().ask(end, json!({ "id": pass })).await;
    app.drain().await;
    assert_eq!(touch(&app.system(), "checkIn", &away, &member).await, "NO_ROAMING_PASS");
    assert_eq!(touch(&app.system(), "checkIn", &home, &member).await, "CheckedIn");
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_person_loses_all_access_at_once() {
    let app = TestApp::new().await;
    let hub = app.hub(&app.network("n").await, "home").await;
    let member = app.member(&hub, "Jan").await;
    make_known(&app, &hub, &member).await;
    let erase = "mutation($id: ID!) { eraseMember(input: { memberId: $id }) { memberId } }";
    app.another_process().await.ask(erase, json!({ "id": member.id })).await;
    assert_eq!(touch(&app.system(), "checkIn", &hub, &member).await, "UNKNOWN_CREDENTIAL");
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_in_in_another_process_is_visible_here() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let (home, away) = (app.hub(&network, "home").await, app.hub(&network, "away").await);
    let member = app.roaming_member(&home, "Jan").await;
    make_known(&app, &home, &member).await;
    touch(&app.system(), "checkIn", &home, &member).await;
    app.pass_minutes(30);
    let there = app.another_process().await;
    assert_eq!(touch(&there, "checkIn", &away, &member).await, "CheckedIn");
    app.pass_minutes(30);
    assert_eq!(touch(&app.system(), "checkOut", &home, &member).await, "NothingOpen");
    assert_eq!(touch(&there, "checkOut", &away, &member).await, "CheckedOut");
    assert_eq!(visits(&app, &home).await[0]["endedBy"], "CHECK_IN_ELSEWHERE");
    assert_eq!(visits(&app, &away).await[0]["minutes"], 30);
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_at_the_same_instant_leave_one_open_visit() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let (home, away) = (app.hub(&network, "home").await, app.hub(&network, "away").await);
    let member = app.roaming_member(&home, "Jan").await;
    let (here, there) = (app.system(), app.another_process().await);
    for round in 0..10 {
        for client in [&here, &there] {
            touch(client, "checkOut", &home, &member).await;
        }
        app.pass_minutes(1);
        join_all((0..6).map(|place| {
            let client = if place % 2 == 0 { &here } else { &there };
            let hub = if place % 3 == 0 { &home } else { &away };
            touch(client, "checkIn", hub, &member)
        }))
        .await;
        let both = [visits(&app, &home).await, visits(&app, &away).await].concat();
        let open = both.iter().filter(|visit| visit["endedAt"].is_null()).count();
        assert_eq!(open, 1, "in round {round}");
        app.pass_minutes(1);
        for hub in [&home, &away] {
            touch(&here, "checkOut", hub, &member).await;
        }
        app.pass_minutes(1);
    }
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_log_corrects_decisions_of_the_admission_cache_and_updates_the_cache() {
    let app = TestApp::new().await;
    let hub = app.hub(&app.network("n").await, "home").await;
    let member = app.member(&hub, "Jan").await;
    make_known(&app, &hub, &member).await;
    let came = app.now();
    touch(&app.system(), "checkIn", &hub, &member).await;
    app.pass_minutes(60);
    let left = came + jiff::SignedDuration::from_mins(20);
    let line = json!({ "eventId": "late", "at": left, "credential": member.chip, "direction": "OUT" });
    let input = json!({ "hubId": hub.id, "device": "reception", "lines": [line] });
    app.operator(&hub).ask(UPLOAD, json!({ "input": input })).await;
    assert_eq!(touch(&app.system(), "checkOut", &hub, &member).await, "NothingOpen");
    assert_eq!(visits(&app, &hub).await[0]["minutes"], 20);
    app.drain().await;
}

/// One card may belong to a member in two networks; the cached state of one network does not affect the other.
#[tokio::test(flavor = "multi_thread")]
async fn a_chip_of_two_networks_names_its_own_bearer_in_each() {
    let app = TestApp::new().await;
    let (mut places, number) = (Vec::new(), "04ABCDEFABCDEF");
    for name in ["north", "south"] {
        let hub = app.hub(&app.network(name).await, &format!("{name}-hub")).await;
        let member = app.member(&hub, &format!("Jan {name}")).await;
        let issue = "mutation($input: IssueChipInput!) { issueChip(input: $input) { chip { id } } }";
        let input = json!({ "input": { "memberId": member.id, "number": number } });
        app.operator(&hub).ask(issue, input).await;
        let neighbour = app.member(&hub, &format!("Eva {name}")).await;
        places.push((hub, TestMember { chip: number.into(), ..member }, neighbour));
    }
    for round in 0..6 {
        let direction = if round % 2 == 0 { "checkIn" } else { "checkOut" };
        let expected = if round % 2 == 0 { "CheckedIn" } else { "CheckedOut" };
        let client = app.system();
        let touches = places.iter().flat_map(|(hub, member, neighbour)| [(hub, member), (hub, neighbour)]);
        let outcomes = join_all(touches.map(|(hub, member)| touch(&client, direction, hub, member))).await;
        assert_eq!(outcomes, [expected; 4], "in round {round}");
        app.pass_minutes(10);
    }
    assert!(served_from_cache(&app) > 8, "{} were decided from the cache", served_from_cache(&app));
    for (hub, member, neighbour) in &places {
        let seen = visits(&app, hub).await;
        assert_eq!(seen.len(), 6, "{seen:#?}");
        let own = [json!(member.id), json!(neighbour.id)];
        assert!(seen.iter().all(|visit| own.contains(&visit["member"]["id"]) && visit["minutes"] == 10));
    }
    app.drain().await;
}

/// Randomness that fails: drawing an id from it panics.
struct NoEntropy;

impl Entropy for NoEntropy {
    fn bytes(&self) -> [u8; 10] {
        panic!("there is no randomness")
    }
}

/// A call that panics fails only its own caller: the other calls of its batch are answered.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_panics_does_not_fail_other_calls_of_its_batch() {
    let app = TestApp::new().await;
    let hub = app.hub(&app.network("n").await, "home").await;
    let mut members = Vec::new();
    for place in 0..8 {
        let member = app.member(&hub, &format!("Jan {place}")).await;
        if place % 2 == 0 {
            make_known(&app, &hub, &member).await;
        }
        members.push(member);
    }
    let membership = app.services().membership().expect("membership runs here");
    let broken = World::new(Arc::new(ManualClock::at(app.now())), Arc::new(NoEntropy));
    let poisoned = async |member: &TestMember| {
        let reported = Reported {
            event_id: format!("poison-{}", member.id),
            at: None,
            who: Who::Chip(member.chip.parse().expect("a chip")),
            direction: Direction::In,
            source: Source::Chip,
        };
        let hub = hub.id.parse().expect("an id");
        membership
            .record_touches(&OpContext::system(broken.clone()), hub, &Reporter::Caller, &[reported])
            .await
    };
    for round in 0..6 {
        let direction = if round % 2 == 0 { "checkIn" } else { "checkOut" };
        let expected = if round % 2 == 0 { "CheckedIn" } else { "CheckedOut" };
        let client = app.system();
        let (poisoned, outcomes) = tokio::join!(
            join_all(members[..2].iter().map(&poisoned)),
            join_all(members.iter().map(|member| touch(&client, direction, &hub, member))),
        );
        assert!(poisoned.iter().all(Result::is_err), "in round {round}");
        assert_eq!(outcomes, [expected; 8], "in round {round}");
        app.pass_minutes(10);
    }
    app.drain().await;
}
