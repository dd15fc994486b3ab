//! The registry of personal columns against the catalogues of both databases: a column in no list fails, and so does
//! a column in two lists, and a listed column that does not exist.

use std::collections::{BTreeMap, BTreeSet};

use platform_db::{Reach, Tx};
use server::Service;
use testkit::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn every_column_is_marked_as_personal_or_not() {
    let app = TestApp::new().await;
    let mut real = BTreeSet::new();
    for db in app.services().databases() {
        let tx = db.read(Reach::Directory).await.expect("a transaction");
        for (table, columns) in catalogue(&tx).await {
            real.extend(columns.into_iter().map(|column| format!("{table}.{column}")));
        }
    }
    let mut marked: BTreeMap<String, usize> = BTreeMap::new();
    let of_services =
        Service::all().map(|service| (service.about().export.columns, service.about().impersonal));
    let of_all = (platform_db::personal::PERSONAL, platform_db::personal::IMPERSONAL);
    for (personal, impersonal) in of_services.chain([of_all]) {
        let personal = personal.iter().map(|it| format!("{}.{}", it.table, it.column));
        let impersonal = impersonal
            .iter()
            .flat_map(|(table, columns)| columns.iter().map(move |it| format!("{table}.{it}")));
        for column in personal.chain(impersonal) {
            *marked.entry(column).or_default() += 1;
        }
    }
    let unmarked: Vec<&String> = real.iter().filter(|column| !marked.contains_key(*column)).collect();
    assert!(
        unmarked.is_empty(),
        "say in `personal.rs` of their service whether these are personal: {unmarked:?}"
    );
    let gone: Vec<&String> = marked.keys().filter(|column| !real.contains(*column)).collect();
    assert!(gone.is_empty(), "these are marked, and no table has them: {gone:?}");
    let twice: Vec<&String> =
        marked.iter().filter(|(_, times)| **times > 1).map(|(column, _)| column).collect();
    assert!(twice.is_empty(), "these are marked twice: {twice:?}");
}

/// Returns the tables of a database with their columns, without those of the migrations.
pub(super) async fn catalogue(tx: &Tx) -> BTreeMap<String, Vec<String>> {
    let sql = if tx.is_postgres() {
        "select c.table_name as owner, c.column_name as name from information_schema.columns c \
         join pg_tables t on t.schemaname = c.table_schema and t.tablename = c.table_name \
         where c.table_schema = current_schema() order by 1, c.ordinal_position"
    } else {
        "select t.name as owner, c.name as name from sqlite_master t join pragma_table_info(t.name) c \
         where t.type = 'table' and t.name not like 'sqlite_%' order by 1, c.cid"
    };
    let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in tx.rows(sql, []).await.expect("the catalogue") {
        let table: String = row.try_get("", "owner").expect("a table");
        if !table.ends_with("_migration") {
            tables.entry(table).or_default().push(row.try_get("", "name").expect("a column"));
        }
    }
    tables
}
