//! The database schema: SQL files in `migrations/<service>/`, one text for both databases, and the runner that applies
//! them. How to add one: `migrations/README.md`.
//!
//! Always true:
//! - Migrations come first, code that needs them follows. A migration only goes forward, and it is applied as a whole or
//!   not at all: its statements and the record of it are one transaction.
//! - A file that was applied somewhere is not edited. A database remembers the checksums of what was applied to it, and
//!   an edited file is refused.
//! - The tables that every service has (folder `plumbing`) come first. On PostgreSQL each service has its own; on SQLite,
//!   where all services share one file, they share them, and table names are unique in the whole application.
//! - On PostgreSQL each service has a schema and a login role of its own. The role owns nothing, and every tenant
//!   table is under row-level security that the role cannot bypass.

mod applied;
mod dialect;
mod file;
mod generated;
mod prepare;
mod upgrade;

pub use file::folders;
pub use prepare::prepare_postgres;
pub use upgrade::{MigrateError, check, has_any, role_of, upgrade, upgrade_until};
