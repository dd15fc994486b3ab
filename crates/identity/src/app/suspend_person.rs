//! Keeps a person out, and lets them in again. For those who rule everything the person is.

use kernel::{NetworkId, PersonId, Refused, Scope};
use platform_db::{Reach, Tx};

use super::{invite::homes, revoke::revoke};
use crate::{
    Account, AccountState, Identity, IdentityError, SessionEnd, policy,
    store::{account_rows, role_rows, session_rows},
};

impl Identity {
    /// Keeps a person out: every session ends now, no new one begins. Again changes nothing.
    ///
    /// # Errors
    /// No such person for this caller, or the caller does not rule everything they are.
    #[tracing::instrument(name = "identity.suspend_person", skip_all)]
    pub async fn suspend_person(&self, scope: &Scope, person: PersonId) -> Result<Account, IdentityError> {
        let network = self.network_of_person(scope, person).await?;
        let tx = self.db.write(Reach::Network(network)).await?;
        let account = self.ruled(scope, &tx, network, person).await?;
        if matches!(account.state, AccountState::Suspended { .. }) {
            return Ok(account);
        }
        let since = scope.now();
        account_rows::set_suspended(&tx, network, person, Some(since)).await?;
        session_rows::end_all(&tx, network, person, SessionEnd::Suspension, since).await?;
        let revoked = revoke(&tx, network, person, since).await?;
        tx.commit().await?;
        self.revocations.add(revoked);
        Ok(Account { state: AccountState::Suspended { since }, ..account })
    }

    /// Lets a suspended person in again: they sign in with the password they had. Again changes nothing.
    ///
    /// # Errors
    /// No such person for this caller, or the caller does not rule everything they are.
    #[tracing::instrument(name = "identity.reinstate_person", skip_all)]
    pub async fn reinstate_person(&self, scope: &Scope, person: PersonId) -> Result<Account, IdentityError> {
        let network = self.network_of_person(scope, person).await?;
        let tx = self.db.write(Reach::Network(network)).await?;
        self.ruled(scope, &tx, network, person).await?;
        account_rows::set_suspended(&tx, network, person, None).await?;
        let account = account_rows::find(&tx, network, person).await?.ok_or(Refused::NotFound)?;
        tx.commit().await?;
        Ok(account)
    }

    /// The network of the caller's that has an account of the person.
    pub(super) async fn network_of_person(
        &self,
        scope: &Scope,
        person: PersonId,
    ) -> Result<NetworkId, IdentityError> {
        for network in self.networks_of(scope).await? {
            let tx = self.db.read(Reach::Network(network)).await?;
            if account_rows::find(&tx, network, person).await?.is_some() {
                return Ok(network);
            }
        }
        Err(Refused::NotFound.into())
    }

    async fn ruled(
        &self,
        scope: &Scope,
        tx: &Tx,
        network: NetworkId,
        person: PersonId,
    ) -> Result<Account, IdentityError> {
        let account = account_rows::hold(tx, network, person).await?.ok_or(Refused::NotFound)?;
        let homes = homes(tx, network, person).await?;
        let roles = role_rows::list_of_person(tx, network, person, scope.now()).await?;
        policy::require_suspending(scope, person, network, &homes, &roles)?;
        Ok(account)
    }
}
