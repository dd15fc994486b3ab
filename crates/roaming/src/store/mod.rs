//! Roaming's tables. Private to the service: use cases pass and receive domain types.
//!
//! Always true: every statement names its network, so that SQLite, which has no row-level security, separates tenants
//! as PostgreSQL does.

pub(crate) mod books;
pub(crate) mod charge;
pub(crate) mod facts;
pub(crate) mod ledger;
pub(crate) mod roaming_pass;
pub(crate) mod settlement;
pub(crate) mod tariff;

/// The maximum number of values in one `in (…)`.
const MOST_PLACES: usize = 500;
