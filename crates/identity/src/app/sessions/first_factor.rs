//! The step after the first factor, of any kind: a session, or a challenge if the person has a second factor. There is
//! no other way from a password to a session.

use kernel::{AuthError, ChallengeId, NetworkId, OpContext, Password, PersonId, ShownPassword};
use platform_db::{Reach, Tx};
use secrecy::SecretString;

use crate::app::sessions::sign_in::account_key;
use crate::{
    Account, AccountState, FactorState, Identity, IdentityError, SignInChallenge, SignInOutcome,
    model::factors::password::Fit,
    model::machines::secret::{self, SecretKind},
    model::sessions::challenge::CHALLENGE_LIFETIME,
    store::{
        account_rows,
        challenge_rows::{self, ChallengeRow},
        factor_rows,
    },
};

impl Identity {
    /// Signs in a person without a second factor, and challenges the others; runs in the transaction that proved the
    /// first.
    pub(crate) async fn after_first_factor(
        &self,
        op: &OpContext,
        tx: &Tx,
        network: NetworkId,
        person: PersonId,
    ) -> Result<SignInOutcome, IdentityError> {
        if has_confirmed_factor(tx, network, person).await? {
            let challenge = challenge(op, tx, network, person).await?;
            return Ok(SignInOutcome::SecondFactorNeeded(challenge));
        }
        Ok(SignInOutcome::SignedIn(self.open_session(op, tx, network, person).await?))
    }

    /// Checks the signed-in person's password; counts as a sign-in attempt.
    pub(crate) async fn prove_password(
        &self,
        op: &OpContext,
        account: &Account,
        password: SecretString,
    ) -> Result<(), IdentityError> {
        let tx = self.db.read(Reach::Network(account.network)).await?;
        let found = account_rows::find_password_hash(&tx, account.network, &account.email).await?;
        drop(tx);
        let hash = found.map(|(_, hash)| hash);
        self.count_try(op, &account_key(account.network, &account.email)).await?;
        let (fits, newer) = self.fits(op, password, hash).await?;
        if let Some(newer) = newer {
            let tx = self.db.write(Reach::Network(account.network)).await?;
            newer.keep(&tx, account.network, account.person).await?;
            tx.commit().await?;
        }
        if fits { Ok(()) } else { Err(IdentityError::WrongCredentials) }
    }

    /// Returns whether a password matches a hash. If the hash is older than the preparation of passwords
    /// (`kernel::Password`), also returns the present form of the hash.
    pub(crate) async fn fits(
        &self,
        op: &OpContext,
        password: SecretString,
        hash: Option<String>,
    ) -> Result<(bool, Option<NewerHash>), IdentityError> {
        let password = ShownPassword::from(password);
        let fit = self.passwords.fits(password.clone(), hash.clone()).await?;
        let (Fit::AsTyped, Some(old), Some(prepared)) = (fit, hash, password.prepared()) else {
            return Ok((fit != Fit::None, None));
        };
        // A password that could not be set today, for example because its prepared form is shorter, keeps its hash.
        let Ok(password) = Password::parse(&prepared.into()) else { return Ok((true, None)) };
        let new = self.passwords.hash(&password, op.world()).await?;
        Ok((true, Some(NewerHash { old, new })))
    }

    /// Returns the account of the signed-in person; tokens from the command line have none.
    pub(crate) async fn own_account(&self, op: &OpContext) -> Result<Account, IdentityError> {
        Ok(self.find_own_account(op).await?.ok_or(AuthError::NotFound)?)
    }
}

/// The present form of a hash that is older than the preparation of passwords.
pub(crate) struct NewerHash {
    old: String,
    new: String,
}

impl NewerHash {
    /// Replaces the old hash, unless the password was changed in the meantime.
    pub(crate) async fn keep(
        &self,
        tx: &Tx,
        network: NetworkId,
        person: PersonId,
    ) -> Result<(), IdentityError> {
        Ok(account_rows::renew_hash(tx, network, person, &self.old, &self.new).await?)
    }
}

/// Returns whether sign-in as this person requires a second factor.
pub(crate) async fn has_confirmed_factor(
    tx: &Tx,
    network: NetworkId,
    person: PersonId,
) -> Result<bool, IdentityError> {
    let factor = factor_rows::find(tx, network, person).await?;
    Ok(factor.is_some_and(|factor| matches!(factor.state, FactorState::Confirmed { .. })))
}

async fn challenge(
    op: &OpContext,
    tx: &Tx,
    network: NetworkId,
    person: PersonId,
) -> Result<SignInChallenge, IdentityError> {
    let account = account_rows::find(tx, network, person).await?;
    if !account.is_some_and(|account| matches!(account.state, AccountState::Active { .. })) {
        return Err(IdentityError::WrongCredentials);
    }
    let (id, expires_at): (ChallengeId, _) = (op.new_id(), op.now() + CHALLENGE_LIFETIME);
    let (challenge, secret_hash) = secret::make(SecretKind::Challenge, network, id.into(), op.world());
    let row = ChallengeRow { id, person, secret_hash, tries: 0, expires_at };
    challenge_rows::insert(tx, network, &row, op.now()).await?;
    Ok(SignInChallenge { challenge, expires_at })
}
