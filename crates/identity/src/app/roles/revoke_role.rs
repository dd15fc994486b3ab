//! Revokes a role.

use kernel::{AssignmentId, AuthError, OpContext};
use platform_db::{Idempotent, Reach};

use crate::app::{actor, revoke::outdate, roles::giver::end_given_by};
use crate::{Identity, IdentityError, RoleAssignment, audit, model::roles::policy, store::role_rows};

impl Identity {
    /// Revokes a role: within a minute it has no effect anywhere, and neither has what they gave by it. A repetition
    /// changes nothing.
    ///
    /// # Errors
    /// Fails if the assignment does not exist for this caller, or if they may not revoke the role.
    #[tracing::instrument(name = "identity.revoke_role", skip_all)]
    pub async fn revoke_role(
        &self,
        op: &OpContext,
        assignment: AssignmentId,
    ) -> Result<RoleAssignment, IdentityError> {
        for network in self.networks_of(op).await? {
            let tx = self.db.read(Reach::Network(network)).await?;
            let Some(role) = role_rows::find(&tx, network, assignment).await? else { continue };
            drop(tx);
            policy::require_managing(op, role.grant, network)?;
            let reach = Reach::Network(network);
            let tx = match self.db.idempotent(op, reach, "revokeRole", &assignment).await? {
                Idempotent::Replayed(role) => return Ok(role),
                Idempotent::New(tx) => tx,
            };
            let role = role_rows::hold(&tx, network, assignment).await?.ok_or(AuthError::NotFound)?;
            if role.revoked_at.is_some() {
                tx.commit_with_outcome(&role).await?;
                return Ok(role);
            }
            role_rows::revoke(&tx, network, assignment, actor(op), op.now()).await?;
            let was_offer = role.offered_to.is_some();
            let mut ended = if was_offer {
                Vec::new()
            } else {
                end_given_by(&tx, network, role.person, op.now()).await?
            };
            if !was_offer {
                ended.push(outdate(&tx, network, role.person, op.now()).await?);
            }
            let role = RoleAssignment { revoked_at: Some(op.now()), ..role };
            tx.audit(op, audit::role_revoked(&role)).await?;
            tx.commit_with_outcome(&role).await?;
            self.revocations.add_all(ended);
            return Ok(role);
        }
        Err(AuthError::NotFound.into())
    }
}
