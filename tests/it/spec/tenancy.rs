//! Tenancy: another tenant's object is not found, and a person's name is visible at their own hub only.

mod catalogue;
mod keys;

use kernel::{ApiKeyId, Caller, DeviceId, Id, Permission, Place, Role, Scoped};
use platform_db::Reach;
use testkit::{Json, TestApp, json};

/// Tables without data of a tenant: transport, migrations, and counts of tries under a hash.
const NOBODYS: [&str; 12] = [
    "outbox",
    "event_stream",
    "event_log",
    "relay_window",
    "received_mark",
    "inbox",
    "postponed_event",
    "dead_letter",
    "sign_in_try",
    "job_queue",
    "job_schedule",
    "file_sweep",
];
const ENROL: &str = "mutation($input: EnrollMemberInput!) { enrollMember(input: $input) { member { id } } }";
const NAMES: &str = "query($id: ID!) { hub(id: $id) { visits(first: 5) { edges { node { member { id name email category } } } } } }";

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_does_nothing_at_another_hub_of_the_same_network() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let (own, other) = (app.hub(&network, "own").await, app.hub(&network, "other").await);
    let stranger = app.member(&other, "Eva").await;
    let operator = app.operator(&own);
    let input = json!({ "input": {
        "hubId": other.id, "name": "Jan", "email": "jan@example.org", "language": "cs", "category": "RESIDENT",
    } });
    assert_eq!(operator.refused(ENROL, input).await, "NOT_FOUND");
    let chip = "mutation($input: IssueChipInput!) { issueChip(input: $input) { chip { id } } }";
    let input = json!({ "input": { "memberId": stranger.id, "number": "04AABBCCDDEEFF" } });
    assert_eq!(operator.refused(chip, input).await, "NOT_FOUND");
    let revoke = "mutation($id: ID!) { revokeChip(input: { chipId: $id }) { chip { id } } }";
    assert_eq!(operator.refused(revoke, json!({ "id": stranger.chip_id })).await, "NOT_FOUND");
    let members = "query($id: ID!) { hub(id: $id) { members { edges { cursor } } } }";
    assert_eq!(operator.refused(members, json!({ "id": other.id })).await, "NOT_FOUND");
    let touch = "mutation($input: TouchInput!) { checkIn(input: $input) { __typename } }";
    let input = json!({ "input": { "hubId": other.id, "chip": stranger.chip } });
    assert_eq!(operator.refused(touch, input).await, "NOT_FOUND");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_does_not_know_another_networks_people() {
    let app = TestApp::new().await;
    let (north, south) = (app.network("north").await, app.network("south").await);
    let (here, there) = (app.hub(&north, "here").await, app.hub(&south, "there").await);
    let traveller = app.roaming_member(&there, "Eva").await;
    assert_eq!(app.check_in(&here, &traveller).await["reason"], "UNKNOWN_CREDENTIAL");
    // The same e-mail in another network is another person.
    let namesake = app.member(&here, "Eva").await;
    assert_ne!(namesake.id, traveller.id);
    let coordinator = app.coordinator(&north);
    let settlements = "query($id: ID!) { network(id: $id) { settlements { edges { cursor } } } }";
    let seen = coordinator.response(settlements, json!({ "id": south.id })).await;
    assert_eq!(seen["data"]["network"]["settlements"], Json::Null, "{seen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_sees_a_travellers_visit_but_not_their_name() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let (home, host) = (app.hub(&network, "home").await, app.hub(&network, "host").await);
    let traveller = app.roaming_member(&home, "Eva").await;
    app.check_in(&host, &traveller).await;
    let seen = app.operator(&host).ask(NAMES, json!({ "id": host.id })).await;
    let member = &seen["hub"]["visits"]["edges"][0]["node"]["member"];
    assert_eq!(member, &json!({ "id": traveller.id, "name": null, "email": null, "category": null }));
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_does_not_learn_what_a_traveller_is_to_their_home_hub() {
    const CATEGORIES: &str =
        "query($id: ID!) { hub(id: $id) { visits(first: 5) { nodes { homeHub { slug } category } } } }";
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let (home, host) = (app.hub(&network, "home").await, app.hub(&network, "host").await);
    let traveller = app.roaming_member(&home, "Eva").await;
    app.check_in(&home, &traveller).await;
    app.pass_minutes(5);
    app.check_in(&host, &traveller).await;
    app.drain().await;
    let seen = async |client: testkit::Client, at: &testkit::TestHub| {
        client.ask(CATEGORIES, json!({ "id": at.id })).await["hub"]["visits"]["nodes"].clone()
    };
    let hidden = json!([{ "homeHub": { "slug": "home" }, "category": null }]);
    assert_eq!(seen(app.operator(&host), &host).await, hidden);
    let shown = json!([{ "homeHub": { "slug": "home" }, "category": "RESIDENT" }]);
    assert_eq!(seen(app.operator(&home), &home).await, shown);
    let mine = "{ me { member { visits { nodes { category } } } } }";
    let mine = app.as_member(&traveller).ask(mine, json!({})).await;
    let visits = json!([{ "category": "RESIDENT" }, { "category": "RESIDENT" }]);
    assert_eq!(mine["me"]["member"]["visits"]["nodes"], visits);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_administrator_onboards_hubs_and_sees_no_members() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let hub = app.hub(&network, "home").await;
    let eva = app.member(&hub, "Eva").await;
    app.check_in(&hub, &eva).await;
    app.drain().await;
    let nora = app.staff_of(Role::NetworkAdministrator, &network);
    assert_eq!(nora.refused(NAMES, json!({ "id": hub.id })).await, "FORBIDDEN");
    let members = "query($id: ID!) { hub(id: $id) { members { nodes { name } } } }";
    assert_eq!(nora.refused(members, json!({ "id": hub.id })).await, "FORBIDDEN");
    let touch = "mutation($input: TouchInput!) { checkOut(input: $input) { __typename } }";
    let input = json!({ "input": { "hubId": hub.id, "chip": eva.chip } });
    assert_eq!(nora.refused(touch, input).await, "FORBIDDEN");
    let erase = "mutation($input: EraseMemberInput!) { eraseMember(input: $input) { memberId } }";
    assert_eq!(nora.refused(erase, json!({ "input": { "memberId": eva.id } })).await, "FORBIDDEN");
    let onboard =
        "mutation($input: OnboardHubInput!) { onboardHub(input: $input) { hub { slug devices { code } } } }";
    let input = json!({ "input": TestApp::hub_input(&network, "second") });
    let onboarded = nora.ask(onboard, input).await["onboardHub"]["hub"].clone();
    assert_eq!(onboarded, json!({ "slug": "second", "devices": [{ "code": "reception" }] }));
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_coordinator_sees_totals_and_no_members() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let hub = app.hub(&network, "home").await;
    let member = app.member(&hub, "Eva").await;
    app.check_in(&hub, &member).await;
    app.drain().await;
    let coordinator = app.coordinator(&network);
    assert_eq!(coordinator.refused(NAMES, json!({ "id": hub.id })).await, "FORBIDDEN");
    let metrics = "query($id: ID!) { hub(id: $id) { metrics(from: \"2026-11\", until: \"2026-12\", by: MONTH) { visits } } }";
    assert_eq!(
        coordinator.ask(metrics, json!({ "id": hub.id })).await["hub"]["metrics"]["visits"],
        json!([1])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_reads_only_their_own_data() {
    let app = TestApp::new().await;
    let hub = app.hub(&app.network("n").await, "home").await;
    let (jan, eva) = (app.member(&hub, "Jan").await, app.member(&hub, "Eva").await);
    app.check_in(&hub, &jan).await;
    app.drain().await;
    let mine = "{ me { member { name email visits(first: 5) { edges { node { hub { slug } } } } } roles { role hub { slug } } } }";
    let seen = app.as_member(&jan).ask(mine, json!({})).await;
    assert_eq!(seen["me"]["member"]["name"], "Jan");
    assert_eq!(seen["me"]["member"]["visits"]["edges"][0]["node"]["hub"]["slug"], "home");
    assert_eq!(seen["me"]["roles"], json!([{ "role": "MEMBER", "hub": { "slug": "home" } }]));
    let asked = "query($id: ID!) { hub(id: $id) { visits { edges { cursor } } } }";
    assert_eq!(app.as_member(&eva).refused(asked, json!({ "id": hub.id })).await, "FORBIDDEN");
    assert_eq!(app.anonymous().ask("{ me { id } }", json!({})).await["me"], Json::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_does_not_set_prices_and_an_administrator_does() {
    let app = TestApp::new().await;
    let hub = app.hub(&app.network("n").await, "home").await;
    let publish =
        "mutation($input: PublishTariffInput!) { publishTariff(input: $input) { tariff { version } } }";
    let input = json!({ "input": { "hubId": hub.id, "name": "Guests", "pricePerHour": "60", "billingStepSeconds": 60 } });
    assert_eq!(app.operator(&hub).refused(publish, input.clone()).await, "FORBIDDEN");
    let published = app.staff(Role::Administrator, &hub).ask(publish, input).await;
    assert_eq!(published["publishTariff"]["tariff"]["version"], 1);
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgresql_the_database_itself_keeps_tenants_apart() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let hub = app.hub(&network, "home").await;
    app.member(&hub, "Eva").await;
    let databases = app.services().databases();
    if databases[0].is_embedded() {
        return; // SQLite has no row-level security: there the stores' own filters apply, tested above.
    }
    for db in databases {
        let tx = db.read(Reach::Directory).await.expect("a transaction");
        let unguarded = "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace \
            where n.nspname = current_schema() and c.relkind = 'r' \
            and exists (select 1 from pg_attribute a where a.attrelid = c.oid and a.attname = 'network_id') \
            and (not c.relrowsecurity or not c.relforcerowsecurity or not exists \
                 (select 1 from pg_policy p where p.polrelid = c.oid and p.polqual is not null and p.polwithcheck is not null))";
        let names: Vec<String> = tx
            .rows(unguarded, [])
            .await
            .expect("rows")
            .iter()
            .map(|row| row.try_get("", "relname").expect("a name"))
            .collect();
        assert!(names.is_empty(), "tables without row-level security: {names:?}");
        let role = "select rolsuper or rolbypassrls as passes from pg_roles where rolname = current_user";
        let passes: bool =
            tx.row(role, []).await.expect("a row").expect("a role").try_get("", "passes").expect("a flag");
        assert!(!passes, "the service's role may bypass row-level security");
        let owned = "select count(*) as owned from pg_class where relowner = current_user::regrole";
        let owned: i64 =
            tx.row(owned, []).await.expect("a row").expect("a count").try_get("", "owned").expect("a number");
        assert_eq!(owned, 0, "the service's role owns tables");
    }
    // Without a tenant, or with another one, a direct query returns nobody.
    let membership = &databases[0];
    let everybody = "select count(*) as people from person";
    let other = "net_00000000000070008000000000000000".parse().expect("an id");
    for (reach, people) in [
        (Reach::Directory, 0),
        (Reach::Network(other), 0),
        (Reach::Network(network.id.parse().expect("an id")), 1_i64),
    ] {
        let tx = membership.read(reach).await.expect("a transaction");
        let seen: i64 = tx
            .row(everybody, [])
            .await
            .expect("a row")
            .expect("a count")
            .try_get("", "people")
            .expect("a number");
        assert_eq!(seen, people, "{reach:?}");
    }
    let tx = membership.write(Reach::Network(other)).await.expect("a transaction");
    let foreign = "insert into person (person_id, network_id, name, email, language) \
        select gen_random_uuid(), network_id, 'x', 'x@example.org', 'en' from network";
    assert!(tx.run(foreign, []).await.is_err(), "a row of another tenant was written");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_hubs_member_is_not_learnt_of_by_enrolling_their_address() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let (own, other) = (app.hub(&network, "own").await, app.hub(&network, "other").await);
    let eva = app.member(&other, "Eva").await;
    let input = json!({ "input": {
        "hubId": own.id, "name": "Somebody", "email": eva.email, "language": "cs", "category": "RESIDENT",
    } });
    assert_eq!(app.operator(&own).refused(ENROL, input).await, "CONFLICT");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_and_a_program_check_in_chips_not_people() {
    let app = TestApp::new().await;
    let hub = app.hub(&app.network("n").await, "home").await;
    let member = app.member(&hub, "Jan").await;
    let (at, network) = (hub.id.parse().expect("an id"), hub.network.parse().expect("an id"));
    let capability = Permission::RecordPresence;
    let world = app.services().world();
    let reader = Caller::Device { device: DeviceId::generate(world), hub: at, network, capability };
    let scopes = vec![Scoped { permission: capability, at: Place::Hub(at) }];
    let program = Caller::Program { key: ApiKeyId::generate(world), network, scopes };
    let touch = "mutation($input: TouchInput!) { checkIn(input: $input) { __typename } }";
    for (caller, answer) in [(reader, "CheckedIn"), (program, "AlreadyIn")] {
        let client = app.client(caller);
        let by_id = json!({ "input": { "hubId": hub.id, "memberId": member.id } });
        assert_eq!(client.refused(touch, by_id).await, "FORBIDDEN");
        let by_chip = json!({ "input": { "hubId": hub.id, "chip": member.chip } });
        assert_eq!(client.ask(touch, by_chip).await["checkIn"]["__typename"], answer);
    }
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_learns_of_no_other_device() {
    let app = TestApp::new().await;
    let hub = app.hub(&app.network("n").await, "home").await;
    let devices = "query($id: ID!) { hub(id: $id) { devices { id code } } }";
    let seen = app.operator(&hub).ask(devices, json!({ "id": hub.id })).await;
    let device: DeviceId =
        seen["hub"]["devices"][0]["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
    let reader = app.client(Caller::Device {
        device,
        hub: hub.id.parse().expect("an id"),
        network: hub.network.parse().expect("an id"),
        capability: Permission::RecordPresence,
    });
    assert_eq!(reader.refused(devices, json!({ "id": hub.id })).await, "FORBIDDEN");
    assert_eq!(reader.ask("{ me { id } }", json!({})).await["me"]["id"], seen["hub"]["devices"][0]["id"]);
}
