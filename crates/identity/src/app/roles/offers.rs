//! Role offers: making an offer, listing one's own, accepting one, declining it.
//!
//! Always true: an offer ends no token and gives nobody power over the person (R18); only the person can accept it, for
//! a week, while its maker could still make it (R19).

use kernel::{AssignmentId, AuthError, NetworkId, OpContext, PersonId};
use platform_db::{Idempotent, Reach, Tx};

use crate::app::{person, revoke::outdate, roles::giver::giver};
use crate::{
    Account, Identity, IdentityError, OfferedTo, RoleAssignment, audit,
    mail::Notice,
    model::roles::policy,
    store::{account_rows, copies, role_rows},
};

const NOT_ANY_MORE: &str = "whoever offered this role may not give it any more";

impl Identity {
    /// Returns the roles offered to the signed-in person, the oldest first.
    ///
    /// # Errors
    /// Fails if nobody is signed in.
    #[tracing::instrument(name = "identity.list_offered_roles", skip_all)]
    pub async fn list_offered_roles(&self, op: &OpContext) -> Result<Vec<RoleAssignment>, IdentityError> {
        let (person, network) = person(op)?;
        let tx = self.db.read(Reach::Network(network)).await?;
        Ok(role_rows::list_offers(&tx, network, person, op.now()).await?)
    }

    /// Accepts a role offered to the signed-in person: it is in force from now on, with their next token.
    ///
    /// # Errors
    /// Fails if there is no such offer to them. Fails with `CONFLICT` if its maker could not make it now.
    #[tracing::instrument(name = "identity.accept_role", skip_all)]
    pub async fn accept_role(
        &self,
        op: &OpContext,
        assignment: AssignmentId,
    ) -> Result<RoleAssignment, IdentityError> {
        let (person, network) = person(op)?;
        let tx = match self.db.idempotent(op, Reach::Network(network), "acceptRole", &assignment).await? {
            Idempotent::Replayed(role) => return Ok(role),
            Idempotent::New(tx) => tx,
        };
        let offer = own_offer(op, &tx, network, person, assignment).await?;
        if !is_still_made(op, &tx, &offer).await? {
            return Err(IdentityError::Conflict(NOT_ANY_MORE));
        }
        let role = accept(op, &tx, offer).await?;
        let revoked = outdate(&tx, network, person, op.now()).await?;
        tx.commit_with_outcome(&role).await?;
        self.revocations.add(revoked);
        Ok(role)
    }

    /// Declines a role offered to the signed-in person.
    ///
    /// # Errors
    /// Fails if there is no such offer to them.
    #[tracing::instrument(name = "identity.decline_role", skip_all)]
    pub async fn decline_role(
        &self,
        op: &OpContext,
        assignment: AssignmentId,
    ) -> Result<RoleAssignment, IdentityError> {
        let (person, network) = person(op)?;
        let tx = match self.db.idempotent(op, Reach::Network(network), "declineRole", &assignment).await? {
            Idempotent::Replayed(role) => return Ok(role),
            Idempotent::New(tx) => tx,
        };
        let offer = own_offer(op, &tx, network, person, assignment).await?;
        role_rows::revoke(&tx, network, assignment, Some(person), op.now()).await?;
        let role = RoleAssignment { revoked_at: Some(op.now()), ..offer };
        tx.audit(op, audit::role_declined(&role)).await?;
        tx.commit_with_outcome(&role).await?;
        Ok(role)
    }

    /// Writes an offer, which replaces a pending one of the same role, and a message to the person who can accept it.
    pub(crate) async fn offer(
        &self,
        op: &OpContext,
        tx: &Tx,
        offer: &RoleAssignment,
    ) -> Result<(), IdentityError> {
        let RoleAssignment { network, person, grant, .. } = *offer;
        let held = role_rows::list_of_person(tx, network, person, op.now()).await?;
        if held.iter().any(|held| held.grant == grant) {
            return Err(IdentityError::Conflict("this person has the role already"));
        }
        for older in role_rows::list_offers(tx, network, person, op.now()).await? {
            if older.grant == grant {
                role_rows::revoke(tx, network, older.id, crate::app::actor(op), op.now()).await?;
            }
        }
        role_rows::insert(tx, offer).await?;
        if offer.offered_to != Some(OfferedTo::Invitation) {
            self.notify(op, tx, (network, person), Notice::RoleOffered).await?;
        }
        Ok(tx.audit(op, audit::role_granted(offer)).await?)
    }
}

/// Accepts every role offered with an invitation, if its maker could still offer it. The invitation is valid while it
/// still contains such a role, or a membership whose inviter may invite.
pub(crate) async fn accept_invited(op: &OpContext, tx: &Tx, account: &Account) -> Result<(), IdentityError> {
    let Account { network, person, .. } = *account;
    let offers = role_rows::list_offers(tx, network, person, op.now()).await?;
    let mut is_good = is_membership_good(op, tx, account).await?;
    for offer in offers.into_iter().filter(|offer| offer.offered_to == Some(OfferedTo::Invitation)) {
        if is_still_made(op, tx, &offer).await? {
            accept(op, tx, offer).await?;
            is_good = true;
        }
    }
    // Roles older than offers are in force already.
    is_good = is_good || !role_rows::list_of_person(tx, network, person, op.now()).await?.is_empty();
    if is_good { Ok(()) } else { Err(IdentityError::SecretRefused) }
}

async fn is_membership_good(op: &OpContext, tx: &Tx, account: &Account) -> Result<bool, IdentityError> {
    let Account { network, person, .. } = *account;
    let inviter = account_rows::find_inviter(tx, network, person).await?;
    let Some(inviter) = giver(op, tx, network, inviter).await? else { return Ok(false) };
    let memberships = copies::list_memberships(tx, network, person).await?;
    let may = |home| inviter.op.may_at_hub(kernel::Permission::ManageMembers, home, network);
    Ok(memberships.iter().any(|member| may(member.home)))
}

async fn own_offer(
    op: &OpContext,
    tx: &Tx,
    network: NetworkId,
    person: PersonId,
    assignment: AssignmentId,
) -> Result<RoleAssignment, IdentityError> {
    let found = role_rows::hold(tx, network, assignment).await?;
    let own = found.filter(|offer| offer.person == person && offer.is_open_offer_at(op.now()));
    Ok(own.ok_or(AuthError::NotFound)?)
}

async fn is_still_made(op: &OpContext, tx: &Tx, offer: &RoleAssignment) -> Result<bool, IdentityError> {
    let Some(giver) = giver(op, tx, offer.network, offer.granted_by).await? else { return Ok(false) };
    Ok(policy::require_granting(&giver.op, offer.person, offer.grant, offer.network).is_ok())
}

async fn accept(op: &OpContext, tx: &Tx, offer: RoleAssignment) -> Result<RoleAssignment, IdentityError> {
    let now = op.now();
    role_rows::accept(tx, offer.network, offer.id, now).await?;
    let role = RoleAssignment { offered_to: None, accepted_at: Some(now), ..offer };
    tx.audit(op, audit::role_accepted(&role)).await?;
    Ok(role)
}
