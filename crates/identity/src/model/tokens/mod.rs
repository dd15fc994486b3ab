//! Signing keys, access tokens and revocations.

pub(crate) mod key;
pub(crate) mod key_ring;
pub(crate) mod revocation;
pub(crate) mod token;
