//! Capacity (R24): never more people are inside a hub than it holds, whatever the concurrency, the number of
//! processes and the state of Redis, unless the hub chose a soft limit.

use futures_util::future::join_all;
use kernel::NetworkId;
use platform_db::Reach;
use private_servers::{Durability, Redis, packages};
use testkit::{Client, Json, Shape, TestApp, TestHub, TestMember, TestNetwork, json};

const AT_ONCE: usize = 64;
const CHECK_IN: &str =
    "mutation($input: TouchInput!) { done: checkIn(input: $input) { __typename ... on Denied { reason } } }";
const CHECK_OUT: &str =
    "mutation($input: TouchInput!) { done: checkOut(input: $input) { __typename ... on Denied { reason } } }";

/// Touches a reader; returns the outcome.
async fn touch(client: &Client, document: &str, hub: &TestHub, member: &TestMember) -> String {
    let input = json!({ "hubId": hub.id, "chip": member.chip });
    let done = client.ask(document, json!({ "input": input })).await["done"].clone();
    done["reason"].as_str().or(done["__typename"].as_str()).expect("an outcome").to_owned()
}

/// Enrols several members at once.
async fn crowd(app: &TestApp, home: &TestHub, count: usize) -> Vec<TestMember> {
    const ENROL: &str =
        "mutation($input: EnrollMemberInput!) { enrollMember(input: $input) { member { id } } }";
    const CHIP: &str = "mutation($input: IssueChipInput!) { issueChip(input: $input) { chip { id } } }";
    let enrol = async |place: usize| {
        let email = format!("{}-{place}@example.org", home.slug);
        let input = json!({
            "hubId": home.id, "name": "Jan", "email": email, "language": "cs", "category": "RESIDENT",
        });
        let member = app.system().ask(ENROL, json!({ "input": input })).await;
        let id = member["enrollMember"]["member"]["id"].as_str().expect("an id").to_owned();
        let series = home.slug.bytes().fold(0_u32, |sum, byte| (sum * 31 + u32::from(byte)) & 0xffff);
        let chip = format!("04{series:04X}{place:08X}");
        let issued = app.system().ask(CHIP, json!({ "input": { "memberId": id, "number": chip } })).await;
        let chip_id = issued["issueChip"]["chip"]["id"].as_str().expect("an id").to_owned();
        TestMember { id, email, chip, chip_id, home: home.clone() }
    };
    let crowd = join_all((0..count).map(enrol)).await;
    app.drain().await;
    crowd
}

async fn small_hub(app: &TestApp, network: &TestNetwork, capacity: u32) -> TestHub {
    app.hub_with(network, &format!("small-{capacity}"), json!({ "capacity": capacity })).await
}

/// Lets everybody touch at once, at one process or another; returns how many were admitted. The others are refused
/// because the hub is full.
async fn rush(clients: &[Client], hub: &TestHub, crowd: &[TestMember]) -> usize {
    let touches = crowd
        .iter()
        .enumerate()
        .map(|(place, member)| touch(&clients[place % clients.len()], CHECK_IN, hub, member));
    let outcomes = join_all(touches).await;
    let is_known = |outcome: &&String| ["CheckedIn", "HUB_FULL"].contains(&outcome.as_str());
    assert_eq!(outcomes.iter().filter(is_known).count(), crowd.len(), "{outcomes:?}");
    outcomes.iter().filter(|outcome| *outcome == "CheckedIn").count()
}

/// Returns the number of open visits of a hub, and the number of taken seats in its row.
async fn inside(app: &TestApp, hub: &TestHub) -> (i64, Option<i64>) {
    let network: NetworkId = hub.network.parse().expect("an id");
    let id: kernel::HubId = hub.id.parse().expect("an id");
    for db in app.services().databases() {
        let tx = db.read(Reach::Network(network)).await.expect("a transaction");
        let sql = "select (select count(*) from visit where hub_id = $1 and ended_at is null and not annulled) as open, \
                   (select taken from hub_seats where hub_id = $1) as taken";
        let Ok(row) = tx.row(sql, [uuid::Uuid::from(id).into()]).await else { continue };
        let row = row.expect("a row");
        let taken = row.try_get::<Option<i64>>("", "taken").expect("a number");
        return (row.try_get("", "open").expect("a number"), taken);
    }
    panic!("no database has visits");
}

#[tokio::test(flavor = "multi_thread")]
async fn r24_sixty_four_concurrent_touches_fill_only_the_free_seats() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let hub = small_hub(&app, &network, 5).await;
    let people = crowd(&app, &hub, 4 + AT_ONCE).await;
    app.recount().await;
    for member in &people[..4] {
        assert_eq!(touch(&app.system(), CHECK_IN, &hub, member).await, "CheckedIn");
    }
    app.recount().await;
    assert_eq!(rush(&[app.system()], &hub, &people[4..]).await, 1);
    assert_eq!(inside(&app, &hub).await, (5, Some(5)));
    assert_eq!(
        touch(&app.system(), CHECK_IN, &hub, &people[0]).await,
        "AlreadyIn",
        "who is inside takes no other seat"
    );
    app.drain().await;
}

/// A returning visitor is decided in one round trip; the seats are counted there, too.
#[tokio::test(flavor = "multi_thread")]
async fn r24_holds_for_members_in_the_admission_cache() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let hub = small_hub(&app, &network, 3).await;
    let people = crowd(&app, &hub, AT_ONCE).await;
    for member in &people {
        touch(&app.system(), CHECK_OUT, &hub, member).await;
    }
    app.recount().await;
    let known = || app.services().membership().expect("membership runs here").served_from_cache();
    for round in 0..3 {
        app.pass_minutes(1);
        assert_eq!(rush(&[app.system()], &hub, &people).await, 3, "in round {round}");
        assert_eq!(inside(&app, &hub).await, (3, Some(3)), "in round {round}");
        app.pass_minutes(1);
        join_all(people.iter().map(|member| async { touch(&app.system(), CHECK_OUT, &hub, member).await }))
            .await;
        assert_eq!(inside(&app, &hub).await, (0, Some(0)), "in round {round}");
    }
    assert!(known() > 0, "some were decided in one round trip");
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn r24_holds_for_two_processes_of_one_database() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let hub = small_hub(&app, &network, 5).await;
    let people = crowd(&app, &hub, AT_ONCE).await;
    let clients = [app.system(), app.another_process().await];
    for round in 0..3 {
        assert_eq!(rush(&clients, &hub, &people).await, 5, "in round {round}");
        assert_eq!(inside(&app, &hub).await, (5, Some(5)), "in round {round}");
        app.pass_minutes(1);
        // Some leave while others come: never more than five are inside, and nobody is counted twice.
        let both = join_all(people.iter().enumerate().map(|(place, member)| {
            let document = if place % 3 == 0 { CHECK_IN } else { CHECK_OUT };
            touch(&clients[place % 2], document, &hub, member)
        }));
        both.await;
        let (open, taken) = inside(&app, &hub).await;
        assert!(open <= 5, "{open} are inside in round {round}");
        assert_eq!(taken, Some(open), "in round {round}");
        app.pass_minutes(1);
        join_all(people.iter().map(|member| touch(&clients[0], CHECK_OUT, &hub, member))).await;
        app.pass_minutes(1);
    }
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn r24_holds_while_redis_is_frozen() {
    if Shape::of_run() == Shape::Embedded {
        return;
    }
    let packages = packages::ensure().expect("the servers are installed");
    let redis = Redis::start(&packages, Durability::ProcessCrash).expect("a Redis of our own");
    let app = TestApp::configured(|config| config.live.url = Some(redis.url().to_owned().into())).await;
    let network = app.network("n").await;
    let hub = small_hub(&app, &network, 5).await;
    let people = crowd(&app, &hub, 4 + AT_ONCE).await;
    app.recount().await;
    for member in &people[..4] {
        touch(&app.system(), CHECK_IN, &hub, member).await;
    }
    redis.freeze().expect("it stands still");
    let clients = [app.system(), app.another_process().await];
    assert_eq!(rush(&clients, &hub, &people[4..]).await, 1);
    assert_eq!(inside(&app, &hub).await, (5, Some(5)));
    redis.thaw().expect("it goes on");
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn r24_a_hub_with_a_soft_limit_admits_everybody_and_shows_that_it_is_full() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let hub = app.hub_with(&network, "soft", json!({ "capacity": 2, "capacityIsSoft": true })).await;
    let people = crowd(&app, &hub, 12).await;
    assert_eq!(rush(&[app.system()], &hub, &people).await, 12);
    let asked = "query($id: ID!) { hub(id: $id) { capacityIsSoft occupancy { present capacity free } } }";
    let answer = app.anonymous().ask(asked, json!({ "id": hub.id })).await["hub"].clone();
    let expected: Json =
        json!({ "capacityIsSoft": true, "occupancy": { "present": 12, "capacity": 2, "free": 0 } });
    assert_eq!(answer, expected);
    app.drain().await;
}

/// A person who was inside cannot be refused afterwards: their offline touch counts, and the next person waits.
#[tokio::test(flavor = "multi_thread")]
async fn r24_an_offline_touch_counts_and_nobody_more_is_let_in() {
    const UPLOAD: &str = "mutation($input: UploadDeviceLogInput!) { uploadDeviceLog(input: $input) { taken denied { reason } } }";
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let hub = small_hub(&app, &network, 1).await;
    let people = crowd(&app, &hub, 2).await;
    app.pass_minutes(60);
    let line = |member: &TestMember, minutes: i64, direction: &str| {
        let at = app.now() - jiff::SignedDuration::from_mins(minutes);
        json!({ "eventId": format!("{minutes}"), "at": at, "credential": member.chip, "direction": direction })
    };
    let lines = [line(&people[0], 50, "IN"), line(&people[1], 0, "IN")];
    let input = json!({ "input": { "hubId": hub.id, "device": "reception", "lines": lines } });
    let answer = app.system().ask(UPLOAD, input).await["uploadDeviceLog"].clone();
    assert_eq!(answer, json!({ "taken": 1, "denied": [{ "reason": "HUB_FULL" }] }));
    assert_eq!(inside(&app, &hub).await, (1, Some(1)));
    app.drain().await;
}
