//! A device's secret, which a reader, kiosk or door exchanges for access tokens.
//!
//! Always true: a secret is for one device, one hub and one capability; a device has one working secret, and a new one
//! replaces the old.

use jiff::Timestamp;
use kernel::{Caller, DeviceId, DeviceSecretId, HubId, NetworkId, Permission};

/// A device's secret, without the secret itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceSecret {
    /// The stable id.
    pub id: DeviceSecretId,
    /// The network.
    pub network: NetworkId,
    /// The hub.
    pub hub: HubId,
    /// The device.
    pub device: DeviceId,
    /// The one permission of the device.
    pub capability: Permission,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it was last used, to a quarter of an hour.
    pub used_at: Option<Timestamp>,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Timestamp>,
}

impl DeviceSecret {
    /// Returns the caller of its tokens.
    pub(crate) fn caller(&self) -> Caller {
        Caller::Device {
            device: self.device,
            hub: self.hub,
            network: self.network,
            capability: self.capability,
        }
    }
}
