//! Reads a service's part of the audit log, for its administrators.

use kernel::{AuditRecord, AuthError, OpContext, Page, PageRequest, Permission, Place};
use platform_bus::await_arrival;
use platform_db::{AuditQuery, Reach, ReadError, list_audit};

use crate::Module;

/// Returns a page of a service's audit log of a hub, or of a network as a whole, the latest record first, optionally of
/// one action only.
///
/// # Errors
/// Fails with `NOT_FOUND` for another tenant's place, `FORBIDDEN` for other roles, `INVALID_INPUT` for a foreign cursor.
#[tracing::instrument(name = "module.read_audit", skip_all, fields(service = module.about().name))]
pub async fn read_audit(
    module: &dyn Module,
    op: &OpContext,
    place: Place,
    action: Option<&str>,
    page: PageRequest,
) -> Result<Page<AuditRecord>, ReadError> {
    let (network, hub, reach) = match place {
        Place::Network(network) => {
            op.require_in_network(Permission::ReadAudit, network)?;
            (network, None, Reach::Network(network))
        }
        Place::Hub(hub) => {
            let found = await_arrival(op, hub, || module.find_network_of_hub(hub)).await?;
            let network = found.ok_or(AuthError::NotFound)?;
            op.require_at_hub(Permission::ReadAudit, hub, network)?;
            (network, Some(hub), Reach::Hub(network, hub))
        }
    };
    let query = AuditQuery::new(network, hub, module.about().audits, action, page)?;
    Ok(list_audit(&module.db().read(reach).await?, &query).await?)
}
