//! Secrets of devices and keys of programs.

pub(crate) mod api_keys;
pub(crate) mod device_secrets;
pub(crate) mod exchange_secret;
pub(crate) mod retire_devices;
