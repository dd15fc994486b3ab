//! Enrols a member: a person gets a home hub.

use jiff::Timestamp;
use kernel::{CloudEvent, EmailAddress, HubId, MemberId, OpContext, Permission, PersonName, Slug};
use platform_db::{Idempotent, Reach};

use super::check_language;
use crate::{
    Category, Member, Membership, MembershipError, Plan, audit, events, member::FIRST_VERSION, store,
};

/// The input of an enrolment.
#[derive(Debug, Clone, serde::Serialize)]
pub struct EnrollMember {
    /// The home hub.
    pub hub: HubId,
    /// Their name.
    pub name: PersonName,
    /// Their e-mail address, unique within a network; seniors and children may have none.
    pub email: Option<EmailAddress>,
    /// Their preferred language.
    pub language: String,
    /// Their category at the hub.
    pub category: Category,
    /// The code of their plan, if any.
    pub plan: Option<Slug>,
    /// The start of the membership; now if `None`. Never in the future.
    pub joined_at: Option<Timestamp>,
}

impl Membership {
    /// Enrols a person as a member of their home hub. A person has one home hub in a network, so an e-mail address
    /// that is known at any hub of the network is refused: nobody learns about or uses another hub's member this way.
    /// Emits `member_joined`.
    ///
    /// # Errors
    /// Fails with `NOT_FOUND` for another tenant's hub, `CONFLICT` if the person is a member already,
    /// `INVALID_INPUT`.
    #[tracing::instrument(name = "membership.enroll_member", skip_all)]
    pub async fn enroll_member(
        &self,
        op: &OpContext,
        cmd: EnrollMember,
    ) -> Result<MemberId, MembershipError> {
        let hub = self.hub(cmd.hub).await?;
        op.require_at_hub(Permission::ManageMembers, hub.id, hub.network)?;
        let tx = match self.db.idempotent(op, Reach::Network(hub.network), "enrollMember", &cmd).await? {
            Idempotent::Replayed(member) => return Ok(member),
            Idempotent::New(tx) => tx,
        };
        check_language(&cmd.language)?;
        let joined_at = cmd.joined_at.unwrap_or_else(|| op.now());
        if joined_at > op.now() {
            return Err(MembershipError::invalid("joinedAt", "not in the future"));
        }
        let plan = self.find_plan(&tx, hub.id, &cmd).await?;
        let member = Member {
            id: op.new_id(),
            person: op.new_id(),
            network: hub.network,
            home: hub.id,
            category: cmd.category,
            plan: plan.as_ref().map(|plan| plan.id),
            name: cmd.name,
            email: cmd.email,
            language: cmd.language,
            joined_at,
            absence: None,
            version: FIRST_VERSION,
        };
        store::person::insert(&tx, &member)
            .await
            .map_err(|error| MembershipError::or_exists(error, "member"))?;
        store::member::insert(&tx, &member).await?;
        self.index_members(&tx, std::slice::from_ref(&member)).await?;
        let fact = events::MemberJoined::of(&member, plan.as_ref());
        tx.emit(CloudEvent::new(&fact, hub.network, Some(hub.id), op.world())?).await?;
        tx.audit(op, audit::member_enrolled(&member)).await?;
        tx.commit_with_outcome(&member.id).await?;
        Ok(member.id)
    }

    async fn find_plan(
        &self,
        tx: &platform_db::Tx,
        hub: HubId,
        cmd: &EnrollMember,
    ) -> Result<Option<Plan>, MembershipError> {
        let Some(code) = &cmd.plan else { return Ok(None) };
        let plans = store::hub::plans(tx, &[hub]).await?.remove(&hub).unwrap_or_default();
        let plan = plans
            .into_iter()
            .find(|plan| plan.code == code.as_str())
            .ok_or_else(|| MembershipError::invalid("plan", "no plan of this hub has that code"))?;
        if !plan.is_for(cmd.category) {
            return Err(MembershipError::invalid("plan", "not for members of this category"));
        }
        Ok(Some(plan))
    }
}
