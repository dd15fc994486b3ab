//! Corrects a member's data: a typo in a name, a new e-mail address, another language or category.
//!
//! Always true:
//! - A correction names the version it corrects. If somebody else corrected the member since, nothing is written.
//! - The category counts for visits that begin after the correction. A visit keeps the category under which it began,
//!   so nothing in the past is rated again.
//! - An e-mail address is corrected only by those who may erase the member: an invitation to sign in goes there, and
//!   whoever reads it can act as the member (R18). The address of an account belongs to identity and does not change.

use kernel::{CloudEvent, EmailAddress, MemberId, OpContext, Permission, PersonName};
use platform_db::{Idempotent, Reach, Tx};

use crate::{
    Category, Member, Membership, MembershipError, app::check_language, audit, events::MemberChanged, store,
};

/// The input of a correction; what is `None` stays as it is.
#[derive(Debug, Clone, serde::Serialize)]
pub struct CorrectMember {
    /// The member.
    pub member: MemberId,
    /// The version that the caller read.
    pub expected_version: i64,
    /// The correct name.
    pub name: Option<PersonName>,
    /// The correct e-mail address.
    pub email: Option<EmailAddress>,
    /// The preferred language.
    pub language: Option<String>,
    /// The category from now on.
    pub category: Option<Category>,
}

impl Membership {
    /// Corrects a member's data. Emits `member_changed`; nothing is emitted if everything is correct already.
    ///
    /// # Errors
    /// Fails with `NOT_FOUND` for another tenant's member, `VERSION_CONFLICT` if the member was corrected since the
    /// caller read them, `CONFLICT` if the e-mail address belongs to somebody else, `INVALID_INPUT` if the member's
    /// plan is not for the category.
    #[tracing::instrument(name = "membership.correct_member", skip_all)]
    pub async fn correct_member(
        &self,
        op: &OpContext,
        cmd: CorrectMember,
    ) -> Result<MemberId, MembershipError> {
        let seen = self.member_to_correct(op, &cmd).await?;
        if let Some(language) = &cmd.language {
            check_language(language)?;
        }
        let reach = Reach::Network(seen.network);
        let tx = match self.db.idempotent(op, reach, "correctMember", &cmd).await? {
            Idempotent::Replayed(member) => return Ok(member),
            Idempotent::New(tx) => tx,
        };
        store::person::lock(&tx, seen.network, seen.id).await?;
        let found = store::member::find(&tx, seen.network, &[seen.id]).await?.pop();
        let before = found.ok_or(MembershipError::NotFound("member"))?;
        if before.version != cmd.expected_version {
            return Err(MembershipError::VersionConflict { current: before.version });
        }
        let (after, fields) = cmd.apply(before);
        if !fields.is_empty() {
            require_fitting_plan(&tx, &after).await?;
            store::person::correct(&tx, &after)
                .await
                .map_err(|error| MembershipError::or_exists(error, "member"))?;
            store::member::correct(&tx, &after).await?;
            store::member_search::forget(&tx, &[after.id]).await?;
            self.index_members(&tx, std::slice::from_ref(&after)).await?;
            let fact = MemberChanged::of(&after, op.now());
            tx.emit(CloudEvent::new(&fact, after.network, Some(after.home), op.world())?).await?;
            tx.audit(op, audit::member_corrected(&after, &fields)).await?;
        }
        tx.commit_with_outcome(&after.id).await?;
        Ok(after.id)
    }

    /// Returns the member if the caller may correct all given fields.
    async fn member_to_correct(
        &self,
        op: &OpContext,
        cmd: &CorrectMember,
    ) -> Result<Member, MembershipError> {
        let is_own = op.is_member(cmd.member);
        let permission = if is_own { Permission::ReadMembers } else { Permission::ManageMembers };
        let member = self.member_for(op, permission, cmd.member).await?;
        if cmd.category.is_some() {
            op.require_at_hub(Permission::ManageMembers, member.home, member.network)?;
        }
        if cmd.email.is_some() {
            op.require_at_hub(Permission::EraseMembers, member.home, member.network)?;
        }
        Ok(member)
    }
}

impl CorrectMember {
    /// Returns the corrected member, and the names of the fields that differ.
    fn apply(self, before: Member) -> (Member, Vec<&'static str>) {
        let mut after = before.clone();
        after.name = self.name.unwrap_or(after.name);
        after.email = self.email.or(after.email);
        after.language = self.language.unwrap_or(after.language);
        after.category = self.category.unwrap_or(after.category);
        let fields: Vec<&'static str> = [
            ("name", before.name != after.name),
            ("email", before.email != after.email),
            ("language", before.language != after.language),
            ("category", before.category != after.category),
        ]
        .into_iter()
        .filter_map(|(field, is_changed)| is_changed.then_some(field))
        .collect();
        after.version += i64::from(!fields.is_empty());
        (after, fields)
    }
}

async fn require_fitting_plan(tx: &Tx, member: &Member) -> Result<(), MembershipError> {
    let Some(id) = member.plan else { return Ok(()) };
    let plans = store::hub::plans(tx, &[member.home]).await?.remove(&member.home).unwrap_or_default();
    let plan = plans.into_iter().find(|plan| plan.id == id);
    if plan.is_some_and(|plan| !plan.is_for(member.category)) {
        return Err(MembershipError::invalid("category", "the member's plan is not for this category"));
    }
    Ok(())
}
