//! Suspends and reinstates people. For those who have power over everything the person is.

use kernel::{AuthError, NetworkId, OpContext, PersonId};
use platform_db::{Idempotent, Reach, Tx};

use crate::app::{about, holdings, revoke::revoke, roles::giver::end_given_by};
use crate::{
    Account, AccountState, Identity, IdentityError, SessionEnd, audit,
    model::roles::policy,
    store::{account_rows, challenge_rows, session_rows},
};

impl Identity {
    /// Suspends a person: every session ends now, no new one begins, and the keys and devices whose secrets they issued
    /// stop. A repetition changes nothing.
    ///
    /// # Errors
    /// Fails if the person does not exist for this caller, or if the caller does not have power over everything they
    /// are.
    #[tracing::instrument(name = "identity.suspend_person", skip_all)]
    pub async fn suspend_person(&self, op: &OpContext, person: PersonId) -> Result<Account, IdentityError> {
        let account = self.ruled(op, person).await?;
        let network = account.network;
        let reach = Reach::Network(network);
        let tx = match self.db.idempotent(op, reach, "suspendPerson", &person).await? {
            Idempotent::Replayed(state) => return Ok(Account { state, ..account }),
            Idempotent::New(tx) => tx,
        };
        let account = hold_ruled(op, &tx, network, person).await?;
        if matches!(account.state, AccountState::Suspended { .. }) {
            tx.commit_with_outcome(&account.state).await?;
            return Ok(account);
        }
        let since = op.now();
        account_rows::set_suspended(&tx, network, person, Some(since)).await?;
        session_rows::end_all(&tx, network, person, SessionEnd::Suspension, since).await?;
        challenge_rows::delete_all(&tx, network, person).await?;
        let revoked = revoke(&tx, network, person, since).await?;
        let mut ended = end_given_by(&tx, network, person, since).await?;
        ended.push(revoked);
        let about = about(&tx, network, person, since).await?;
        tx.audit(op, audit::of_person(audit::SUSPENDED, about)).await?;
        let state = AccountState::Suspended { since };
        tx.commit_with_outcome(&state).await?;
        self.revocations.add_all(ended);
        Ok(Account { state, ..account })
    }

    /// Reinstates a suspended person, who signs in with their old password. A repetition changes nothing.
    ///
    /// # Errors
    /// Fails if the person does not exist for this caller, or if the caller does not have power over everything they
    /// are.
    #[tracing::instrument(name = "identity.reinstate_person", skip_all)]
    pub async fn reinstate_person(&self, op: &OpContext, person: PersonId) -> Result<Account, IdentityError> {
        let account = self.ruled(op, person).await?;
        let network = account.network;
        let reach = Reach::Network(network);
        let tx = match self.db.idempotent(op, reach, "reinstatePerson", &person).await? {
            Idempotent::Replayed(state) => return Ok(Account { state, ..account }),
            Idempotent::New(tx) => tx,
        };
        let before = hold_ruled(op, &tx, network, person).await?;
        account_rows::set_suspended(&tx, network, person, None).await?;
        let account = account_rows::find(&tx, network, person).await?.ok_or(AuthError::NotFound)?;
        if before.state != account.state {
            let about = about(&tx, network, person, op.now()).await?;
            tx.audit(op, audit::of_person(audit::REINSTATED, about)).await?;
        }
        tx.commit_with_outcome(&account.state).await?;
        Ok(account)
    }

    /// Returns the account of a person in the caller's network, whom the caller may suspend.
    pub(crate) async fn ruled(&self, op: &OpContext, person: PersonId) -> Result<Account, IdentityError> {
        for network in self.networks_of(op).await? {
            let tx = self.db.read(Reach::Network(network)).await?;
            if let Some(account) = account_rows::find(&tx, network, person).await? {
                require_ruling(op, &tx, &account).await?;
                return Ok(account);
            }
        }
        Err(AuthError::NotFound.into())
    }
}

/// Returns it locked until the commit, after checking the caller's power again.
pub(crate) async fn hold_ruled(
    op: &OpContext,
    tx: &Tx,
    network: NetworkId,
    person: PersonId,
) -> Result<Account, IdentityError> {
    let account = account_rows::hold(tx, network, person).await?.ok_or(AuthError::NotFound)?;
    require_ruling(op, tx, &account).await?;
    Ok(account)
}

async fn require_ruling(op: &OpContext, tx: &Tx, account: &Account) -> Result<(), IdentityError> {
    let Account { network, person, .. } = *account;
    let holdings = holdings(tx, network, person, op.now()).await?;
    Ok(policy::require_ruling(op, person, network, &holdings)?)
}
