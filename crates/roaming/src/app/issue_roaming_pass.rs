//! Issues a roaming pass to a member.

use jiff::Timestamp;
use kernel::{CloudEvent, InvalidInput, MemberId, OpContext, Permission};
use platform_db::{DbError, Idempotent, Reach, Tx};

use crate::{
    KnownMember, PassStatus, Roaming, RoamingError, RoamingPass, audit,
    events::{PassEnded, PassIssued},
    store,
};

/// The number of minutes in the longest month.
const LONGEST_MONTH_MINUTES: i64 = 31 * 24 * 60;

/// The input for issuing a pass.
#[derive(Debug, Clone, Copy, serde::Serialize)]
pub struct IssueRoamingPass {
    /// The member who may roam.
    pub member: MemberId,
    /// The start of validity; now if `None`.
    pub valid_from: Option<Timestamp>,
    /// The end of validity; open if `None`.
    pub valid_until: Option<Timestamp>,
    /// The maximum roaming minutes a month; unlimited if `None`.
    pub monthly_ceiling_minutes: Option<i64>,
}

impl Roaming {
    /// Issues a roaming pass to a member of the caller's hub. Emits `roaming.pass_issued.v1`.
    ///
    /// # Errors
    /// Fails if the member's plan does not include roaming, they have a pass that has not ended, or the caller may
    /// not manage members at the home hub.
    #[tracing::instrument(name = "roaming.issue_roaming_pass", skip_all)]
    pub async fn issue_roaming_pass(
        &self,
        op: &OpContext,
        cmd: IssueRoamingPass,
    ) -> Result<RoamingPass, RoamingError> {
        let member = self.load_member(op, cmd.member).await?;
        op.require_at_hub(Permission::ManageMembers, member.home_hub, member.network)?;
        let reach = Reach::Hub(member.network, member.home_hub);
        let tx = match self.db.idempotent(op, reach, "issueRoamingPass", &cmd).await? {
            Idempotent::Replayed(pass) => return Ok(pass),
            Idempotent::New(tx) => tx,
        };
        tx.serialize_erasures(member.network).await?;
        if !tx.erased_among(member.network, &[cmd.member]).await?.is_empty() {
            return Err(RoamingError::NotFound("member"));
        }
        if member.plan.forbids_roaming() {
            return Err(RoamingError::PlanWithoutRoaming);
        }
        let mut pass = cmd.check(op, member)?;
        if let Some(left_at) = store::facts::find_left_at(&tx, member.network, member.id).await? {
            if left_at <= op.now() {
                return Err(RoamingError::HasLeft);
            }
            // A pass is valid no longer than the membership.
            pass.valid_until = Some(pass.valid_until.map_or(left_at, |until| until.min(left_at)));
        }
        clear_expired(&tx, op, &pass).await?;
        match store::roaming_pass::insert(&tx, &pass).await {
            Err(DbError::Duplicate(_)) => return Err(RoamingError::PassExists),
            inserted => inserted?,
        }
        let fact = PassIssued::from(&pass);
        tx.emit(CloudEvent::new(&fact, pass.network, Some(pass.home_hub), op.world())?).await?;
        tx.audit(op, audit::pass_issued(&pass)).await?;
        tx.commit_with_outcome(&pass).await?;
        Ok(pass)
    }
}

impl IssueRoamingPass {
    fn check(self, op: &OpContext, member: KnownMember) -> Result<RoamingPass, RoamingError> {
        let valid_from = self.valid_from.unwrap_or(op.now());
        if self.valid_until.is_some_and(|until| until <= valid_from || until <= op.now()) {
            return Err(InvalidInput::new("validUntil", "must be after validFrom and in the future").into());
        }
        let ceiling = self.monthly_ceiling_minutes.map(|minutes| {
            let fitting =
                u32::try_from(minutes).ok().filter(|_| (1..=LONGEST_MONTH_MINUTES).contains(&minutes));
            let rule = || format!("must be between 1 and {LONGEST_MONTH_MINUTES}");
            fitting.ok_or_else(|| InvalidInput::new("monthlyCeilingMinutes", rule()))
        });
        Ok(RoamingPass {
            id: op.new_id(),
            network: member.network,
            member: member.id,
            home_hub: member.home_hub,
            valid_from,
            valid_until: self.valid_until,
            monthly_ceiling_minutes: ceiling.transpose()?,
            issued_at: op.now(),
            ended_at: None,
        })
    }
}

/// Ends an expired pass as of its expiry, so that it does not block the next one.
async fn clear_expired(tx: &Tx, op: &OpContext, next: &RoamingPass) -> Result<(), RoamingError> {
    for pass in store::roaming_pass::unended(tx, next.network, &[next.member]).await? {
        let (PassStatus::Expired, Some(until)) = (pass.status(op.now()), pass.valid_until) else {
            return Err(RoamingError::PassExists);
        };
        store::roaming_pass::save_end(tx, &pass.end(until)?).await?;
        let fact = PassEnded::of(&pass, until);
        tx.emit(CloudEvent::new(&fact, pass.network, Some(pass.home_hub), op.world())?).await?;
    }
    Ok(())
}
