//! What comes of showing the first factor, whichever it was: a session, or a challenge for who has a second one. The one
//! way from a password to a session.

use kernel::{AuthError, ChallengeId, NetworkId, OpContext, Password, PersonId, ShownPassword};
use platform_db::{Reach, Tx};
use secrecy::SecretString;

use super::sign_in::account_key;
use crate::{
    Account, AccountState, FactorState, Identity, IdentityError, SignInChallenge, SignInOutcome,
    challenge::CHALLENGE_LIFETIME,
    password::Fit,
    secret::{self, SecretKind},
    store::{
        account_rows,
        challenge_rows::{self, ChallengeRow},
        factor_rows,
    },
};

impl Identity {
    /// Lets in who has no second factor, and asks the others for it; in the transaction that proved the first.
    pub(super) async fn after_first_factor(
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

    /// Whether the signed-in person knows their password, counted like a try at signing in.
    pub(super) async fn prove_password(
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

    /// Whether a password is the one of a hash; and, if it was hashed as it was typed, before passwords were prepared
    /// (`kernel::Password`), its hash of today.
    pub(super) async fn fits(
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
        // One that could not be set today, perhaps for it is shorter in its other form, stays as it is.
        let Ok(password) = Password::parse(&prepared.into()) else { return Ok((true, None)) };
        let new = self.passwords.hash(&password, op.world()).await?;
        Ok((true, Some(NewerHash { old, new })))
    }

    /// The account of the signed-in person; tokens from the command line have none.
    pub(super) async fn own_account(&self, op: &OpContext) -> Result<Account, IdentityError> {
        Ok(self.find_own_account(op).await?.ok_or(AuthError::NotFound)?)
    }
}

/// The hash of today of a password that was hashed before passwords were prepared.
pub(super) struct NewerHash {
    old: String,
    new: String,
}

impl NewerHash {
    /// Puts it in the place of the old one, unless the password was changed meanwhile.
    pub(super) async fn keep(
        &self,
        tx: &Tx,
        network: NetworkId,
        person: PersonId,
    ) -> Result<(), IdentityError> {
        Ok(account_rows::renew_hash(tx, network, person, &self.old, &self.new).await?)
    }
}

/// Whether nobody signs in as this person without a second factor.
pub(super) async fn has_confirmed_factor(
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
