//! Sessions, the challenge between two factors, and one-time codes.

pub(crate) mod challenge;
pub(crate) mod code;
pub(crate) mod session;
