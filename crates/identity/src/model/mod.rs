//! The types of the service and their rules. Nothing here uses the database or the network.

pub(crate) mod account;
pub(crate) mod factors;
pub(crate) mod machines;
pub(crate) mod roles;
pub(crate) mod sessions;
pub(crate) mod sign_in_link;
pub(crate) mod tokens;
