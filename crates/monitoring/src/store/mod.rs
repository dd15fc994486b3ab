//! The service's tables. Always true: every statement names the tenant, works on a whole batch, and runs on both
//! dialects.

pub(crate) mod directory_rows;
pub(crate) mod lock;
pub(crate) mod rollup_rows;
pub(crate) mod visit_rows;
