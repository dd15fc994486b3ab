//! Issues a chip to a member.

use jiff::Timestamp;
use kernel::{MemberId, OpContext, Permission};
use platform_db::{Idempotent, Reach};

use crate::{ChipNumber, Credential, Membership, MembershipError, audit, store};

/// The input for issuing a chip.
#[derive(Debug, Clone, serde::Serialize)]
pub struct IssueChip {
    /// The member.
    pub member: MemberId,
    /// The number that a reader reads.
    pub number: ChipNumber,
    /// The time from which the chip works; now if `None`. Never in the future.
    pub issued_at: Option<Timestamp>,
}

impl Membership {
    /// Issues a chip that works at once in every hub of the network.
    ///
    /// # Errors
    /// Fails with `NOT_FOUND` for another tenant's member, `CONFLICT` if a working chip of the network has that
    /// number.
    #[tracing::instrument(name = "membership.issue_chip", skip_all)]
    pub async fn issue_chip(&self, op: &OpContext, cmd: IssueChip) -> Result<Credential, MembershipError> {
        let member = self.member_for(op, Permission::ManageMembers, cmd.member).await?;
        let reach = Reach::Hub(member.network, member.home);
        let tx = match self.db.idempotent(op, reach, "issueChip", &cmd).await? {
            Idempotent::Replayed(credential) => return Ok(credential),
            Idempotent::New(tx) => tx,
        };
        let issued_at = cmd.issued_at.unwrap_or_else(|| op.now());
        if issued_at > op.now() {
            return Err(MembershipError::invalid("issuedAt", "not in the future"));
        }
        // The member may have been erased since they were found.
        let person = store::person::lock(&tx, member.network, member.id).await?;
        if person.is_none_or(|person| person.erased_at.is_some()) {
            return Err(MembershipError::NotFound("member"));
        }
        let credential = Credential {
            id: op.new_id(),
            member: member.id,
            ending: cmd.number.ending().to_owned(),
            issued_at,
            revoked_at: None,
        };
        store::member::insert_credential(&tx, &member, &credential, &cmd.number.hash())
            .await
            .map_err(|error| MembershipError::or_exists(error, "chip"))?;
        tx.audit(op, audit::chip_issued(&member, &credential)).await?;
        tx.commit_with_outcome(&credential).await?;
        Ok(credential)
    }
}
