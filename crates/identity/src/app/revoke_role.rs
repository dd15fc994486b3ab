//! Takes a role back.

use kernel::{AssignmentId, Refused, Scope};
use platform_db::{Once, Reach};

use super::{actor, revoke::outdate};
use crate::{Identity, IdentityError, RoleAssignment, deeds, policy, store::role_rows};

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
            let tx = self.db.read(Reach::Network(network)).await?;
            let Some(role) = role_rows::find(&tx, network, assignment).await? else { continue };
            drop(tx);
            policy::require_managing(scope, role.grant, network)?;
            let reach = Reach::Network(network);
            let tx = match self.db.once(scope, reach, "revokeRole", &assignment).await? {
                Once::Before(role) => return Ok(role),
                Once::First(tx) => tx,
            };
            let role = role_rows::hold(&tx, network, assignment).await?.ok_or(Refused::NotFound)?;
            if role.revoked_at.is_some() {
                tx.conclude(&role).await?;
                return Ok(role);
            }
            role_rows::revoke(&tx, network, assignment, actor(scope), scope.now()).await?;
            let revoked = outdate(&tx, network, role.person, scope.now()).await?;
            let role = RoleAssignment { revoked_at: Some(scope.now()), ..role };
            tx.audit(scope, deeds::role_revoked(&role)).await?;
            tx.conclude(&role).await?;
            self.revocations.add(revoked);
            return Ok(role);
        }
        Err(Refused::NotFound.into())
    }
}
