//! Secrets of devices and keys of programs.

pub(crate) mod api_key;
pub(crate) mod device_secret;
pub(crate) mod secret;
