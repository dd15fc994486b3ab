//! An upgrade keeps what a database has: the tables and rows of the first version become those of this one.
//!
//! The rows in `first_version/` were written by the first version: a network with two hubs, a traveller whose visit was
//! charged, a member who is inside, and an operator with a password. They stay as they are; a later version with other
//! rows worth keeping gets a folder of its own.

use std::{fs, path::Path};

use platform_db::{Db, DbConfig};
use sea_orm::ConnectionTrait;
use secrecy::{ExposeSecret, SecretString};
use server::{Config, Service};
use testkit::{Json, TestApp, TestHub, TestMember, json};

/// All migrations of the first version are older than this.
const FIRST_VERSION: &str = "20261129130000";

/// Returns the rows of a service in the first version: the tables of each service are in a schema of its own. Ids are
/// bytes on SQLite.
fn rows(service: Service, is_embedded: bool) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("it/spec/upgrade/first_version");
    let rows =
        fs::read_to_string(folder.join(service.name()).with_extension("sql")).expect("the rows of a service");
    let mut parts = rows.split('{');
    let mut sql = parts.next().expect("the first line").to_owned();
    for part in parts {
        let (id, rest) = part.split_once('}').expect("an id in braces");
        let is_id = id.len() == 36 && id.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit());
        let written = match (is_id, is_embedded) {
            (false, _) => format!("{{{id}}}"),
            (true, true) => format!("x'{}'", id.replace('-', "")),
            (true, false) => format!("'{id}'"),
        };
        sql.push_str(&written);
        sql.push_str(rest);
    }
    sql
}

/// Fills an empty database with the tables and rows of the first version.
async fn first_version(config: &Config) {
    for service in Service::all() {
        let owner = owner(config, service).await;
        if !owner.is_embedded() {
            migrations::prepare_postgres(owner.for_migration(), service.name(), None)
                .await
                .expect("a schema");
        }
        migrations::upgrade_until(&owner, service.name(), FIRST_VERSION).await.expect("the first version");
        let filled = owner.for_migration().execute_unprepared(&rows(service, owner.is_embedded())).await;
        filled.unwrap_or_else(|error| panic!("rows of {}: {error}", service.name()));
    }
}

/// Opens a database as its owner, who creates the tables of a service.
async fn owner(config: &Config, service: Service) -> Db {
    let embedded = || SecretString::from(config.database_url(""));
    let url = config.database.owner_url.clone().unwrap_or_else(embedded);
    assert!(!url.expose_secret().is_empty());
    let schema = config.database.owner_url.is_some().then(|| service.name().to_owned());
    // One connection holds the lock of the migrations.
    Db::connect(&DbConfig { url, schema, max_connections: 2 }).await.expect("the database")
}

/// Finds a hub of the stored rows.
async fn stored_hub(app: &TestApp, slug: &str) -> TestHub {
    let asked = "query($slug: String!) { hub(slug: $slug) { id network { id } } }";
    let hub = app.system().ask(asked, json!({ "slug": slug })).await["hub"].clone();
    let id = |value: &Json| value.as_str().expect("an id").to_owned();
    TestHub { id: id(&hub["id"]), slug: slug.into(), network: id(&hub["network"]["id"]) }
}

/// Finds a member of the stored rows, with the chip that the testkit gives to that name.
async fn stored_member(app: &TestApp, home: &TestHub, name: &str, chip: &str) -> TestMember {
    let asked = "query($id: ID!) { hub(id: $id) { members { nodes { id name email } } } }";
    let members = app.system().ask(asked, json!({ "id": home.id })).await["hub"]["members"]["nodes"].clone();
    let found = members.as_array().and_then(|all| all.iter().find(|it| it["name"] == name)).cloned();
    let word = |value: &Json| value.as_str().expect("a text").to_owned();
    let found = found.unwrap_or_else(|| panic!("{name} is in the stored rows"));
    TestMember {
        id: word(&found["id"]),
        email: word(&found["email"]),
        chip: chip.into(),
        chip_id: String::new(),
        home: home.clone(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_the_first_version_is_upgraded_and_used_on() {
    let app = TestApp::upgraded(first_version).await;
    let (home, host) = (stored_hub(&app, "home").await, stored_hub(&app, "host").await);
    let jan = stored_member(&app, &home, "Jan", "046A540170A7AC").await;
    let eva = stored_member(&app, &home, "Eva", "044D7C3583B5C3").await;
    app.recount().await;
    app.set_clock("2026-11-02T15:00:00Z");
    // Jan has been inside since before the upgrade.
    let left = app.check_out(&home, &jan).await;
    assert_eq!(
        (&left["__typename"], &left["visit"]["minutes"]),
        (&json!("CheckedOut"), &json!(60)),
        "{left}"
    );
    // Eva's pass, her chip and the tariff are the same as before.
    assert_eq!(app.check_in(&host, &eva).await["__typename"], "CheckedIn");
    app.pass_minutes(60);
    app.check_out(&host, &eva).await;
    app.drain().await;
    assert_eq!(amounts(&app, &eva).await, json!([6000, 6000]), "the old charge and the new one");
    app.sign_in("jana@example.org", "correct horse battery").await;
}

/// Returns the amounts of a member's charges.
async fn amounts(app: &TestApp, member: &TestMember) -> Json {
    let asked = "{ me { member { charges(first: 10) { nodes { amount { minor } } } } } }";
    let seen = app.as_member(member).ask(asked, json!({})).await;
    let charges = seen["me"]["member"]["charges"]["nodes"].as_array().cloned().unwrap_or_default();
    charges.iter().map(|charge| charge["amount"]["minor"].clone()).collect()
}

/// A second start finds nothing to do.
#[tokio::test(flavor = "multi_thread")]
async fn an_upgraded_database_is_of_this_version() {
    let app = TestApp::upgraded(first_version).await;
    app.another_process().await;
    for (service, db) in app.services().service_databases() {
        migrations::check(&db, service.name()).await.expect("this version");
    }
}
