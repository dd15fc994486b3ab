//! Signing in by an organisation's provider.

pub(crate) mod complete_single_sign_on;
pub(crate) mod journey;
pub(crate) mod sign_in_links;
