//! Takes a role back.

use kernel::{AssignmentId, Refused, Scope};
use platform_db::Reach;

use super::{actor, revoke::outdate};
use crate::{Identity, IdentityError, RoleAssignment, policy, store::role_rows};

impl Identity {
    /// Takes a role back: within a minute it counts nowhere any more. Again changes nothing.
    ///
    /// # Errors
    /// No such assignment for this caller, or the role is not theirs to take.
    #[tracing::instrument(name = "identity.revoke_role", skip_all)]
    pub async fn revoke_role(
        &self,
        scope: &Scope,
        assignment: AssignmentId,
    ) -> Result<RoleAssignment, IdentityError> {
        for network in self.networks_of(scope).await? {
            let tx = self.db.write(Reach::Network(network)).await?;
            let Some(role) = role_rows::hold(&tx, network, assignment).await? else { continue };
            policy::require_managing(scope, role.grant, network)?;
            if role.revoked_at.is_some() {
                return Ok(role);
            }
            role_rows::revoke(&tx, network, assignment, actor(scope), scope.now()).await?;
            let revoked = outdate(&tx, network, role.person, scope.now()).await?;
            tx.commit().await?;
            self.revocations.add(revoked);
            return Ok(RoleAssignment { revoked_at: Some(scope.now()), ..role });
        }
        Err(Refused::NotFound.into())
    }
}
