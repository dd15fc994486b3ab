//! Ends a membership: the member leaves their home hub.
//!
//! Always true:
//! - A membership ends at an instant: now, or at the beginning of a later day at the hub. Until then nothing changes.
//! - Nobody is let in by an ended membership, at home or elsewhere (`MEMBERSHIP_ENDED`). A member who is inside may
//!   always leave; the visit that has begun counts. Chips stay theirs and work again if they come back.
//! - The hub keeps the member's data until it is erased. The account and its roles stay (R18).

use jiff::civil::Date;
use kernel::{CloudEvent, MemberId, OpContext, Permission};
use platform_db::{Idempotent, Reach};

use crate::{Absence, Membership, MembershipError, app::line, audit, events::MemberLeft, store};

/// The input of an end.
#[derive(Debug, Clone, serde::Serialize)]
pub struct EndMembership {
    /// The member.
    pub member: MemberId,
    /// The first day without membership, at the hub; today means now.
    pub on: Date,
    /// Why they leave, in the words of the staff.
    pub reason: Option<String>,
}

impl Membership {
    /// Ends a membership, for the staff of the home hub. An end that is still to come is replaced. Emits `member_left`.
    ///
    /// # Errors
    /// Fails with `NOT_FOUND` for another tenant's member, `CONFLICT` if the membership has ended, `INVALID_INPUT` for a
    /// day in the past.
    #[tracing::instrument(name = "membership.end_membership", skip_all)]
    pub async fn end_membership(
        &self,
        op: &OpContext,
        cmd: EndMembership,
    ) -> Result<MemberId, MembershipError> {
        let seen = self.member_for(op, Permission::ManageMembers, cmd.member).await?;
        let hub = self.hub(seen.home).await?;
        let reason = cmd.reason.as_deref().map(|reason| line("reason", reason)).transpose()?;
        let reach = Reach::Network(seen.network);
        let tx = match self.db.idempotent(op, reach, "endMembership", &cmd).await? {
            Idempotent::Replayed(member) => return Ok(member),
            Idempotent::New(tx) => tx,
        };
        let today = hub.time_zone.day_of(op.now());
        if cmd.on < today {
            return Err(MembershipError::invalid("on", "not before today"));
        }
        let left_at = if cmd.on == today { op.now() } else { hub.time_zone.start_of(cmd.on) };
        store::person::lock(&tx, seen.network, seen.id).await?;
        let found = store::member::find(&tx, seen.network, &[seen.id]).await?.pop();
        let mut member = found.ok_or(MembershipError::NotFound("member"))?;
        if member.has_left(op.now()) {
            return Err(MembershipError::HasLeft);
        }
        member.absence = Some(Absence { left_at, returned_at: None });
        member.version += 1;
        store::member::save_absence(&tx, &member, reason.as_deref()).await?;
        let fact = MemberLeft::of(&member, left_at);
        tx.emit(CloudEvent::new(&fact, member.network, Some(member.home), op.world())?).await?;
        tx.audit(op, audit::member_left(&member, left_at)).await?;
        tx.commit_with_outcome(&member.id).await?;
        Ok(member.id)
    }
}
