//! Reads the audit log of roaming.

use kernel::{AuditRecord, HubId, NetworkId, OpContext, Page, PageRequest, Permission};
use platform_db::{AuditQuery, Reach, list_audit};

use crate::{AUDITED_ACTIONS, Roaming, RoamingError};

impl Roaming {
    /// Returns a page of a hub's audit log, latest audit event first, optionally of one action only. For the hub's
    /// administrators.
    ///
    /// # Errors
    /// Fails with `NOT_FOUND` for another tenant's hub, `FORBIDDEN` for other roles, `INVALID_INPUT` for a foreign
    /// cursor.
    #[tracing::instrument(name = "roaming.read_hub_audit", skip_all)]
    pub async fn read_hub_audit(
        &self,
        op: &OpContext,
        hub: HubId,
        action: Option<&str>,
        page: PageRequest,
    ) -> Result<Page<AuditRecord>, RoamingError> {
        let hub = self.load_hub(op, hub).await?;
        op.require_at_hub(Permission::ReadAudit, hub.id, hub.network)?;
        let query = AuditQuery::new(hub.network, Some(hub.id), AUDITED_ACTIONS, action, page)?;
        Ok(list_audit(&self.db.read(Reach::Hub(hub.network, hub.id)).await?, &query).await?)
    }

    /// Returns a page of the network's own audit log. For the network's administrators.
    ///
    /// # Errors
    /// Fails as [`Self::read_hub_audit`] does.
    #[tracing::instrument(name = "roaming.read_network_audit", skip_all)]
    pub async fn read_network_audit(
        &self,
        op: &OpContext,
        network: NetworkId,
        action: Option<&str>,
        page: PageRequest,
    ) -> Result<Page<AuditRecord>, RoamingError> {
        op.require_in_network(Permission::ReadAudit, network)?;
        let query = AuditQuery::new(network, None, AUDITED_ACTIONS, action, page)?;
        Ok(list_audit(&self.db.read(Reach::Network(network)).await?, &query).await?)
    }
}
