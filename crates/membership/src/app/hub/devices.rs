//! Changes the devices of a hub: adds, renames and retires them.
//!
//! Always true: a retired device stays, with what it reported until then; its later touches are denied in the moment of
//! the commit, and identity ends its secret when the event arrives.

use kernel::{DeviceId, OpContext, Permission};
use serde::Serialize;

use super::change::{Fields, HubChange, Kind, Target, set};
use crate::{
    Device, Membership, MembershipError, NewDevice, app::slug, hub::RetiredDevice, store::hub_change::Place,
};

/// The most devices that a hub has.
const MOST_DEVICES: usize = 500;

/// A device and its new code.
#[derive(Debug, Clone, Serialize)]
pub struct NewDeviceCode {
    /// The device.
    pub device: DeviceId,
    /// The code that the device writes in its log.
    pub code: String,
}

const fn kind(operation: &'static str) -> Kind {
    Kind { operation, permission: Permission::ManageDevices }
}

impl Membership {
    /// Adds a device. Emits `hub_changed`.
    ///
    /// # Errors
    /// Fails with `INVALID_INPUT` for a code that is none, `CONFLICT` if it is taken, or `VERSION_CONFLICT`.
    #[tracing::instrument(name = "membership.add_device", skip_all)]
    pub async fn add_device(
        &self,
        op: &OpContext,
        target: Target,
        cmd: NewDevice,
    ) -> Result<HubChange, MembershipError> {
        let code = slug("code", &cmd.code)?;
        let new = Device { id: op.new_id(), code, kind: cmd.kind, retired_at: None };
        self.change(op, kind("addDevice"), target, &cmd, |place| {
            if place.devices.len() >= MOST_DEVICES {
                return Err(MembershipError::invalid("code", format!("at most {MOST_DEVICES}")));
            }
            is_free(place, &new.code)?;
            place.devices.push(new);
            Ok(vec!["devices"])
        })
        .await
    }

    /// Gives a device another code. Emits `hub_changed`.
    ///
    /// # Errors
    /// Fails with `NOT_FOUND` for a device of another hub, `INVALID_INPUT` for a code that is none, `CONFLICT` if it
    /// is taken, or `VERSION_CONFLICT`.
    #[tracing::instrument(name = "membership.rename_device", skip_all)]
    pub async fn rename_device(
        &self,
        op: &OpContext,
        target: Target,
        cmd: NewDeviceCode,
    ) -> Result<HubChange, MembershipError> {
        let code = slug("code", &cmd.code)?;
        let id = cmd.device;
        self.change(op, kind("renameDevice"), target, &cmd, |place| {
            if find(place, id)?.code != code {
                is_free(place, &code)?;
            }
            let mut fields = Fields::new();
            set(&mut fields, "device.code", &mut find(place, id)?.code, Some(code));
            Ok(fields)
        })
        .await
    }

    /// Retires a device: its touches from now on are denied, and its secret stops working. A second time changes nothing.
    /// Emits `hub_changed`.
    ///
    /// # Errors
    /// Fails with `NOT_FOUND` for a device of another hub, or with `VERSION_CONFLICT`.
    #[tracing::instrument(name = "membership.retire_device", skip_all)]
    pub async fn retire_device(
        &self,
        op: &OpContext,
        target: Target,
        id: DeviceId,
    ) -> Result<HubChange, MembershipError> {
        let now = op.now();
        self.change(op, kind("retireDevice"), target, &id, |place| {
            let device = find(place, id)?;
            if device.retired_at.is_some() {
                return Ok(Vec::new());
            }
            device.retired_at = Some(now);
            place.hub.details.retired_devices.push(RetiredDevice { device: id, at: now });
            Ok(vec!["device.retiredAt"])
        })
        .await
    }
}

fn find(place: &mut Place, id: DeviceId) -> Result<&mut Device, MembershipError> {
    place.devices.iter_mut().find(|device| device.id == id).ok_or(MembershipError::NotFound("device"))
}

/// A code stays with its device, also with a retired one: old logs name it.
fn is_free(place: &Place, code: &str) -> Result<(), MembershipError> {
    let is_taken = place.devices.iter().any(|device| device.code == code);
    if is_taken { Err(MembershipError::Exists("device")) } else { Ok(()) }
}
