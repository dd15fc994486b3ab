//! Reads identity's audit log.

use kernel::{AuditRecord, HubId, NetworkId, OpContext, Page, PageRequest, Permission};
use platform_db::{AuditQuery, Reach, list_audit};

use crate::{AUDITED_ACTIONS, Identity, IdentityError};

impl Identity {
    /// Returns a page of a hub's audit log, the latest event first, of one action or of all. For the hub's
    /// administrators.
    ///
    /// # Errors
    /// Fails with `NOT_FOUND` for another tenant's hub, `FORBIDDEN` for other roles, `INVALID_INPUT` for a foreign
    /// cursor.
    #[tracing::instrument(name = "identity.read_hub_audit", skip_all)]
    pub async fn read_hub_audit(
        &self,
        op: &OpContext,
        hub: HubId,
        action: Option<&str>,
        page: PageRequest,
    ) -> Result<Page<AuditRecord>, IdentityError> {
        let network = self.network_of_hub(op, hub).await?;
        op.require_at_hub(Permission::ReadAudit, hub, network)?;
        let query = AuditQuery::new(network, Some(hub), AUDITED_ACTIONS, action, page)?;
        Ok(list_audit(&self.db.read(Reach::Hub(network, hub)).await?, &query).await?)
    }

    /// Returns a page of the audit log of a network as a whole. For the network's administrators.
    ///
    /// # Errors
    /// See [`Self::read_hub_audit`].
    #[tracing::instrument(name = "identity.read_network_audit", skip_all)]
    pub async fn read_network_audit(
        &self,
        op: &OpContext,
        network: NetworkId,
        action: Option<&str>,
        page: PageRequest,
    ) -> Result<Page<AuditRecord>, IdentityError> {
        op.require_in_network(Permission::ReadAudit, network)?;
        let query = AuditQuery::new(network, None, AUDITED_ACTIONS, action, page)?;
        Ok(list_audit(&self.db.read(Reach::Network(network)).await?, &query).await?)
    }
}
