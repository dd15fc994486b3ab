//! Removes a second factor: by its owner, or, if phone and recovery codes are lost, by somebody who could suspend them.

use kernel::{OpContext, PersonId};
use platform_db::{Idempotent, Reach, Tx};
use secrecy::{ExposeSecret, SecretString};

use crate::app::{
    about, accounts::suspend_person::hold_ruled, revoke::revoke, sessions::sign_in::account_key,
};
use crate::{
    Account, FactorState, Identity, IdentityError, SecondFactor, SessionEnd, audit,
    mail::Notice,
    store::{challenge_rows, factor_rows, session_rows},
};

/// A person's proof of identity.
#[derive(Debug)]
pub enum FactorProof {
    /// The password.
    Password(SecretString),
    /// A code of the phone, or a recovery code.
    Code(SecretString),
}

impl Identity {
    /// Returns the signed-in person's second factor, once it is confirmed.
    ///
    /// # Errors
    /// Fails if nobody is signed in.
    pub async fn find_own_second_factor(
        &self,
        op: &OpContext,
    ) -> Result<Option<SecondFactor>, IdentityError> {
        let (person, network) = crate::app::person(op)?;
        let tx = self.db.read(Reach::Network(network)).await?;
        let factor = factor_rows::find(&tx, network, person).await?;
        Ok(factor.filter(|factor| factor.state != FactorState::Enrolled))
    }

    /// Removes the signed-in person's second factor; if there is none, nothing changes.
    ///
    /// # Errors
    /// Fails if the proof is wrong or was used, or after too many attempts.
    #[tracing::instrument(name = "identity.remove_second_factor", skip_all)]
    pub async fn remove_second_factor(
        &self,
        op: &OpContext,
        proof: FactorProof,
    ) -> Result<(), IdentityError> {
        let account = self.own_account(op).await?;
        if self.find_own_second_factor(op).await?.is_none() {
            return Ok(());
        }
        self.prove_before(op, &account, &proof).await?;
        let tx = self.db.write(Reach::Network(account.network)).await?;
        self.prove_within(op, &tx, &account, &proof).await?;
        self.remove(op, &tx, &account).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Removes the lost second factor of a person under the caller's power, and ends their sessions; they sign in with
    /// the first factor. If there is none, nothing changes.
    ///
    /// # Errors
    /// Fails if the person does not exist for this caller, or if the caller does not have power over everything they
    /// are.
    #[tracing::instrument(name = "identity.remove_lost_second_factor", skip_all)]
    pub async fn remove_lost_second_factor(
        &self,
        op: &OpContext,
        person: PersonId,
    ) -> Result<Account, IdentityError> {
        let account = self.ruled(op, person).await?;
        let network = account.network;
        let operation = "removeLostSecondFactor";
        let tx = match self.db.idempotent(op, Reach::Network(network), operation, &person).await? {
            Idempotent::Replayed(state) => return Ok(Account { state, ..account }),
            Idempotent::New(tx) => tx,
        };
        let account = hold_ruled(op, &tx, network, person).await?;
        if factor_rows::find(&tx, network, person).await?.is_none() {
            tx.commit_with_outcome(&account.state).await?;
            return Ok(account);
        }
        self.remove(op, &tx, &account).await?;
        session_rows::end_all(&tx, network, person, SessionEnd::SignOut, op.now()).await?;
        let revoked = revoke(&tx, network, person, op.now()).await?;
        tx.commit_with_outcome(&account.state).await?;
        self.revocations.add(revoked);
        Ok(account)
    }

    /// Runs the slow part of a proof before the transaction: counts the attempt, and checks a password.
    pub(crate) async fn prove_before(
        &self,
        op: &OpContext,
        account: &Account,
        proof: &FactorProof,
    ) -> Result<(), IdentityError> {
        match proof {
            FactorProof::Password(password) => self.prove_password(op, account, password.clone()).await,
            FactorProof::Code(_) => self.count_try(op, &account_key(account.network, &account.email)).await,
        }
    }

    /// Runs the other part of a proof within the transaction: uses a code up.
    pub(crate) async fn prove_within(
        &self,
        op: &OpContext,
        tx: &Tx,
        account: &Account,
        proof: &FactorProof,
    ) -> Result<(), IdentityError> {
        let FactorProof::Code(code) = proof else { return Ok(()) };
        let held = factor_rows::hold(tx, account.network, account.person).await?;
        let (factor, sealed) = held.ok_or(IdentityError::WrongCode)?;
        let used = self.use_code(op, tx, (factor, &sealed), code.expose_secret()).await?;
        used.map(|_of| ()).ok_or(IdentityError::WrongCode)
    }

    async fn remove(&self, op: &OpContext, tx: &Tx, account: &Account) -> Result<(), IdentityError> {
        let Account { network, person, .. } = *account;
        factor_rows::delete(tx, network, person).await?;
        challenge_rows::delete_all(tx, network, person).await?;
        self.notify(op, tx, (network, person), Notice::FactorRemoved).await?;
        let about = about(tx, network, person, op.now()).await?;
        Ok(tx.audit(op, audit::of_person(audit::FACTOR_REMOVED, about)).await?)
    }
}
