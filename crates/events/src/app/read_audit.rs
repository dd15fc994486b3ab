//! Reads the audit log of this service.

use kernel::{AuditRecord, AuthError, HubId, OpContext, Page, PageRequest, Permission};
use platform_db::{AuditQuery, Reach, list_audit};

use crate::{AUDITED_ACTIONS, Events, EventsError};

impl Events {
    /// Returns a page of a hub's audit log, latest audit event first, optionally of one action only. For the hub's
    /// administrators.
    ///
    /// # Errors
    /// Fails if the hub is not the caller's, their role does not read the log, or the cursor belongs to another list.
    #[tracing::instrument(name = "events.read_hub_audit", skip_all)]
    pub async fn read_hub_audit(
        &self,
        op: &OpContext,
        hub: HubId,
        action: Option<&str>,
        page: PageRequest,
    ) -> Result<Page<AuditRecord>, EventsError> {
        let network = self.network_of(hub).await?.ok_or(AuthError::NotFound)?;
        op.require_at_hub(Permission::ReadAudit, hub, network)?;
        let query = AuditQuery::new(network, Some(hub), AUDITED_ACTIONS, action, page)?;
        Ok(list_audit(&self.db.read(Reach::Hub(network, hub)).await?, &query).await?)
    }
}
