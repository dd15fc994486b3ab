//! Resumes a membership: a member who left comes back, or does not leave after all.
//!
//! Always true: the time away stays known, so a reader's late log is judged by what held at the time of the touch. The
//! chips work again; a roaming pass that ended is issued anew.

use kernel::{CloudEvent, MemberId, OpContext, Permission};
use platform_db::{Idempotent, Reach};

use crate::{Absence, Membership, MembershipError, audit, events::MemberReturned, store};

impl Membership {
    /// Resumes a membership from now on, for the staff of the home hub. Emits `member_returned`.
    ///
    /// # Errors
    /// Fails with `NOT_FOUND` for another tenant's member, `CONFLICT` if the membership has not ended and will not.
    #[tracing::instrument(name = "membership.resume_membership", skip_all)]
    pub async fn resume_membership(&self, op: &OpContext, id: MemberId) -> Result<MemberId, MembershipError> {
        let seen = self.member_for(op, Permission::ManageMembers, id).await?;
        let reach = Reach::Network(seen.network);
        let tx = match self.db.idempotent(op, reach, "resumeMembership", &id).await? {
            Idempotent::Replayed(member) => return Ok(member),
            Idempotent::New(tx) => tx,
        };
        store::person::lock(&tx, seen.network, seen.id).await?;
        let found = store::member::find(&tx, seen.network, &[seen.id]).await?.pop();
        let mut member = found.ok_or(MembershipError::NotFound("member"))?;
        let now = op.now();
        member.absence = match member.absence {
            Some(Absence { left_at, returned_at: None }) if left_at > now => None,
            Some(Absence { left_at, returned_at: None }) => Some(Absence { left_at, returned_at: Some(now) }),
            None | Some(Absence { returned_at: Some(_), .. }) => return Err(MembershipError::HasNotLeft),
        };
        member.version += 1;
        store::member::save_absence(&tx, &member, None).await?;
        let fact = MemberReturned::of(&member, now);
        tx.emit(CloudEvent::new(&fact, member.network, Some(member.home), op.world())?).await?;
        tx.audit(op, audit::member_returned(&member)).await?;
        tx.commit_with_outcome(&member.id).await?;
        Ok(member.id)
    }
}
