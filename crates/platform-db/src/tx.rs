//! One transaction: how far it reaches, what it emits, how it ends.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use kernel::{CloudEvent, HubId, NetworkId};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, ExecResult, QueryResult, Statement, Value};
use tokio::sync::{Notify, OwnedMutexGuard};
use uuid::Uuid;

use crate::{DbError, Ts};

/// The table that events leave through.
pub const OUTBOX: &str = "outbox";

/// PostgreSQL takes 65,535 bound values in a statement.
const MOST_VALUES: usize = 30_000;
/// SQLite takes 32,766, and prepares short statements once for many uses.
const MOST_VALUES_SQLITE: usize = 1_000;

/// How far a transaction can see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// One hub's rows.
    Hub(NetworkId, HubId),
    /// The rows of all hubs of a network: a roaming visit crosses hubs.
    Network(NetworkId),
    /// Only what is public: networks and hubs.
    Directory,
}

/// An open transaction. Dropped, it rolls back.
pub struct Tx {
    inner: DatabaseTransaction,
    bell: Arc<Notify>,
    emitted: AtomicBool,
    _turn: Option<OwnedMutexGuard<()>>,
}

impl std::fmt::Debug for Tx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tx").finish_non_exhaustive()
    }
}

impl Tx {
    pub(crate) fn new(
        inner: DatabaseTransaction,
        bell: Arc<Notify>,
        turn: Option<OwnedMutexGuard<()>>,
    ) -> Self {
        Self { inner, bell, emitted: AtomicBool::new(false), _turn: turn }
    }

    /// The connection, for a store's sea-orm queries.
    pub fn conn(&self) -> &DatabaseTransaction {
        &self.inner
    }

    /// Whether this is PostgreSQL: the few statements that differ ask here.
    pub fn is_postgres(&self) -> bool {
        self.inner.get_database_backend() == DbBackend::Postgres
    }

    /// Sets how far the rest of the transaction reaches: a consumer handles events of several networks in a row.
    ///
    /// # Errors
    /// The database is away.
    pub async fn enter(&self, reach: Reach) -> Result<(), DbError> {
        if !self.is_postgres() {
            return Ok(());
        }
        let (network, hub) = match reach {
            Reach::Hub(network, hub) => (Uuid::from(network).to_string(), Uuid::from(hub).to_string()),
            Reach::Network(network) => (Uuid::from(network).to_string(), String::new()),
            Reach::Directory => (String::new(), String::new()),
        };
        let sql = "select set_config('app.network', $1, true), set_config('app.hub', $2, true)";
        self.run(sql, [network.into(), hub.into()]).await?;
        Ok(())
    }

    /// Runs a statement written for both dialects, with `$1`, `$2` … for its values.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn run(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<ExecResult, DbError> {
        Ok(self.inner.execute_raw(self.statement(sql, values)).await?)
    }

    /// Reads the rows of a statement.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn rows(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Vec<QueryResult>, DbError> {
        Ok(self.inner.query_all_raw(self.statement(sql, values)).await?)
    }

    /// Reads the first row of a statement.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn row(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Option<QueryResult>, DbError> {
        Ok(self.inner.query_one_raw(self.statement(sql, values)).await?)
    }

    /// Says something to the other services: a row in the outbox, beside the effect.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn emit(&self, event: CloudEvent) -> Result<(), DbError> {
        self.emit_all(vec![event]).await
    }

    /// Says many things at once, in order. Each carries the trace of the request that caused it.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn emit_all(&self, events: Vec<CloudEvent>) -> Result<(), DbError> {
        let mut rows = Vec::with_capacity(events.len());
        let traceparent = platform_telemetry::trace_context::current();
        for mut event in events {
            event.traceparent = event.traceparent.or_else(|| traceparent.clone());
            let body = serde_json::to_string(&event).map_err(|error| DbError::inconsistent(OUTBOX, error))?;
            rows.push([event.id.into(), Ts(event.time).into(), body.into()]);
        }
        self.insert_rows("insert into outbox (event_id, emitted_at, body)", rows, "").await?;
        self.emitted.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Inserts many rows with as few statements as the dialects' bind limits allow; answers how many rows changed.
    /// `head` is `insert into t (a, b)`, `tail` an `on conflict` clause or nothing.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn insert_rows<const N: usize>(
        &self,
        head: &str,
        rows: Vec<[Value; N]>,
        tail: &str,
    ) -> Result<u64, DbError> {
        let most_values = if self.is_postgres() { MOST_VALUES } else { MOST_VALUES_SQLITE };
        let mut changed = 0;
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let chunk: Vec<_> = rows.by_ref().take(most_values / N).collect();
            let tuples: Vec<String> = (0..chunk.len()).map(|row| tuple(row * N, N)).collect();
            let sql = format!("{head} values {} {tail}", tuples.join(", "));
            changed += self.run(&sql, chunk.into_iter().flatten()).await?.rows_affected();
        }
        Ok(changed)
    }

    /// Makes everything true at once, and rings for whoever carries the events on.
    ///
    /// # Errors
    /// The database is away; nothing happened.
    pub async fn commit(self) -> Result<(), DbError> {
        self.inner.commit().await?;
        if self.emitted.load(Ordering::Relaxed) {
            self.bell.notify_one();
        }
        Ok(())
    }

    fn statement(&self, sql: &str, values: impl IntoIterator<Item = Value>) -> Statement {
        let backend = self.inner.get_database_backend();
        if backend == DbBackend::Postgres {
            return Statement::from_sql_and_values(backend, sql, values);
        }
        // SQLite takes `$1` for a name and compares it with every other name; `?1` it takes for the number it is.
        Statement::from_sql_and_values(backend, sql.replace('$', "?"), values)
    }
}

fn tuple(start: usize, width: usize) -> String {
    let places: Vec<String> = (1..=width).map(|place| format!("${}", start + place)).collect();
    format!("({})", places.join(", "))
}
