//! A device's secret: with it a reader, kiosk or door asks for its access tokens. Always true: one device, one hub, one
//! capability; a device has one working secret, and a new one takes the place of the old.

use jiff::Timestamp;
use kernel::{Caller, DeviceId, DeviceSecretId, HubId, NetworkId, Permission};

/// A device's secret, without the secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceSecret {
    /// The stable id.
    pub id: DeviceSecretId,
    /// In which network.
    pub network: NetworkId,
    /// At which hub.
    pub hub: HubId,
    /// Which device.
    pub device: DeviceId,
    /// The one thing the device may do.
    pub capability: Permission,
    /// When it was given.
    pub issued_at: Timestamp,
    /// When it was last used, within a quarter of an hour.
    pub used_at: Option<Timestamp>,
    /// When it was taken back, if it was.
    pub revoked_at: Option<Timestamp>,
}

impl DeviceSecret {
    /// Whom its tokens speak for.
    pub(crate) fn caller(&self) -> Caller {
        Caller::Device {
            device: self.device,
            hub: self.hub,
            network: self.network,
            capability: self.capability,
        }
    }
}
