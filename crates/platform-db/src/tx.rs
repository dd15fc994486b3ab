//! One transaction: how far it reaches, what it emits, how it ends.

use std::{
    panic::Location,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use kernel::{AuditEvent, CloudEvent, HubId, NetworkId, OpContext};
use sea_orm::{ConnectionTrait, DbBackend, ExecResult, QueryResult, Statement, Value};
use tokio::sync::{Notify, OwnedMutexGuard};
use uuid::Uuid;

use crate::{
    DbError, Insert, Ts,
    audit::{self, Pending},
    conn::Conn,
    idempotency::Claim,
    observe,
};

/// The table that events leave through.
pub const OUTBOX: &str = "outbox";

/// How far a transaction can see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// One hub's rows.
    Hub(NetworkId, HubId),
    /// The rows of all hubs of a network, since a roaming visit crosses hubs.
    Network(NetworkId),
    /// Only what is public: networks and hubs.
    Directory,
}

/// An open transaction. Dropped, it rolls back.
pub struct Tx {
    inner: Conn,
    notify: Arc<Notify>,
    emitted: AtomicBool,
    reach: Mutex<Reach>,
    audit_events: Mutex<Vec<Pending>>,
    claim: Mutex<Option<Claim>>,
    _turn: Option<OwnedMutexGuard<()>>,
}

impl std::fmt::Debug for Tx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tx").finish_non_exhaustive()
    }
}

impl Tx {
    pub(crate) fn new(inner: Conn, notify: Arc<Notify>, turn: Option<OwnedMutexGuard<()>>) -> Self {
        Self {
            inner,
            notify,
            emitted: AtomicBool::new(false),
            reach: Mutex::new(Reach::Directory),
            audit_events: Mutex::new(Vec::new()),
            claim: Mutex::new(None),
            _turn: turn,
        }
    }

    /// The connection, for a store's sea-orm queries.
    pub fn conn(&self) -> &Conn {
        &self.inner
    }

    /// Whether this is PostgreSQL, for the few statements that differ.
    pub fn is_postgres(&self) -> bool {
        self.inner.get_database_backend() == DbBackend::Postgres
    }

    /// Sets the reach of the rest of the transaction, for consumers that handle events of several networks in a row.
    ///
    /// # Errors
    /// Fails if the database is away.
    pub async fn enter(&self, reach: Reach) -> Result<(), DbError> {
        *self.reach.lock().unwrap_or_else(PoisonError::into_inner) = reach;
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

    /// How far the transaction reaches.
    pub fn reach(&self) -> Reach {
        *self.reach.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records an audited action of the caller. It is written to the audit log as the last step before the commit, so
    /// that the log's chains are locked as briefly as possible. Without a commit it is not recorded.
    ///
    /// # Errors
    /// None yet; writing fails with the commit.
    pub async fn audit(&self, op: &OpContext, audit_event: AuditEvent) -> Result<(), DbError> {
        self.audit_events.lock().unwrap_or_else(PoisonError::into_inner).push(Pending::new(op, audit_event));
        Ok(())
    }

    /// Requires the transaction to end with an outcome for a key it has claimed.
    pub(crate) fn hold_claim(&self, claim: Claim) {
        *self.claim.lock().unwrap_or_else(PoisonError::into_inner) = Some(claim);
    }

    pub(crate) fn take_claim(&self) -> Option<Claim> {
        self.claim.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Runs a statement written for both dialects, with `$1`, `$2` … for its values.
    ///
    /// # Errors
    /// See [`DbError`].
    #[track_caller]
    pub fn run(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> impl Future<Output = Result<ExecResult, DbError>> + Send {
        let statement = self.statement(sql, values);
        observe::show(&statement, Some(Location::caller()));
        async move { Ok(self.inner.execute_raw(statement).await?) }
    }

    /// Reads the rows of a statement.
    ///
    /// # Errors
    /// See [`DbError`].
    #[track_caller]
    pub fn rows(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> impl Future<Output = Result<Vec<QueryResult>, DbError>> + Send {
        let statement = self.statement(sql, values);
        observe::show(&statement, Some(Location::caller()));
        async move { Ok(self.inner.query_all_raw(statement).await?) }
    }

    /// Reads the first row of a statement.
    ///
    /// # Errors
    /// See [`DbError`].
    #[track_caller]
    pub fn row(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> impl Future<Output = Result<Option<QueryResult>, DbError>> + Send {
        let statement = self.statement(sql, values);
        observe::show(&statement, Some(Location::caller()));
        async move { Ok(self.inner.query_one_raw(statement).await?) }
    }

    /// Emits an event to the other services as a row in the outbox, in the transaction of the effect.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn emit(&self, event: CloudEvent) -> Result<(), DbError> {
        self.emit_all(vec![event]).await
    }

    /// Emits several events at once, in order. Each carries the trace of the request that caused it.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn emit_all(&self, events: Vec<CloudEvent>) -> Result<(), DbError> {
        self.write_all(Vec::new(), events).await
    }

    /// Inserts into several tables and emits events, in one round trip if the database can.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn write_all(&self, mut inserts: Vec<Insert>, events: Vec<CloudEvent>) -> Result<(), DbError> {
        if !events.is_empty() {
            inserts.push(outbox_rows(events)?);
            self.emitted.store(true, Ordering::Relaxed);
        }
        self.insert_all(inserts).await
    }

    /// Commits, and notifies the relay that carries the events on.
    ///
    /// # Errors
    /// Fails if the database is away or a statement of the transaction failed ([`DbError::Broken`]); nothing is stored
    /// then.
    pub async fn commit(self) -> Result<(), DbError> {
        self.inner.check()?;
        if self.take_claim().is_some() {
            return Err(DbError::inconsistent(
                "idempotency",
                "committed without an outcome: use commit_with_outcome",
            ));
        }
        let audit_events =
            std::mem::take(&mut *self.audit_events.lock().unwrap_or_else(PoisonError::into_inner));
        if !audit_events.is_empty() {
            audit::write(&self, audit_events).await?;
        }
        self.inner.commit().await?;
        if self.emitted.load(Ordering::Relaxed) {
            self.notify.notify_one();
        }
        Ok(())
    }

    /// Rolls back and returns when the rows it had locked are free. A transaction that is dropped rolls back as well, but
    /// a moment later: whoever tries the same rows next with `skip locked` would not see them.
    ///
    /// # Errors
    /// The database is away; nothing happened.
    pub async fn roll_back(self) -> Result<(), DbError> {
        self.inner.roll_back().await
    }

    fn statement(&self, sql: &str, values: impl IntoIterator<Item = Value>) -> Statement {
        statement(self.inner.get_database_backend(), sql, values)
    }
}

/// A statement written for both dialects, with `$1`, `$2` … for its values.
pub(crate) fn statement(backend: DbBackend, sql: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    if backend == DbBackend::Postgres {
        return Statement::from_sql_and_values(backend, sql, values);
    }
    // SQLite takes `$1` for a name and compares it with every other name, but `?1` for a number.
    Statement::from_sql_and_values(backend, sql.replace('$', "?"), values)
}

/// Events as rows of the outbox, in order, each with the trace of the request that caused it.
pub(crate) fn outbox_rows(events: Vec<CloudEvent>) -> Result<Insert, DbError> {
    let traceparent = platform_telemetry::trace_context::current();
    let mut rows = Vec::with_capacity(events.len());
    for mut event in events {
        event.traceparent = event.traceparent.or_else(|| traceparent.clone());
        let body = serde_json::to_string(&event).map_err(|error| DbError::inconsistent(OUTBOX, error))?;
        rows.push(vec![event.id.into(), Ts(event.time).into(), body.into()]);
    }
    Ok(Insert { head: "insert into outbox (event_id, emitted_at, body)".into(), rows, tail: "" })
}
