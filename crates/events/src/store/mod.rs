//! The service's tables. Always true: every statement names the tenant, and everything runs on both dialects.

pub(crate) mod copies;
pub(crate) mod event_rows;
pub(crate) mod seat_rows;
