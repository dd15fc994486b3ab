//! The types of the service and their rules, without input or output.

pub(crate) mod event;
pub(crate) mod seat;
