//! The shape of the data: a folder of migrations per service, one file each, written once for both dialects.
//!
//! Always true: migrations come first, entities follow; a migration only goes forward; on PostgreSQL each service has
//! a schema and a login role of its own, which owns nothing, and every tenant table is under row-level security that
//! its reader cannot bypass. On SQLite all services share one file, so table names are unique over the whole house.
//!
//! SQL is written with placeholders: `{uuid}`, `{ts}` (an instant), `{day}` (a calendar day), `{position}` (a key that
//! grows by itself).

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
