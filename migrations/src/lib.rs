//! The database schema: one folder of migrations per service, one file each, written once for both dialects.
//!
//! Always true:
//! - Migrations come first, entities follow. A migration only goes forward.
//! - On PostgreSQL each service has a schema and a login role of its own. The role owns nothing, and every tenant
//!   table is under row-level security that the role cannot bypass.
//! - On SQLite all services share one file, so table names are unique in the whole application.
//!
//! SQL uses placeholders: `{uuid}`, `{ts}` (an instant), `{day}` (a calendar day), `{position}` (an auto-incremented
//! key).

mod append_only;
mod dialect;
mod events;
mod identity;
mod membership;
mod monitoring;
mod plumbing;
mod prepare;
mod roaming;
mod sqlite_schema;
mod tenant_keys;
mod texts;
mod upgrade;

pub use dialect::{Tenancy, run, tenant_table};
pub use prepare::prepare_postgres;
pub use upgrade::{MigrateError, Service, check, has_any, upgrade};
