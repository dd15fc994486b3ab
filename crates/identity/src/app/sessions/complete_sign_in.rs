//! Completes a sign-in with a code of the second factor.
//!
//! Always true: a code is counted as an attempt, like a password, before it is checked. If it cannot be counted, nobody
//! is signed in. A wrong code also stays counted on its challenge.

use kernel::{ChallengeId, OpContext};
use platform_db::{Reach, Tx};
use secrecy::{ExposeSecret, SecretString};

use crate::app::{about, factors::second_factor_code::CodeOf, sessions::sign_in::account_key};
use crate::{
    Account, Identity, IdentityError, SignedIn, audit,
    model::machines::secret::{self, SecretKind, ShownSecret},
    model::sessions::challenge::MOST_TRIES,
    store::{
        account_rows,
        challenge_rows::{self, ChallengeRow},
        factor_rows, try_rows,
    },
};

impl Identity {
    /// Completes a sign-in that waits for a second factor.
    ///
    /// # Errors
    /// Fails if the challenge is invalid or has expired, if the code is wrong or was used, or after too many attempts.
    #[tracing::instrument(name = "identity.complete_sign_in", skip_all)]
    pub async fn complete_sign_in(
        &self,
        op: &OpContext,
        challenge: SecretString,
        code: SecretString,
    ) -> Result<SignedIn, IdentityError> {
        let shown = secret::read(SecretKind::Challenge, challenge.expose_secret());
        let shown = shown.ok_or(IdentityError::SecretRefused)?;
        let network = shown.network;
        let account = self.challenged(op, &shown).await?;
        let tries = account_key(network, &account.email);
        self.count_try(op, &tries).await?;

        let tx = self.db.write(Reach::Network(network)).await?;
        let challenge = challenge_rows::hold(&tx, network, ChallengeId::from(shown.id)).await?;
        let challenge = challenge.filter(|it| is_good(it, &shown, op)).ok_or(IdentityError::SecretRefused)?;
        let factor = factor_rows::hold(&tx, network, account.person).await?;
        let (factor, sealed) = factor.ok_or(IdentityError::SecretRefused)?;
        let used = self.use_code(op, &tx, (factor, &sealed), code.expose_secret()).await?;
        let Some(of) = used else {
            refuse(op, tx, &account, &challenge).await?;
            return Err(IdentityError::WrongCode);
        };
        challenge_rows::delete(&tx, network, challenge.id).await?;
        try_rows::forget(&tx, &tries, op.now()).await?;
        let signed_in = match self.open_session(op, &tx, network, account.person).await {
            Err(IdentityError::WrongCredentials) => return Err(IdentityError::SecretRefused),
            opened => opened?,
        };
        let about = about(&tx, network, account.person, op.now()).await?;
        tx.audit(op, audit::signed_in_with_code(about, signed_in.session, of == CodeOf::Paper)).await?;
        tx.commit().await?;
        Ok(signed_in)
    }

    /// Returns the account of the waiting sign-in.
    async fn challenged(&self, op: &OpContext, shown: &ShownSecret) -> Result<Account, IdentityError> {
        let tx = self.db.read(Reach::Network(shown.network)).await?;
        let found = challenge_rows::find(&tx, shown.network, ChallengeId::from(shown.id)).await?;
        let found = found.filter(|it| is_good(it, shown, op)).ok_or(IdentityError::SecretRefused)?;
        let account = account_rows::find(&tx, shown.network, found.person).await?;
        account.ok_or(IdentityError::SecretRefused)
    }
}

fn is_good(challenge: &ChallengeRow, shown: &ShownSecret, op: &OpContext) -> bool {
    shown.fits(&challenge.secret_hash) && challenge.tries < MOST_TRIES && op.now() < challenge.expires_at
}

/// Records a wrong code.
async fn refuse(
    op: &OpContext,
    tx: Tx,
    account: &Account,
    challenge: &ChallengeRow,
) -> Result<(), IdentityError> {
    challenge_rows::count_try(&tx, account.network, challenge.id).await?;
    let about = about(&tx, account.network, account.person, op.now()).await?;
    tx.audit(op, audit::of_person(audit::CODE_REFUSED, about)).await?;
    Ok(tx.commit().await?)
}
