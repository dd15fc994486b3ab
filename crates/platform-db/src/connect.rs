//! Opens the database, with the settings that durability and fairness require.

use std::{panic::Location, sync::Arc, time::Duration};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, QueryResult, SqliteTransactionMode,
    SqlxPostgresConnector, SqlxSqliteConnector, TransactionOptions, TransactionTrait, Value,
    sqlx::{
        Connection as _,
        postgres::{PgConnectOptions, PgPoolOptions},
        sqlite::{
            SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
        },
    },
};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{Mutex, Notify};

use crate::{
    DbError, Key, Reach, Tx, among::among, away::Away, conn::Conn, error::is_gone, observe, tx::statement,
    writable::Writable,
};

/// The most dead connections to skip: after a restart of the server every open connection is dead.
const MOST_DEAD_CONNECTIONS: usize = 64;

/// The database's address and the size of its connection pool.
#[derive(Debug, Clone)]
pub struct DbConfig {
    /// `sqlite://…` or `postgres://…`, never printed.
    pub url: SecretString,
    /// PostgreSQL: the schema of the service.
    pub schema: Option<String>,
    /// The most connections the pool may open.
    pub max_connections: u32,
}

/// One service's database.
#[derive(Clone)]
pub struct Db {
    pool: DatabaseConnection,
    /// SQLite has one writer at a time; writers queue here in order instead of racing for the file's lock.
    turn: Option<Arc<Mutex<()>>>,
    emitted: Arc<Notify>,
    writable: Arc<Writable>,
}

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Db").field("backend", &self.backend()).finish_non_exhaustive()
    }
}

impl Db {
    /// Opens the database.
    ///
    /// # Errors
    /// Fails if the URL names an unknown kind of database or the database does not respond.
    pub async fn connect(config: &DbConfig) -> Result<Self, DbError> {
        let is_sqlite = config.url.expose_secret().starts_with("sqlite:");
        let opened = if is_sqlite {
            sqlite(config).await.map(|pool| (pool, Writable::default()))
        } else {
            postgres(config).await
        };
        let (pool, writable) = opened.map_err(|error| {
            DbError::Unavailable(sea_orm::DbErr::Conn(sea_orm::RuntimeErr::SqlxError(error.into())))
        })?;
        let turn = is_sqlite.then(|| Arc::new(Mutex::new(())));
        Ok(Self { pool, turn, emitted: Arc::new(Notify::new()), writable: Arc::new(writable) })
    }

    /// The kind of database.
    pub fn backend(&self) -> DbBackend {
        self.pool.get_database_backend()
    }

    /// Whether one process with one file does everything.
    pub fn is_embedded(&self) -> bool {
        self.turn.is_some()
    }

    /// Returns the notifier of commits of transactions that emitted events.
    pub fn emitted_notify(&self) -> Arc<Notify> {
        Arc::clone(&self.emitted)
    }

    /// The connection pool itself: for migrations only.
    pub fn for_migration(&self) -> &DatabaseConnection {
        &self.pool
    }

    /// The record of failed writes.
    pub(crate) fn writable(&self) -> &Arc<Writable> {
        &self.writable
    }

    /// Checks that the database responds.
    ///
    /// # Errors
    /// Fails if the database does not respond.
    pub async fn ping(&self) -> Result<(), DbError> {
        let answered = on_a_live_connection(|| self.pool.execute_unprepared("select 1")).await;
        answered.inspect_err(|error| self.writable.note(error))?;
        Ok(())
    }

    /// Opens a transaction that only reads.
    ///
    /// # Errors
    /// Fails if the database is away.
    pub async fn read(&self, reach: Reach) -> Result<Tx, DbError> {
        self.begin(SqliteTransactionMode::Deferred, reach, None).await
    }

    /// Opens a transaction that writes.
    ///
    /// # Errors
    /// Fails if the database is away.
    pub async fn write(&self, reach: Reach) -> Result<Tx, DbError> {
        let turn = match &self.turn {
            Some(turn) => Some(Arc::clone(turn).lock_owned().await),
            None => None,
        };
        self.begin(SqliteTransactionMode::Immediate, reach, turn).await
    }

    /// Runs one statement as a transaction of its own, on a table without a tenant, such as the outbox. Returns its
    /// rows. The statement runs again if a connection breaks under it, so it must be repeatable.
    ///
    /// # Errors
    /// See [`DbError`].
    #[track_caller]
    pub fn alone(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> impl Future<Output = Result<Vec<QueryResult>, DbError>> + Send {
        let statement = statement(self.backend(), sql, values);
        observe::show(&statement, Some(Location::caller()));
        async move {
            let _turn = match &self.turn {
                Some(turn) => Some(turn.lock().await),
                None => None,
            };
            let rows = on_a_live_connection(|| self.pool.query_all_raw(statement.clone())).await;
            Ok(rows.inspect_err(|error| self.writable.note(error))?)
        }
    }

    /// Updates PostgreSQL's statistics, so that its plans fit the current sizes of the tables. PostgreSQL does this by
    /// itself once a minute; callers that load a history need it earlier.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn take_stock(&self) -> Result<(), DbError> {
        if !self.is_embedded() {
            self.alone("select take_stock()", []).await?;
        }
        Ok(())
    }

    /// The condition that `column` is one of the keys; see [`Tx::among`].
    pub fn among<K: Key>(&self, column: &str, first: usize, keys: &[K]) -> (String, Vec<Value>) {
        among(!self.is_embedded(), column, first, keys)
    }

    async fn begin(
        &self,
        mode: SqliteTransactionMode,
        reach: Reach,
        turn: Option<tokio::sync::OwnedMutexGuard<()>>,
    ) -> Result<Tx, DbError> {
        let pool = self.pool.clone();
        let sqlite_transaction_mode = self.is_embedded().then_some(mode);
        let options = TransactionOptions { sqlite_transaction_mode, ..TransactionOptions::default() };
        // The task owns the turn: a cancelled caller keeps it until the transaction has ended.
        let begin = async move { (on_a_live_connection(|| pool.begin_with_options(options)).await, turn) };
        let begun = tokio::spawn(begin).await;
        let (inner, turn) = begun.map_err(|lost| DbError::inconsistent("connection", lost))?;
        let inner = inner.inspect_err(|error| self.writable.note(error))?;
        let tx = Tx::new(Conn::new(inner, Arc::clone(&self.writable)), Arc::clone(&self.emitted), turn);
        tx.enter(reach).await?;
        Ok(tx)
    }
}

/// Runs an operation on the first live connection of the pool. The operation itself tests the connection, which saves a
/// round trip. Only for operations that may run twice.
async fn on_a_live_connection<T, F>(what: impl Fn() -> F) -> Result<T, DbErr>
where
    F: Future<Output = Result<T, DbErr>>,
{
    let mut dead = 0;
    loop {
        match what().await {
            Err(error) if dead < MOST_DEAD_CONNECTIONS && is_gone(&error) => dead += 1,
            done => return done,
        }
    }
}

async fn sqlite(config: &DbConfig) -> Result<DatabaseConnection, sea_orm::sqlx::Error> {
    let options: SqliteConnectOptions = config.url.expose_secret().parse()?;
    let options = options
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(5))
        .foreign_keys(true)
        .pragma("cache_size", "-16384")
        .pragma("temp_store", "memory");
    let pool = SqlitePoolOptions::new()
        .max_connections(config.max_connections)
        .acquire_timeout(Duration::from_secs(5))
        .test_before_acquire(false)
        .after_release(|connection, _about| Box::pin(has_ended_its_transaction(connection)))
        .connect_with(options)
        .await?;
    Ok(SqlxSqliteConnector::from_sqlx_sqlite_pool(pool))
}

/// Whether a connection may be reused: only if COMMIT or ROLLBACK ended its transaction. The driver counts transactions
/// by the statements it sent, but SQLite ends one by itself on FULL, IOERR, NOMEM, BUSY and INTERRUPT. Then ROLLBACK
/// fails, the count stays, and the next "transaction" would be a savepoint that is never committed. The count is zero
/// only after a COMMIT or ROLLBACK that succeeded, so such a connection is in autocommit.
async fn has_ended_its_transaction(connection: &mut SqliteConnection) -> Result<bool, sea_orm::sqlx::Error> {
    // The rollback of a dropped transaction is sent without waiting; the ping is answered after it.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

async fn postgres(config: &DbConfig) -> Result<(DatabaseConnection, Writable), sea_orm::sqlx::Error> {
    let mut options: PgConnectOptions = config.url.expose_secret().parse()?;
    options = options.application_name("hubnet").options([
        ("statement_timeout", "5s"),
        ("lock_timeout", "2s"),
        ("idle_in_transaction_session_timeout", "10s"),
        // Statements are short, many and written for one index: planning each call anew costs more than running it.
        ("plan_cache_mode", "force_generic_plan"),
        // Most data that is read often is in memory, where a page costs the same wherever it is.
        ("random_page_cost", "1.1"),
        // Compiling takes many times as long as running such statements.
        ("jit", "off"),
    ]);
    if let Some(schema) = &config.schema {
        options = options.options([("search_path", schema.as_str())]);
    }
    let pool = PgPoolOptions::new()
        .max_connections(config.max_connections)
        .acquire_timeout(Duration::from_secs(3))
        .test_before_acquire(false)
        .connect_with(options.clone())
        .await?;
    Ok((SqlxPostgresConnector::from_sqlx_postgres_pool(pool), Writable::on_a_server(Away::new(options))))
}
