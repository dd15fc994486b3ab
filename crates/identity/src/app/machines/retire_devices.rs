//! Ends the secrets of devices that their hub has retired. Called by the consumer.
//!
//! Always true: a retired device gets no new secret, its old one stops working, and its tokens end; the other processes
//! load that within seconds, and membership denies its touches in any case.

use kernel::{NetworkId, World};
use platform_db::{DbError, Tx};

use crate::{
    app::revoke::revoke,
    store::{
        copies::{self, DeviceCopy},
        machine_rows,
    },
};

/// Ends the secrets of those devices that are retired and were not before.
pub(crate) async fn retire_devices(
    tx: &Tx,
    world: &World,
    network: NetworkId,
    devices: &[DeviceCopy],
) -> Result<(), DbError> {
    for device in devices {
        let Some(retired_at) = device.retired_at else { continue };
        if copies::retire_device(tx, network, device.device, retired_at).await? {
            machine_rows::revoke_device_secrets(tx, network, device.device, retired_at).await?;
            revoke(tx, network, device.device, world.now()).await?;
        }
    }
    Ok(())
}
