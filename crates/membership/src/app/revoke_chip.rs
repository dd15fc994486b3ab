//! Revokes a chip that was lost, stolen or returned.

use kernel::{AuthError, Caller, CloudEvent, CredentialId, OpContext, Permission};
use platform_db::{Idempotent, Reach};

use crate::{Credential, Membership, MembershipError, audit, events, store};

impl Membership {
    /// Revokes a chip everywhere, from now on. A second revocation changes nothing. Emits `credential_revoked`.
    ///
    /// # Errors
    /// Fails with `NOT_FOUND` for another tenant's chip.
    #[tracing::instrument(name = "membership.revoke_chip", skip_all)]
    pub async fn revoke_chip(&self, op: &OpContext, id: CredentialId) -> Result<Credential, MembershipError> {
        if *op.caller() == Caller::Anonymous {
            return Err(AuthError::Unauthenticated.into());
        }
        let credential = self.any_chip(op, id).await?.ok_or(MembershipError::NotFound("chip"))?;
        let member = self.member_for(op, Permission::ManageMembers, credential.member).await?;
        let reach = Reach::Hub(member.network, member.home);
        let tx = match self.db.idempotent(op, reach, "revokeChip", &id).await? {
            Idempotent::Replayed(credential) => return Ok(credential),
            Idempotent::New(tx) => tx,
        };
        // Locks the person before their chip, as all use cases do; they may have been erased since the chip was
        // found.
        let person = store::person::lock(&tx, member.network, member.id).await?;
        if person.is_none_or(|person| person.erased_at.is_some()) {
            return Err(MembershipError::NotFound("chip"));
        }
        let now = op.now();
        if !store::member::revoke(&tx, member.network, id, now).await? {
            let revoked = store::member::find_credential(&tx, member.network, id).await?;
            let revoked = revoked.ok_or(MembershipError::NotFound("chip"))?;
            tx.commit_with_outcome(&revoked).await?;
            return Ok(revoked);
        }
        let fact = events::CredentialRevoked { credential_id: id, member_id: member.id, revoked_at: now };
        tx.emit(CloudEvent::new(&fact, member.network, Some(member.home), op.world())?).await?;
        tx.audit(op, audit::chip_revoked(&member, &credential)).await?;
        let revoked = Credential { revoked_at: Some(now), ..credential };
        tx.commit_with_outcome(&revoked).await?;
        Ok(revoked)
    }

    pub(super) async fn any_chip(
        &self,
        op: &OpContext,
        id: CredentialId,
    ) -> Result<Option<Credential>, MembershipError> {
        for network in self.networks_of(op).await? {
            let tx = self.db.read(Reach::Network(network)).await?;
            if let Some(found) = store::member::find_credential(&tx, network, id).await? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }
}
