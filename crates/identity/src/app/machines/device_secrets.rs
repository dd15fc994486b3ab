//! Issues and revokes devices' secrets. For managers of a hub's devices.

use kernel::{AuthError, DeviceId, DeviceSecretId, HubId, InvalidInput, NetworkId, OpContext, Permission};
use platform_bus::await_arrival;
use platform_db::{Idempotent, Reach};
use secrecy::SecretString;

use crate::app::{
    revoke::{outdate, revoke},
    roles::giver::gives,
};
use crate::{
    DeviceSecret, Identity, IdentityError, audit,
    model::machines::secret::{self, SecretKind},
    model::roles::policy,
    store::{
        copies,
        machine_rows::{self, Issued},
    },
};

impl Identity {
    /// Issues a new secret to a hub's device; its old one stops working, and its tokens end.
    ///
    /// # Errors
    /// Fails if the device does not exist for this caller, if their role does not manage devices, or if devices cannot
    /// have the capability.
    #[tracing::instrument(name = "identity.issue_device_secret", skip_all)]
    pub async fn issue_device_secret(
        &self,
        op: &OpContext,
        hub: HubId,
        device: DeviceId,
        capability: Permission,
    ) -> Result<(DeviceSecret, SecretString), IdentityError> {
        let network = self.managing_device(op, hub, device).await?;
        let input = (hub, device, capability);
        let reach = Reach::Network(network);
        let tx = match self.db.idempotent::<DeviceSecretId>(op, reach, "issueDeviceSecret", &input).await? {
            Idempotent::Replayed(_) => return Err(IdentityError::ShownOnce),
            Idempotent::New(tx) => tx,
        };
        if !policy::is_fit_for_devices(capability) {
            return Err(
                InvalidInput::new("capability", "must be something devices do: RECORD_PRESENCE").into()
            );
        }
        let issued = DeviceSecret {
            id: op.new_id(),
            network,
            hub,
            device,
            capability,
            issued_at: op.now(),
            used_at: None,
            revoked_at: None,
        };
        let (text, secret_hash) = secret::make(SecretKind::Device, network, issued.id.into(), op.world());
        machine_rows::revoke_device_secrets(&tx, network, device, op.now()).await?;
        machine_rows::insert_device_secret(&tx, &issued, Issued { secret_hash, by: gives(op) }).await?;
        let revoked = outdate(&tx, network, device, op.now()).await?;
        tx.audit(op, audit::device_secret_issued(&issued)).await?;
        tx.commit_with_outcome(&issued.id).await?;
        self.revocations.add(revoked);
        Ok((issued, text))
    }

    /// Revokes a device's secret: within a minute the device is refused everywhere. A repetition changes nothing.
    ///
    /// # Errors
    /// Fails if the device does not exist for this caller, or if their role does not manage devices.
    #[tracing::instrument(name = "identity.revoke_device", skip_all)]
    pub async fn revoke_device(
        &self,
        op: &OpContext,
        hub: HubId,
        device: DeviceId,
    ) -> Result<(), IdentityError> {
        let network = self.managing_device(op, hub, device).await?;
        let reach = Reach::Network(network);
        let tx = match self.db.idempotent(op, reach, "revokeDevice", &(hub, device)).await? {
            Idempotent::Replayed(()) => return Ok(()),
            Idempotent::New(tx) => tx,
        };
        machine_rows::revoke_device_secrets(&tx, network, device, op.now()).await?;
        let revoked = revoke(&tx, network, device, op.now()).await?;
        tx.audit(op, audit::device_revoked(network, hub, device)).await?;
        tx.commit_with_outcome(&()).await?;
        self.revocations.add(revoked);
        Ok(())
    }

    /// Returns the present secrets of a hub's devices.
    ///
    /// # Errors
    /// Fails if the caller does not manage devices there.
    #[tracing::instrument(name = "identity.list_device_secrets", skip_all)]
    pub async fn list_device_secrets(
        &self,
        op: &OpContext,
        hub: HubId,
    ) -> Result<Vec<DeviceSecret>, IdentityError> {
        let network = self.network_of_hub(op, hub).await?;
        op.require_at_hub(Permission::ManageDevices, hub, network)?;
        let tx = self.db.read(Reach::Network(network)).await?;
        Ok(machine_rows::list_device_secrets(&tx, network, hub).await?)
    }

    async fn managing_device(
        &self,
        op: &OpContext,
        hub: HubId,
        device: DeviceId,
    ) -> Result<NetworkId, IdentityError> {
        let network = self.network_of_hub(op, hub).await?;
        op.require_at_hub(Permission::ManageDevices, hub, network)?;
        let find = || async {
            let tx = self.db.read(Reach::Network(network)).await?;
            copies::find_hub_of_device(&tx, network, device).await
        };
        match await_arrival(op, device, find).await? {
            Some(home) if home == hub => Ok(network),
            _ => Err(AuthError::NotFound.into()),
        }
    }
}
