//! Checks the plans of the statements that tests run.
//!
//! Always true:
//! - A statement of ours finds its rows by an index, whatever their number. It does not read a whole table or all
//!   rows of a network or a hub, unless the table is listed here with the reason.
//! - Every statement text is explained once in a process, at the end of the first test that ran it; nothing is run
//!   for it. The tests' own statements do not count.
//!
//! With the few rows of a test the planner would always read whole tables, and a plan must not depend on which tests
//! ran before. So PostgreSQL explains in a database that was migrated and never used, with statistics of one network
//! with twenty hubs that has all the rows, with costs for rows only, and without sequential scans: a sequential scan
//! in a plan means that no index serves. SQLite plans by the schema alone.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    panic::Location,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use kernel::{NetworkId, World};
use platform_db::{Db, DbConfig, Reach, Row, observe_statements};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, Value};
use server::{App, Config, Service, ServiceSet};
use tokio::sync::OnceCell;

use crate::{
    Json, TestApp,
    app::{self, Shape},
};

/// The part of a table that a statement may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// All of the table.
    Whole,
    /// All rows of one network.
    Network,
    /// All rows of one hub.
    Hub,
}

/// Tables of which more than a few rows may be read, with the reason: they stay small, or all rows are wanted.
const MAY_BE_READ: [(&str, Extent, &str); 32] = [
    ("network", Extent::Whole, "some networks"),
    ("roaming_network", Extent::Whole, "some networks"),
    ("monitoring_network", Extent::Whole, "some networks"),
    ("identity_network", Extent::Whole, "some networks"),
    ("events_hub", Extent::Whole, "some tens of hubs in a network"),
    ("hub", Extent::Network, "some tens of hubs in a network"),
    ("roaming_hub", Extent::Network, "some tens of hubs in a network"),
    ("monitoring_hub", Extent::Network, "some tens of hubs in a network"),
    ("identity_hub", Extent::Network, "some tens of hubs in a network"),
    ("hub_seats", Extent::Network, "one row for each hub"),
    (
        "hub_month",
        Extent::Network,
        "a row for each hub and month, read when indicators are compared with visits",
    ),
    ("hub_day", Extent::Network, "a row for each hub and day, read when indicators are compared with visits"),
    ("network_month", Extent::Network, "a row for each month"),
    ("settlement", Extent::Network, "a row for each month"),
    ("tariff", Extent::Network, "a hub changes its prices a few times a year"),
    ("plan", Extent::Hub, "a hub has some plans"),
    ("space", Extent::Hub, "a hub has some rooms"),
    ("resource", Extent::Hub, "a hub has some desks and printers"),
    ("device", Extent::Hub, "a hub has some readers"),
    ("role_assignment", Extent::Hub, "a hub has some staff"),
    ("api_key", Extent::Hub, "a hub has some programs"),
    ("audit_head", Extent::Network, "one row for each hub"),
    ("event_stream", Extent::Whole, "a row for each kind of event and network"),
    ("outbox", Extent::Whole, "a queue: what waits is counted"),
    ("relay_window", Extent::Whole, "a queue of a few windows: what waits is counted"),
    ("mail", Extent::Network, "a queue: what waits is counted"),
    (
        "mail_undeliverable",
        Extent::Network,
        "the addresses that were refused in the last two weeks are counted",
    ),
    ("file_sweep", Extent::Whole, "files that are not kept for ever, most of them for a day"),
    ("job_queue", Extent::Whole, "a queue: what waits, runs or has failed is counted and listed"),
    ("job_schedule", Extent::Whole, "a row for each recurring kind of job"),
    ("dead_letter", Extent::Whole, "an operator looks at all of them"),
    ("sign_in_handover", Extent::Network, "the sign-ins of a minute"),
];

/// Statements that read a whole table on purpose, by their beginnings.
const READ_ALL_ON_PURPOSE: [(&str, &str); 5] = [
    ("select distinct chain_id from audit where network_id", "who checks the audit log reads all of it"),
    (
        "select visit_id, started_at, revision, ended_at, annulled from visit where network_id",
        "who compares services with each other reads all visits, page by page",
    ),
    (
        "select count(*) as hubs from hub",
        "a list has some hundreds of hubs, and its length is asked for by few",
    ),
    (
        "select count(*) as members from member m join person p on p.person_id = m.person_id where m.network_id = $1",
        "a hub has some hundreds of members, and the length of their list is asked for by its staff",
    ),
    (
        "delete from idempotency where network_id = $1 and outcome is not null",
        "erasing somebody looks into every answer of the last day that may name them",
    ),
];

/// Settings for PostgreSQL's explanations. The second statement sets statistics of all tables, for a session of the
/// owner: the number of distinct values of their columns, with the ten pages of rows that PostgreSQL assumes for an
/// unused table.
const ROWS_ARE_WHAT_COSTS: &str =
    "set local enable_seqscan = off; set local cpu_tuple_cost = 1; set local cpu_index_tuple_cost = 1";
const ONE_NETWORK_HAS_ALL_ROWS: &str = "insert into pg_statistic (starelid, staattnum, stainherit, stanullfrac, stawidth, stadistinct, \
     stakind1, stakind2, stakind3, stakind4, stakind5, staop1, staop2, staop3, staop4, staop5, \
     stacoll1, stacoll2, stacoll3, stacoll4, stacoll5) \
     select a.attrelid, a.attnum, false, 0, 16, case when a.attname = 'network_id' then 1 \
     when a.attname like '%hub_id' then 20 when a.atttypid = 'boolean'::regtype then 2 \
     when a.attname in ('consumer', 'kind', 'source', 'direction', 'purpose') then 5 else -0.5 end, \
     0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 \
     from pg_attribute a join pg_class c on c.oid = a.attrelid \
     where c.relkind = 'r' and a.attnum > 0 and not a.attisdropped \
     and c.relnamespace::regnamespace::text in ({services}) \
     and not exists (select from pg_statistic s where s.starelid = a.attrelid)";
/// Columns that are equal in all rows of a network or hub.
const OF_THE_NETWORK: [&str; 1] = ["network_id"];
const OF_THE_HUB: [&str; 2] = ["network_id", "hub_id"];

/// The database in which PostgreSQL explains: all services, without any data.
static UNUSED: OnceCell<Config> = OnceCell::const_new();
static SEEN: Mutex<BTreeMap<String, Seen>> = Mutex::new(BTreeMap::new());

/// Time without a statement after which the work counts as finished.
const QUIET: Duration = Duration::from_millis(200);
static RECORDED: Mutex<Option<Vec<String>>> = Mutex::new(None);

/// A statement that was run.
#[derive(Debug, Clone)]
struct Seen {
    /// PostgreSQL's types of its values.
    types: Vec<&'static str>,
    at: Option<&'static Location<'static>>,
    is_explained: bool,
    is_for_sqlite: bool,
}

/// Records every statement from now on.
pub(crate) fn watch() {
    observe_statements(note);
}

/// Returns the texts of the statements that run during some work and beside it, in order. They are those of the whole
/// process, so a test that uses this runs alone in a process.
pub async fn statements_of(work: impl Future) -> Vec<String> {
    let recorded = || RECORDED.lock().unwrap_or_else(PoisonError::into_inner);
    let so_far = || recorded().as_ref().map_or(0, Vec::len);
    *recorded() = Some(Vec::new());
    work.await;
    // Work beside the response ends without a signal.
    loop {
        let before = so_far();
        tokio::time::sleep(QUIET).await;
        if so_far() == before {
            return recorded().take().unwrap_or_default();
        }
    }
}

fn note(statement: &Statement, at: Option<&'static Location<'static>>) {
    // A statement with its place in the code is recorded again by the connection, without the place.
    if at.is_none()
        && let Some(recorded) = &mut *RECORDED.lock().unwrap_or_else(PoisonError::into_inner)
    {
        recorded.push(statement.sql.clone());
    }
    if !finds_rows(&statement.sql) {
        return;
    }
    let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = seen.get_mut(&statement.sql) {
        // Tests may run the same statements as a service.
        if known.at.is_some_and(is_of_a_test) && at.is_some_and(|at| !is_of_a_test(at)) {
            known.at = at;
        }
        return;
    }
    let types = statement.values.iter().flat_map(|values| values.0.iter()).map(postgres_type).collect();
    seen.insert(
        statement.sql.clone(),
        Seen { types, at, is_explained: false, is_for_sqlite: statement.db_backend == DbBackend::Sqlite },
    );
}

/// Returns whether a statement has a plan worth checking.
fn finds_rows(sql: &str) -> bool {
    let lower = sql.trim_start().to_ascii_lowercase();
    ["select", "with", "update", "delete"].iter().any(|word| lower.starts_with(word))
        || (lower.starts_with("insert") && lower.contains("select"))
}

fn is_of_a_test(at: &Location<'_>) -> bool {
    at.file().contains("tests/") || at.file().contains("testkit")
}

const fn postgres_type(value: &Value) -> &'static str {
    match value {
        Value::Bool(_) => "boolean",
        Value::Int(_) => "integer",
        Value::BigInt(_) => "bigint",
        Value::Uuid(_) => "uuid",
        Value::ChronoDateTimeUtc(_) => "timestamptz",
        Value::ChronoDate(_) => "date",
        Value::Json(_) => "json",
        Value::Bytes(_) => "bytea",
        Value::String(_) => "text",
        _ => "unknown",
    }
}

/// Returns the whole-table reads of the statements not yet explained, each with its plan.
pub(crate) async fn tables_read_whole(app: &TestApp) -> Vec<String> {
    let new: Vec<(String, Seen)> = {
        let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
        // A test may have used another shape than the run's.
        let is_for_us = |seen: &Seen| seen.is_for_sqlite == app.config().is_embedded();
        let new = seen.iter_mut().filter(|(_, seen)| !seen.is_explained && is_for_us(seen));
        new.map(|(sql, statement)| {
            statement.is_explained = true;
            (sql.clone(), statement.clone())
        })
        .filter(|(sql, statement)| !statement.at.is_some_and(is_of_a_test) && !reads_all_on_purpose(sql))
        .collect()
    };
    if new.is_empty() {
        return Vec::new();
    }
    let explainers = explainers(app).await;
    let mut faults = Vec::new();
    for (sql, statement) in new {
        let at = statement.at.map_or_else(|| "a store".to_owned(), ToString::to_string);
        match explained(&explainers, &sql, &statement.types).await {
            Ok(reads) => faults.extend(reads.iter().map(|read| format!("{at}: {read}\n    {sql}"))),
            Err(error) => faults.push(format!("{at}: cannot be explained: {error}\n    {sql}")),
        }
    }
    faults
}

/// Returns explainers of the databases of all services.
async fn explainers(app: &TestApp) -> Vec<Explainer> {
    let mut explainers = Vec::new();
    if app.config().is_embedded() {
        for db in app.services().databases() {
            explainers.push(Explainer::of(db.clone()).await);
        }
        return explainers;
    }
    let config = UNUSED.get_or_init(migrated_and_unused).await;
    for service in Service::all() {
        let config = DbConfig {
            url: config.database_url(service.name()).into(),
            schema: Some(service.name().to_owned()),
            max_connections: 1,
        };
        explainers.push(Explainer::of(Db::connect(&config).await.expect("a database")).await);
    }
    explainers
}

async fn migrated_and_unused() -> Config {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let config = app::config(Shape::Distributed, &folder);
    App::open(&config, ServiceSet::All, World::real()).await.expect("the database is migrated");
    let owner = config.database.owner_url.clone().expect("the owner's URL");
    let owner = DbConfig { url: owner, schema: None, max_connections: 1 };
    let owner = Db::connect(&owner).await.expect("the database");
    let services: Vec<String> = Service::all().map(|service| format!("'{}'", service.name())).collect();
    let statistics = ONE_NETWORK_HAS_ALL_ROWS.replace("{services}", &services.join(", "));
    let outcome = owner.for_migration().execute_unprepared(&statistics).await;
    outcome.expect("the statistics are set");
    config
}

/// Returns what a statement reads whole, in the first database that has its tables.
async fn explained(explainers: &[Explainer], sql: &str, types: &[&str]) -> Result<Vec<String>, String> {
    let mut refusals = Vec::new();
    for explainer in explainers {
        match explainer.whole_reads(sql, types).await {
            Ok(reads) => return Ok(reads),
            Err(error) => refusals.push(error.to_string()),
        }
    }
    Err(refusals.join("; "))
}

/// Explains statements in one database.
struct Explainer {
    db: Db,
    /// Index names with their tables.
    indexes: HashMap<String, String>,
    /// Partial indexes, such as those of pending work: a statement may read them whole.
    partial: HashSet<String>,
    tables: HashSet<String>,
}

impl Explainer {
    async fn of(db: Db) -> Self {
        let (indexes, tables) = if db.is_embedded() {
            (
                "select name, tbl_name as of_table, lower(sql) like '% where %' as partial from sqlite_schema \
                 where type = 'index'",
                "select name from sqlite_schema where type = 'table'",
            )
        } else {
            (
                "select cast(indexrelid::regclass as text) as name, cast(indrelid::regclass as text) as of_table, \
                 indpred is not null as partial from pg_index",
                "select cast(oid::regclass as text) as name from pg_class where relkind = 'r'",
            )
        };
        let tx = db.read(Reach::Directory).await.expect("a transaction");
        let (mut of_tables, mut partial) = (HashMap::new(), HashSet::new());
        for row in tx.rows(indexes, []).await.expect("indexes") {
            let name = text(&row, "name");
            of_tables.insert(name.clone(), text(&row, "of_table"));
            if row.try_get::<Option<bool>>("", "partial").expect("a word") == Some(true) {
                partial.insert(name);
            }
        }
        let tables = tx.rows(tables, []).await.expect("tables");
        let tables = tables.iter().map(|row| text(row, "name")).collect();
        drop(tx);
        Self { db, indexes: of_tables, partial, tables }
    }

    async fn whole_reads(&self, sql: &str, types: &[&str]) -> Result<Vec<String>, DbErr> {
        if self.db.is_embedded() { self.in_sqlite(sql).await } else { self.in_postgres(sql, types).await }
    }

    async fn in_postgres(&self, sql: &str, types: &[&str]) -> Result<Vec<String>, DbErr> {
        let tx = self.db.read(Reach::Network(NetworkId::from(uuid()))).await.expect("a transaction");
        let conn = tx.conn();
        let of = if types.is_empty() { String::new() } else { format!("({})", types.join(", ")) };
        let with = vec!["null"; types.len()].join(", ");
        let with = if types.is_empty() { with } else { format!("({with})") };
        conn.execute_unprepared(ROWS_ARE_WHAT_COSTS).await?;
        conn.execute_unprepared(&format!("prepare explained{of} as {sql}")).await?;
        let explain = format!("explain (format json) execute explained{with}");
        let rows = conn.query_all_raw(Statement::from_string(DbBackend::Postgres, explain)).await;
        conn.execute_unprepared("deallocate explained").await?;
        let plan: Json = rows?.first().expect("a plan").try_get_by_index(0)?;
        let mut reads = Vec::new();
        self.walk(&plan[0]["Plan"], false, &mut reads);
        Ok(reads)
    }

    /// Collects what a node of a PostgreSQL plan and its children read whole. Below a limit an index returns only its
    /// first rows.
    fn walk(&self, node: &Json, is_limited: bool, reads: &mut Vec<String>) {
        let text = |key: &str| node[key].as_str().unwrap_or_default();
        let (kind, index) = (text("Node Type"), text("Index Name"));
        let is_by_index = ["Index Scan", "Index Only Scan", "Bitmap Index Scan"].contains(&kind);
        let table = self.indexes.get(index).map_or_else(|| text("Relation Name"), String::as_str);
        let is_of_all_rows = is_by_index && !is_limited && !self.partial.contains(index);
        let (which, filter) = (text("Index Cond"), text("Filter"));
        let extent = match kind {
            "Seq Scan" => Some(Extent::Whole),
            _ if is_of_all_rows => extent_of(which),
            _ => None,
        };
        if extent.is_some_and(|extent| !may_be_read(table, extent)) {
            reads.push(format!("{kind} on {table} {index} {which} {filter}"));
        }
        let is_limited = match kind {
            "Limit" => true,
            "Sort" | "Aggregate" | "Hash" | "Materialize" => false,
            _ => is_limited,
        };
        for below in node["Plans"].as_array().into_iter().flatten() {
            self.walk(below, is_limited, reads);
        }
    }

    async fn in_sqlite(&self, sql: &str) -> Result<Vec<String>, DbErr> {
        let tx = self.db.read(Reach::Directory).await.expect("a transaction");
        let explain = format!("explain query plan {sql}");
        let rows = tx.conn().query_all_raw(Statement::from_string(DbBackend::Sqlite, explain)).await?;
        let mut reads = Vec::new();
        for row in rows {
            let detail: String = row.try_get("", "detail")?;
            if self.reads_a_table_whole(&detail, sql) {
                reads.push(detail);
            }
        }
        Ok(reads)
    }

    fn reads_a_table_whole(&self, detail: &str, sql: &str) -> bool {
        let (is_scan, read) = match (detail.strip_prefix("SCAN "), detail.strip_prefix("SEARCH ")) {
            (Some(scanned), _) => (true, scanned),
            (None, Some(searched)) => (false, searched),
            (None, None) => return false,
        };
        let name = read.split(' ').next().unwrap_or_default();
        let Some(table) = self.table_called(name, sql) else { return false };
        let index = read.split_once(" INDEX ").map(|(_, index)| index.split(' ').next().unwrap_or_default());
        let which = read.split_once('(').map_or("", |(_, which)| which);
        let extent = match (is_scan, index) {
            (true, _) => Some(Extent::Whole),
            (false, Some(_)) => extent_of(which),
            (false, None) => None,
        };
        let gives_the_first = index.is_some() && sql.to_ascii_lowercase().contains("limit ");
        let is_partial = index.is_some_and(|index| self.partial.contains(index));
        let is_bound = gives_the_first || is_partial;
        !is_bound && extent.is_some_and(|extent| !may_be_read(&table, extent))
    }

    /// Returns the table that a statement refers to by its name or an alias.
    fn table_called(&self, name: &str, sql: &str) -> Option<String> {
        if self.tables.contains(name) {
            return Some(name.to_owned());
        }
        let words: Vec<&str> = sql.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
        let before = |distance: usize| {
            let found = words.windows(distance + 1).filter(|words| words.last() == Some(&name));
            found.map(|words| words[0]).find(|word| self.tables.contains(*word)).map(str::to_owned)
        };
        before(1).or_else(|| before(2))
    }
}

/// Returns an id that no network has.
fn uuid() -> sea_orm::prelude::Uuid {
    sea_orm::prelude::Uuid::nil()
}

fn may_be_read(table: &str, extent: Extent) -> bool {
    let is_wider = |allowed: Extent| match allowed {
        Extent::Whole => true,
        Extent::Network => extent != Extent::Whole,
        Extent::Hub => extent == Extent::Hub,
    };
    table.ends_with("_migration")
        || MAY_BE_READ.iter().any(|(name, allowed, _why)| *name == table && is_wider(*allowed))
}

fn reads_all_on_purpose(sql: &str) -> bool {
    // SQLite writes placeholders differently.
    let sql = sql.replace('?', "$");
    READ_ALL_ON_PURPOSE.iter().any(|(beginning, _why)| sql.starts_with(beginning))
}

/// Returns the extent of an index condition, if the condition restricts only the owner of the rows.
fn extent_of(condition: &str) -> Option<Extent> {
    let lower = condition.to_ascii_lowercase();
    let columns = lower
        .split(" and ")
        .map(|one| one.trim_start_matches('(').split([' ', '=', '<', '>', ')']).next().unwrap_or_default());
    let columns: Vec<&str> = columns.filter(|column| !column.is_empty()).collect();
    let all_are = |of: &[&str]| columns.iter().all(|column| of.contains(column));
    match () {
        () if columns.is_empty() => Some(Extent::Whole),
        () if all_are(&OF_THE_NETWORK) => Some(Extent::Network),
        () if all_are(&OF_THE_HUB) => Some(Extent::Hub),
        () => None,
    }
}

fn text(row: &Row, column: &str) -> String {
    row.try_get("", column).expect("a text")
}

#[cfg(test)]
mod tests {
    use super::{Extent, extent_of, may_be_read, reads_all_on_purpose};

    #[test]
    fn a_condition_that_names_more_than_the_tenant_finds_some_rows() {
        assert_eq!(extent_of(""), Some(Extent::Whole), "no condition finds all of them");
        assert_eq!(extent_of("(network_id = $1)"), Some(Extent::Network));
        assert_eq!(extent_of("((network_id = $1) AND (hub_id = $2))"), Some(Extent::Hub));
        assert_eq!(extent_of("network_id=? AND hub_id=?)"), Some(Extent::Hub));
        assert_eq!(extent_of("((network_id = $1) AND (person_id = ANY ($2)))"), None);
        assert_eq!(extent_of("(ROW(started_at, visit_id) < ROW($4, $5))"), None);
        assert_eq!(extent_of("network_id=? AND until>?)"), None);
    }

    #[test]
    fn a_small_table_may_be_read_as_far_as_is_listed_and_no_further() {
        assert!(may_be_read("network", Extent::Whole));
        assert!(may_be_read("plan", Extent::Hub) && !may_be_read("plan", Extent::Network));
        assert!(!may_be_read("visit", Extent::Hub));
    }

    #[test]
    fn a_statement_for_checking_may_read_all_on_either_database() {
        assert!(reads_all_on_purpose("select distinct chain_id from audit where network_id = ?1"));
        assert!(!reads_all_on_purpose("select hash from audit where network_id = $1"));
    }
}
