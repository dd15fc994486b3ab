//! Signing in and out, and renewing a session.

pub(crate) mod complete_sign_in;
pub(crate) mod first_factor;
pub(crate) mod open_session;
pub(crate) mod refresh_session;
pub(crate) mod sign_in;
pub(crate) mod sign_out;
