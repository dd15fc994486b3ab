//! A member's export (GDPR Art. 15 and 20): all stored data about them, and no data about anybody else.

mod archive;
mod kept;
mod over_http;

use kernel::{DeviceId, OpContext, Permission, Role};
use platform_db::Reach;
use platform_http::{Credentials, Download};
use testkit::{Client, Json, TestApp, TestHub, TestMember, json};

pub(crate) use self::archive::Export;
use self::kept::Kept;
use super::{Life, PASSWORD, sign_up};

const ROLE: &str = "mutation($input: GrantRoleInput!) { grantRole(input: $input) { role { id } } }";
const SEAT: &str = "mutation($input: TakeSeatInput!) { takeSeat(input: $input) { __typename } }";

/// Proves that the export is complete: every personal column, by its mark, is read from the database, row by row, and
/// searched for in the ZIP.
#[tokio::test(flavor = "multi_thread")]
async fn every_personal_column_about_a_member_is_in_their_export_and_nothing_about_anybody_else() {
    let life = Life::lived().await;
    let neighbour = somebody_else(&life).await;
    let person = kept::person_of(&life.app, life.tokens["accessToken"].as_str().expect("a token"));
    let me = life.app.with_token(life.tokens["accessToken"].as_str().expect("a token"));
    busy(&life, &me).await;
    kept::plant(&life.app, &life.network.id, &person, &life.member.id).await;
    // The first export makes an audit event that the second one contains.
    export(&life.app, &life.tokens).await.expect("an export");
    let kept = Kept::by(&life.app, &life.network.id, &[&person, &life.member.id]).await;
    let export = export(&life.app, &life.tokens).await.expect("an export");

    kept.is_all_in(&export);
    for secret in kept.secrets() {
        assert!(!export.text().contains(&secret), "a secret is in the export: {secret}");
    }
    for stranger in [neighbour.id.as_str(), &neighbour.email, &neighbour.chip_id, "Soused"] {
        let at = export.text().find(stranger).map(|at| export.around(at));
        assert_eq!(at, None, "the export speaks of somebody else");
    }
    for (prefix, own) in [("per_", &person), ("mem_", &life.member.id)] {
        for id in export.ids(prefix) {
            assert_eq!(&id, own, "the export names somebody else");
        }
    }
    life.app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_manifest_describes_the_files_and_what_is_withheld_and_why() {
    let life = Life::lived().await;
    let export = export(&life.app, &life.tokens).await.expect("an export");
    let files =
        ["README.txt", "membership.json", "roaming.json", "events.json", "identity.json", "manifest.json"];
    assert_eq!(export.names(), files);
    let manifest = export.json("manifest.json");
    assert_eq!(manifest["formatVersion"], 1);
    assert_eq!(manifest["network"], json!(life.network.id));
    assert_eq!(manifest["member"], json!(life.member.id));
    for file in manifest["files"].as_array().expect("files") {
        let part = export.json(file["file"].as_str().expect("a name"));
        let rows = file["rows"].as_object().expect("counts");
        assert!(!rows.is_empty(), "{file}");
        for (table, count) in rows {
            assert_eq!(
                part[table].as_array().map(Vec::len),
                count.as_u64().and_then(|it| it.try_into().ok()),
                "{table}"
            );
        }
    }
    let kept_back = manifest["notShown"].as_array().expect("a list");
    assert!(kept_back.iter().any(|it| it["column"] == "password_hash" && it["why"].is_string()));
    assert!(kept_back.iter().any(|it| it["table"] == "monitoring_visit"));
    // A person reads it: names are beside ids.
    let membership = export.json("membership.json");
    assert_eq!(membership["person"][0]["name"], super::NAME);
    assert!(membership["hub"].as_array().expect("hubs").iter().any(|hub| hub["name"] == "Hub away"));
    assert_eq!(export.json("events.json")["event"][0]["title"], "Lecture");
    life.app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_of_years_is_exported_in_small_pieces_whole_and_without_repetition() {
    let life = Life::lived().await;
    let person = kept::person_of(&life.app, life.tokens["accessToken"].as_str().expect("a token"));
    let visits = 3 * platform_db::MOST_EXPORTED_ROWS + 7;
    kept::plant_visits(&life.app, &life.network.id, &person, &life.member.id, &life.home.id, visits).await;
    let me = life.app.with_token(life.tokens["accessToken"].as_str().expect("a token"));
    let asked =
        "query($after: String) { personalData { membership(after: $after) { tables { name rows } next } } }";
    let (mut after, mut pieces) = (Json::Null, 0);
    loop {
        let piece = me.ask(asked, json!({ "after": after })).await["personalData"]["membership"].clone();
        let rows = piece["tables"].as_array().expect("tables").iter().map(|table| {
            let rows = table["rows"].as_str().expect("rows");
            serde_json::from_str::<Vec<Json>>(rows).expect("JSON").len()
        });
        assert!(rows.sum::<usize>() <= platform_db::MOST_EXPORTED_ROWS, "a piece is small");
        pieces += 1;
        after = piece["next"].clone();
        if after.is_null() {
            break;
        }
    }
    assert!(pieces >= 4, "{pieces}");
    let export = export(&life.app, &life.tokens).await.expect("an export");
    let membership = export.json("membership.json");
    let ids =
        membership["visit"].as_array().expect("visits").iter().map(|visit| visit["visit_id"].to_string());
    let ids: std::collections::BTreeSet<String> = ids.collect();
    let rows = membership["visit"].as_array().expect("visits").len();
    assert_eq!(ids.len(), rows, "no visit is there twice");
    assert!(rows >= visits, "{rows}");
    let foreign = me.refused(asked, json!({ "after": "sign_in_account [\"x\"]" })).await;
    assert_eq!(foreign, "INVALID_INPUT");
    life.app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_export_themselves_and_nobody_else_at_most_five_times_a_day() {
    let life = Life::lived().await;
    let app = &life.app;
    // Staff without a membership have an account and audit events.
    let coordinator = staff(app, &life.home, "cyril@example.org").await;
    let theirs = export(app, &coordinator).await.expect("an export");
    assert_eq!(theirs.json("identity.json")["sign_in_account"][0]["email"], "cyril@example.org");
    assert_eq!(theirs.json("membership.json"), json!({}));
    for word in life.words().iter().chain([&life.member.id]) {
        assert!(!theirs.text().contains(word.as_str()), "{word}");
    }

    assert_eq!(refused(app, None).await, "UNAUTHENTICATED");
    let device = device_token(app, &life.home);
    assert_eq!(refused(app, Some(&device)).await, "FORBIDDEN");
    let unknown =
        app.operator(&life.home).ask("{ personalData { identity { tables { name } } } }", json!({})).await;
    assert_eq!(unknown["personalData"]["identity"]["tables"], json!([]));

    for _again in 2..=5 {
        export(app, &coordinator).await.expect("an export");
    }
    let token = coordinator["accessToken"].as_str().expect("a token");
    assert_eq!(refused(app, Some(token)).await, "RATE_LIMITED");
    export(app, &life.tokens).await.expect("others still can");
    app.pass_minutes(24 * 60);
    let again = app.sign_in("cyril@example.org", PASSWORD).await;
    export(app, &again).await.expect("tomorrow they can, too");

    let log = "query($id: ID!) { hub(id: $id) { auditLog { identity(action: \"person.data_exported\") { nodes { actor object detail } } } } }";
    let read = app.staff(Role::Administrator, &life.home).ask(log, json!({ "id": life.home.id })).await;
    let audit_events = read["hub"]["auditLog"]["identity"]["nodes"].as_array().expect("audit events").clone();
    assert_eq!(audit_events.len(), 7, "{audit_events:?}");
    assert!(audit_events.iter().all(|audit_event| audit_event["actor"] == audit_event["object"] && audit_event["detail"] == "{}"), "{audit_events:?}");
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_erasure_there_is_nothing_to_export() {
    let life = Life::lived().await;
    let app = &life.app;
    let token = life.tokens["accessToken"].as_str().expect("a token").to_owned();
    export(app, &life.tokens).await.expect("before, there is");
    let me = app.with_token(&token);
    me.ask("mutation { eraseMe { memberId } }", json!({})).await;
    app.drain().await;
    // The token is refused even before their processes load its revocation.
    let left =
        me.ask("{ personalData { membership { tables { name } } events { tables { name } } } }", json!({}));
    let left = left.await;
    assert_eq!(left["personalData"]["membership"]["tables"], json!([]));
    assert_eq!(left["personalData"]["events"]["tables"], json!([]));
    let begun = app.services().identity().expect("identity").begin_export(&scope_of(app, &token)).await;
    assert!(begun.is_err(), "identity knows nobody by these ids");
    app.services().load_revocations().await.expect("the revocations are loaded");
    assert_eq!(refused(app, Some(&token)).await, "UNAUTHENTICATED");
}

/// Creates a person who did the same things at the same places.
async fn somebody_else(life: &Life) -> TestMember {
    let app = &life.app;
    let neighbour = app.roaming_member(&life.home, "Soused Vedle").await;
    let tokens = sign_up(app, &neighbour).await;
    let token = tokens["accessToken"].as_str().expect("a token");
    let input = json!({ "input": { "eventId": life.event } });
    app.services().load_revocations().await.expect("the revocations are loaded");
    app.with_token(token).with_idempotency_key("seat").ask(SEAT, input).await;
    app.check_in(&life.home, &neighbour).await;
    app.pass_minutes(5);
    app.check_out(&life.home, &neighbour).await;
    app.drain().await;
    app.services().load_revocations().await.expect("the revocations are loaded");
    neighbour
}

/// The member, who is staff too, acts on others and with idempotency keys.
async fn busy(life: &Life, me: &Client) {
    let chip = "mutation($input: IssueChipInput!) { issueChip(input: $input) { chip { id } } }";
    let other = life.app.member(&life.home, "Třetí Osoba").await;
    let input = json!({ "input": { "memberId": other.id, "number": "04AA00BB11CC22" } });
    me.with_idempotency_key("a-chip").ask(chip, input).await;
    let touch = "mutation($input: TouchInput!) { checkIn(input: $input) { __typename } }";
    let by_hand = |member: &str| json!({ "input": { "hubId": life.home.id, "memberId": member } });
    me.ask(touch, by_hand(&other.id)).await;
    me.ask(touch, by_hand(&life.member.id)).await;
    me.with_idempotency_key("a-seat").ask(SEAT, json!({ "input": { "eventId": life.event } })).await;
    life.app.drain().await;
}

async fn staff(app: &TestApp, hub: &TestHub, email: &str) -> Json {
    let invite = "mutation($input: InviteStaffInput!) { inviteStaff(input: $input) { personId code } }";
    let input = json!({ "email": email, "language": "cs", "role": "COORDINATOR", "networkId": hub.network });
    let invitation = app.system().ask(invite, json!({ "input": input })).await["inviteStaff"].clone();
    let session = app.accept(&invitation, PASSWORD).await;
    let role = json!({ "personId": invitation["personId"], "role": "OPERATOR", "hubId": hub.id });
    app.system().ask(ROLE, json!({ "input": role })).await;
    app.accept_roles(&session).await;
    app.pass_minutes(1);
    app.sign_in(email, PASSWORD).await
}

fn device_token(app: &TestApp, hub: &TestHub) -> String {
    use kernel::Id;
    let world = app.services().world();
    let caller = kernel::Caller::Device {
        device: DeviceId::generate(world),
        hub: hub.id.parse().expect("an id"),
        network: hub.network.parse().expect("an id"),
        capability: Permission::RecordPresence,
    };
    let tokens = app.services().tokens();
    tokens.issue(&caller, None, world.now(), identity::ACCESS_LIFETIME).expect("a token")
}

fn scope_of(app: &TestApp, token: &str) -> OpContext {
    let caller = app.services().tokens().read(token, app.now()).expect("a good token").caller;
    OpContext::new(caller.as_ref().clone(), app.services().world().clone())
}

/// Returns the response of `GET /me/export` to these tokens.
async fn export(app: &TestApp, tokens: &Json) -> Result<Export, &'static str> {
    let token = tokens["accessToken"].as_str().expect("a token");
    app.services().load_revocations().await.expect("the revocations are loaded");
    let credentials = Credentials { bearer: Some(token), ..Credentials::default() };
    let exports = server::Exports::new(app.services().clone(), String::new());
    let begun = exports.begin(credentials).await.map_err(|refusal| refusal.code.as_str())?;
    Ok(Export::read(begun).await)
}

async fn refused(app: &TestApp, token: Option<&str>) -> &'static str {
    app.services().load_revocations().await.expect("the revocations are loaded");
    let credentials = Credentials { bearer: token, ..Credentials::default() };
    let exports = server::Exports::new(app.services().clone(), String::new());
    exports.begin(credentials).await.err().map_or("there is an export", |refusal| refusal.code.as_str())
}

/// Returns the reach of a test's own statements.
fn reach(network: &str) -> Reach {
    Reach::Network(network.parse().expect("an id"))
}
