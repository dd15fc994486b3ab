//! Erasing a member: the right to be forgotten.
//!
//! What says who they were is removed; what others must account for (visits, and with them charges and settlements, and
//! the audit log) stays under ids that nobody can lead back to a person any more.

use jiff::Timestamp;
use kernel::{Caller, CloudEvent, MemberId, NetworkId, Permission, PersonId, Refused, Scope};
use platform_db::{Once, Reach, forget_keys};
use serde::{Deserialize, Serialize};

use super::{Reported, Reporter, TouchOutcome, Who};
use crate::{
    Direction, Membership, MembershipError, Source, Visit, deeds, published,
    store::{self, person::Erasable},
};

/// Somebody may check in between the closing of their visit and the erasure; then once more.
const TRIES: u32 = 4;

/// A member who was erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erased {
    /// Who it was.
    pub member: MemberId,
    /// Since when they are forgotten.
    pub at: Timestamp,
}

impl Membership {
    /// Erases a member: themselves, or by an administrator of their home hub at their request. An open visit is closed
    /// first. Emits `visit_ended`, `credential_revoked`, `member_erased`.
    ///
    /// # Errors
    /// `NOT_FOUND` for another tenant's member, `FORBIDDEN` for other roles, `CONFLICT` while they cannot be checked
    /// out.
    #[tracing::instrument(name = "membership.erase_member", skip_all)]
    pub async fn erase_member(&self, scope: &Scope, id: MemberId) -> Result<Erased, MembershipError> {
        let (network, erasable) = self.find_erasable(scope, id).await?;
        if !scope.is_member(id) {
            scope.require_at_hub(Permission::EraseMembers, erasable.home, network)?;
        }
        for _try in 0..TRIES {
            match self.try_to_erase(scope, network, id).await? {
                Attempt::Done(erased) => return Ok(erased),
                Attempt::StillIn(visit) => self.check_out(scope, &visit).await?,
            }
        }
        Err(MembershipError::StillIn)
    }

    /// Erases the caller's own membership.
    ///
    /// # Errors
    /// `NOT_FOUND` when they have none.
    pub async fn erase_me(&self, scope: &Scope) -> Result<Erased, MembershipError> {
        match scope.caller() {
            Caller::Anonymous => Err(Refused::Unauthenticated.into()),
            Caller::Person { member: Some(own), .. } => self.erase_member(scope, *own).await,
            Caller::Person { .. } | Caller::Device { .. } | Caller::Program { .. } | Caller::System => {
                Err(MembershipError::NotFound("member"))
            }
        }
    }

    async fn find_erasable(
        &self,
        scope: &Scope,
        id: MemberId,
    ) -> Result<(NetworkId, Erasable), MembershipError> {
        if *scope.caller() == Caller::Anonymous {
            return Err(Refused::Unauthenticated.into());
        }
        for network in self.networks_of(scope).await? {
            let tx = self.db.read(Reach::Network(network)).await?;
            if let Some(found) = store::person::find(&tx, network, id).await? {
                return Ok((network, found));
            }
        }
        Err(MembershipError::NotFound("member"))
    }

    async fn try_to_erase(
        &self,
        scope: &Scope,
        network: NetworkId,
        id: MemberId,
    ) -> Result<Attempt, MembershipError> {
        let tx = match self.db.once(scope, Reach::Network(network), "eraseMember", &id).await? {
            Once::Before(erased) => return Ok(Attempt::Done(erased)),
            Once::First(tx) => tx,
        };
        let found =
            store::person::lock(&tx, network, id).await?.ok_or(MembershipError::NotFound("member"))?;
        let Erasable { person, home, erased_at } = found;
        if let Some(at) = erased_at {
            let erased = Erased { member: id, at };
            tx.conclude(&erased).await?;
            return Ok(Attempt::Done(erased));
        }
        if let Some(visit) = store::visit::open_of(&tx, network, person).await? {
            return Ok(Attempt::StillIn(visit));
        }
        let erased = Erased { member: id, at: scope.now() };
        let mut facts = Vec::new();
        for chip in store::member::credentials_of(&tx, network, id).await? {
            if chip.revoked_at.is_none() {
                let fact = published::CredentialRevoked {
                    credential_id: chip.id,
                    member_id: id,
                    revoked_at: erased.at,
                };
                facts.push(CloudEvent::new(&fact, network, Some(home), scope.world())?);
            }
        }
        store::person::erase(&tx, network, person, id, erased.at).await?;
        forget_keys(&tx, network, &traces(person, id)).await?;
        let fact = published::MemberErased {
            member_id: id,
            person_id: person,
            home_hub_id: home,
            erased_at: erased.at,
        };
        facts.push(CloudEvent::new(&fact, network, Some(home), scope.world())?);
        tx.emit_all(facts).await?;
        tx.audit(scope, deeds::member_erased(network, home, id)).await?;
        tx.conclude(&erased).await?;
        Ok(Attempt::Done(erased))
    }

    /// The house checks them out: whoever is erased is not there any more.
    async fn check_out(&self, scope: &Scope, visit: &Visit) -> Result<(), MembershipError> {
        let house = Scope::system(scope.world().clone());
        let out = Reported {
            event_id: format!("erasure:{}", visit.stay.id),
            at: house.now(),
            who: Who::Member(visit.member),
            direction: Direction::Out,
            source: Source::Operator,
        };
        let outcomes = self.record_touches(&house, visit.stay.hub, &Reporter::Caller, &[out]).await?;
        match outcomes.first() {
            Some(TouchOutcome::CheckedOut(_) | TouchOutcome::NothingOpen) => Ok(()),
            _ => Err(MembershipError::StillIn),
        }
    }
}

enum Attempt {
    Done(Erased),
    StillIn(Visit),
}

fn traces(person: PersonId, member: MemberId) -> [String; 2] {
    [person.to_string(), member.to_string()]
}
