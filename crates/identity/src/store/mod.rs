//! The service's tables.
//!
//! Always true: every statement names the tenant, and everything runs on both dialects.

pub(crate) mod account_rows;
pub(crate) mod challenge_rows;
pub(crate) mod code_rows;
pub(crate) mod copies;
pub(crate) mod factor_rows;
pub(crate) mod handover_rows;
pub(crate) mod link_rows;
pub(crate) mod machine_rows;
pub(crate) mod revocation_rows;
pub(crate) mod role_rows;
pub(crate) mod session_rows;
pub(crate) mod try_rows;
