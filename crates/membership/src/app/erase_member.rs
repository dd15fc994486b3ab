//! Erases a member: the right to be forgotten.
//!
//! Identifying data is removed. Records that others must account for (visits, and with them charges and settlements,
//! and the audit log) stay under ids that no longer lead to a person.
//!
//! Always true: the person is locked from the first read to the commit, and an open visit is closed in the same
//! transaction. A person who touches a reader at that moment is either inside before the erasure, and checked out, or
//! unknown after it. The event names who asked for the erasure; identity decides whether the account is removed with
//! the membership (R18).

use jiff::{SignedDuration, Timestamp};
use kernel::{AuthError, Caller, CloudEvent, MemberId, NetworkId, OpContext, Permission, PersonId};
use platform_db::{Idempotent, Reach, Tx, forget_keys};
use serde::{Deserialize, Serialize};

use super::{
    Reported, Reporter, Who,
    presence::{
        call::Call,
        write_touches::{LookUp, Written},
    },
};
use crate::{
    Direction, Membership, MembershipError, Source, Visit, audit,
    events::{self, ErasedBy},
    store::{self, person::Erasable},
};

/// Clocks of processes differ a little: a check-in may be later than the check-out that answers it.
const TRIES: usize = 4;

/// An erased member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erased {
    /// The erased member.
    pub member: MemberId,
    /// The time of erasure.
    pub at: Timestamp,
}

impl Membership {
    /// Erases a member, at their own request or by an administrator of their home hub. Closes an open visit first.
    /// Emits `visit_ended`, `credential_revoked`, `member_erased`.
    ///
    /// # Errors
    /// Fails with `NOT_FOUND` for another tenant's member, `FORBIDDEN` for other roles, `CONFLICT` while the member
    /// cannot be checked out.
    #[tracing::instrument(name = "membership.erase_member", skip_all)]
    pub async fn erase_member(&self, op: &OpContext, id: MemberId) -> Result<Erased, MembershipError> {
        let (network, erasable) = self.find_erasable(op, id).await?;
        if !op.is_member(id) {
            op.require_at_hub(Permission::EraseMembers, erasable.home, network)?;
        }
        self.erase(op, network, id).await
    }

    /// Erases the caller's own membership.
    ///
    /// # Errors
    /// Fails with `NOT_FOUND` if the caller has no membership.
    pub async fn erase_me(&self, op: &OpContext) -> Result<Erased, MembershipError> {
        match op.caller() {
            Caller::Anonymous => Err(AuthError::Unauthenticated.into()),
            Caller::Person { member: Some(own), .. } => self.erase_member(op, *own).await,
            Caller::Person { .. } | Caller::Device { .. } | Caller::Program { .. } | Caller::System => {
                Err(MembershipError::NotFound("member"))
            }
        }
    }

    async fn find_erasable(
        &self,
        op: &OpContext,
        id: MemberId,
    ) -> Result<(NetworkId, Erasable), MembershipError> {
        if *op.caller() == Caller::Anonymous {
            return Err(AuthError::Unauthenticated.into());
        }
        for network in self.networks_of(op).await? {
            let tx = self.db.read(Reach::Network(network)).await?;
            if let Some(found) = store::person::find(&tx, network, id).await? {
                return Ok((network, found));
            }
        }
        Err(MembershipError::NotFound("member"))
    }

    async fn erase(
        &self,
        op: &OpContext,
        network: NetworkId,
        id: MemberId,
    ) -> Result<Erased, MembershipError> {
        let tx = match self.db.idempotent(op, Reach::Network(network), "eraseMember", &id).await? {
            Idempotent::Replayed(erased) => return Ok(erased),
            Idempotent::New(tx) => tx,
        };
        let found =
            store::person::lock(&tx, network, id).await?.ok_or(MembershipError::NotFound("member"))?;
        let Erasable { person, home, erased_at } = found;
        if let Some(at) = erased_at {
            let erased = Erased { member: id, at };
            tx.commit_with_outcome(&erased).await?;
            return Ok(erased);
        }
        let mut left = Vec::new();
        while let Some(visit) = store::visit::open_of(&tx, network, person).await? {
            if left.len() == TRIES {
                return Err(MembershipError::StillIn);
            }
            left.push(self.check_out(op, &tx, &visit).await?);
        }
        let erased = Erased { member: id, at: op.now() };
        let mut facts = Vec::new();
        for chip in store::member::credentials_of(&tx, network, id).await? {
            if chip.revoked_at.is_none() {
                let fact = events::CredentialRevoked {
                    credential_id: chip.id,
                    member_id: id,
                    revoked_at: erased.at,
                };
                facts.push(CloudEvent::new(&fact, network, Some(home), op.world())?);
            }
        }
        store::person::erase(&tx, network, person, id, erased.at).await?;
        forget_keys(&tx, network, &traces(person, id)).await?;
        platform_files::forget_person(&tx, network, person, erased.at).await?;
        let fact = events::MemberErased {
            member_id: id,
            person_id: person,
            home_hub_id: home,
            erased_at: erased.at,
            erased_by: erased_by(op, id),
        };
        facts.push(CloudEvent::new(&fact, network, Some(home), op.world())?);
        tx.emit_all(facts).await?;
        tx.audit(op, audit::member_erased(network, home, id)).await?;
        tx.commit_with_outcome(&erased).await?;
        for written in left {
            drop(tokio::spawn(self.update_occupancy(&written.reread)));
        }
        Ok(erased)
    }

    /// Checks the person out on behalf of the system, a moment after the last event that opened their visit: an
    /// erased person is no longer present.
    async fn check_out(&self, op: &OpContext, tx: &Tx, visit: &Visit) -> Result<Written, MembershipError> {
        let system = OpContext::system(op.world().clone());
        let at = system.now().max(visit.stay.started_at) + SignedDuration::from_micros(1);
        let out = Reported {
            event_id: format!("erasure:{}", op.new_id::<kernel::TouchId>()),
            at: None,
            who: Who::Member(visit.member),
            direction: Direction::Out,
            source: Source::Operator,
        };
        let call = Call {
            hub: self.hub_within(tx, visit.stay.hub).await?,
            reporter: Reporter::Caller,
            reported: vec![out],
            received_at: at,
            trace: platform_telemetry::trace_context::current(),
            op: system,
        };
        let (written, _) = self.record_within(tx, &[&call], LookUp::First).await?;
        Ok(written)
    }
}

fn erased_by(op: &OpContext, id: MemberId) -> ErasedBy {
    match op.caller() {
        Caller::System => ErasedBy::TheInstallation,
        _ if op.is_member(id) => ErasedBy::Themselves,
        _ => ErasedBy::TheirHub,
    }
}

fn traces(person: PersonId, member: MemberId) -> [String; 2] {
    [person.to_string(), member.to_string()]
}
