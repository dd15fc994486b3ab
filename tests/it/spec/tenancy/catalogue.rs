//! G5, from PostgreSQL's own catalogue and by direct attack with the services' own logins. SQLite has no row-level
//! security: there the filters of the stores apply, with the tests beside this file.

use kernel::{HubId, NetworkId};
use platform_db::{Db, Reach, Tx};
use testkit::TestApp;

use super::NOBODYS;

/// Tables readable by everybody and writable by their own network only.
const DIRECTORY: [&str; 15] = [
    "identity_network",
    "identity_hub",
    "revocation",
    "network",
    "hub",
    "space",
    "resource",
    "plan",
    "roaming_network",
    "roaming_hub",
    "tariff",
    "events_hub",
    "event",
    "monitoring_network",
    "monitoring_hub",
];

/// Tables with rows of one hub, hidden from a transaction of another hub of the same network.
const OF_A_HUB: [&str; 17] = [
    "device",
    "hub_history",
    "hub_seats",
    "member",
    "member_search",
    "member_contact",
    "member_consent",
    "member_note",
    "credential",
    "roaming_pass_copy",
    "touch",
    "visit",
    "monitoring_visit",
    "hub_day",
    "hub_month",
    "audit",
    "audit_head",
];

/// A ledger guard that searches its tables by the caller's search path could be given other tables.
#[tokio::test(flavor = "multi_thread")]
async fn no_temporary_table_stands_before_the_tables_that_a_function_names() {
    let app = TestApp::new().await;
    for db in app.services().databases().iter().filter(|db| !db.is_embedded()) {
        let tx = db.read(Reach::Directory).await.expect("a transaction");
        let unguarded = "select p.proname as name from pg_proc p where p.pronamespace = current_schema()::regnamespace \
            and p.proconfig is distinct from array['search_path=' || current_schema() || ', pg_temp']";
        assert_eq!(names(&tx, unguarded).await, Vec::<String>::new(), "functions without a search path");
        drop(tx);
        for table in ["ledger_entry", "settlement", "anything"] {
            let tx = db.write(Reach::Directory).await.expect("a transaction");
            let made = tx.run(&format!("create temporary table {table} (network_id uuid)"), []).await;
            assert!(made.is_err(), "a service makes a temporary table named {table}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_table_is_guarded_or_holds_nothing_of_a_tenant() {
    let app = TestApp::new().await;
    for db in app.services().databases().iter().filter(|db| !db.is_embedded()) {
        let tx = db.read(Reach::Directory).await.expect("a transaction");
        let unguarded = "select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace \
            where n.nspname = current_schema() and c.relkind = 'r' and not (c.relrowsecurity and c.relforcerowsecurity \
            and exists (select 1 from pg_policy p where p.polrelid = c.oid and p.polcmd = '*' \
                and p.polqual is not null and p.polwithcheck is not null))";
        for name in names(&tx, unguarded).await {
            let is_nobodys = NOBODYS.contains(&name.as_str()) || name.ends_with("_migration");
            assert!(is_nobodys, "{name} is not under row-level security that is enabled and forced");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn direct_statements_of_a_service_find_and_change_nothing_of_another_tenant() {
    let app = TestApp::new().await;
    let network = app.network("north").await;
    let (home, away) = (app.hub(&network, "home").await, app.hub(&network, "away").await);
    app.tariff(&away, "60").await;
    app.drain().await;
    let traveller = app.roaming_member(&home, "Eva").await;
    app.check_in(&away, &traveller).await;
    app.pass_minutes(60);
    app.check_out(&away, &traveller).await;
    app.drain().await;
    let other: NetworkId = app.network("south").await.id.parse().expect("an id");
    let empty: HubId = app.hub(&network, "empty").await.id.parse().expect("an id");
    let own: NetworkId = network.id.parse().expect("an id");
    for db in app.services().databases().iter().filter(|db| !db.is_embedded()) {
        for table in guarded(db).await {
            let is_public = DIRECTORY.contains(&table.as_str());
            let all = count(&db.read(Reach::Network(own)).await.expect("a transaction"), &table, own).await;
            for reach in [Reach::Directory, Reach::Network(other)] {
                let tx = db.write(reach).await.expect("a transaction");
                let seen = count(&tx, &table, own).await;
                assert!(seen == 0 || is_public, "{table}: {seen} of {all} rows are seen from {reach:?}");
                attack(db, reach, &table, own).await;
            }
            if OF_A_HUB.contains(&table.as_str()) {
                let tx = db.read(Reach::Hub(own, empty)).await.expect("a transaction");
                let sql = format!("select count(*) as many from {table} where hub_id is distinct from $1");
                let row =
                    tx.row(&sql, [uuid::Uuid::from(empty).into()]).await.expect("a row").expect("a count");
                let seen: i64 = row.try_get("", "many").expect("a number");
                assert_eq!(seen, 0, "{table} shows one hub's rows to another");
            }
            let after = count(&db.read(Reach::Network(own)).await.expect("a transaction"), &table, own).await;
            assert_eq!(after, all, "{table} has lost or won rows");
        }
    }
}

/// Tries to change, remove and insert rows of another network.
async fn attack(db: &Db, from: Reach, table: &str, victim: NetworkId) {
    let id = uuid::Uuid::from(victim);
    for attack in [
        "update {table} set network_id = network_id where network_id = $1",
        "delete from {table} where network_id = $1",
    ] {
        let tx = db.write(from).await.expect("a transaction");
        // The login may lack the privilege, or a trigger may refuse: both pass.
        if let Ok(done) = tx.run(&attack.replace("{table}", table), [id.into()]).await {
            assert_eq!(done.rows_affected(), 0, "{table} changed from {from:?}: {attack}");
        }
    }
    let tx = db.write(from).await.expect("a transaction");
    let planted = format!(
        "insert into {table} select (json_populate_record(t, json_build_object('network_id', $1::text))).* \
        from (select null::{table} as t) x"
    );
    let refused = format!("{:?}", tx.run(&planted, [id.to_string().into()]).await.expect_err(table));
    // The ledger's own rule is checked before the tenant is.
    let by_rule = refused.contains("must sum to zero");
    let by_tenant = refused.contains("row-level security") || refused.contains("permission denied");
    assert!(by_tenant || by_rule, "{table}: planting from {from:?} failed for another reason: {refused}");
}

async fn guarded(db: &Db) -> Vec<String> {
    let tx = db.read(Reach::Directory).await.expect("a transaction");
    let sql = "select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace \
        where n.nspname = current_schema() and c.relkind = 'r' and c.relrowsecurity order by 1";
    names(&tx, sql).await
}

async fn count(tx: &Tx, table: &str, network: NetworkId) -> i64 {
    let sql = format!("select count(*) as many from {table} where network_id = $1");
    let row = tx.row(&sql, [uuid::Uuid::from(network).into()]).await.expect("a row").expect("a count");
    row.try_get("", "many").expect("a number")
}

async fn names(tx: &Tx, sql: &str) -> Vec<String> {
    let rows = tx.rows(sql, []).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    rows.iter().map(|row| row.try_get("", "name").expect("a name")).collect()
}
