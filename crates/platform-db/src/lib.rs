//! Access to the database: [`Db::read`] and [`Db::write`] open one transaction each, and [`Db::alone`] runs a single
//! statement on a table without a tenant.
//!
//! Always true:
//! - A transaction sets its reach ([`Reach`]) before its first statement. PostgreSQL's row-level security enforces it.
//!   SQLite has none, so the stores filter by the same tenant columns, and the same two-tenant tests run on both.
//! - Dropping a transaction rolls it back. `begin` runs in a task of its own, because a cancelled `begin` of sqlx 0.9
//!   returns a connection that is still inside a transaction.
//! - OK means stored (R21): [`Tx::commit`] returns it only after the outermost COMMIT returned. It refuses if any
//!   statement of the transaction failed or was cancelled, even if a caller swallowed the error. A connection whose
//!   transaction did not end by COMMIT or ROLLBACK is closed, so every transaction begins in autocommit.
//! - On SQLite a writing transaction is IMMEDIATE and waits its turn in this process, in order of arrival.
//! - Audited actions go into the audit log by [`Tx::audit`], in the same transaction.
//! - A request that may be repeated opens its transaction by [`Db::idempotent`] and ends it by
//!   [`Tx::commit_with_outcome`].
//! - Events leave only by [`Tx::emit`]: a row in the transaction of the effect.

mod addresses;
mod among;
mod at_once;
mod audit;
mod away;
pub mod column;
mod conn;
mod connect;
mod erased;
mod error;
mod export;
mod figures;
mod file;
mod idempotency;
mod insert;
mod observe;
pub mod personal;
mod tx;
mod value;
mod writable;

pub use addresses::{OldAddress, describe_old_addresses, list_old_addresses};
pub use among::Key;
pub use audit::{AuditQuery, BrokenLink, ChainHead, EMPTY_CHAIN, Verified, list_audit, verify_audit};
pub use conn::Conn;
pub use connect::{Db, DbConfig};
pub use error::DbError;
pub use export::{MOST_ROWS as MOST_EXPORTED_ROWS, ReadError, export_personal};
pub use figures::Connections;
pub use idempotency::{
    IdempotencyError, Idempotent, LONGEST_KEY, find_outcome, forget_keys, forget_operation, no_network,
    sweep_keys,
};
pub use insert::Insert;
pub use observe::{StatementObserver, observe_statements};
pub use sea_orm::{QueryResult as Row, Value};
pub use tx::{OUTBOX, Reach, Tx};
pub use value::{Day, Ts};
