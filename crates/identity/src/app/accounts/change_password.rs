//! Changes one's own password. Every session ends, so anybody who knew the old password is signed out. A new session
//! begins, or waits for the second factor.

use kernel::{InvalidInput, OpContext, Password};
use platform_db::Reach;
use secrecy::SecretString;

use crate::app::{about, person, revoke::outdate};
use crate::{
    Identity, IdentityError, SessionEnd, SignInOutcome, audit,
    store::{account_rows, challenge_rows, session_rows},
};

impl Identity {
    /// Changes the signed-in person's password, and signs them in again; a second factor is required if they have one.
    ///
    /// # Errors
    /// Fails if the present password is wrong or was tried too often, or if the new one is too short.
    #[tracing::instrument(name = "identity.change_password", skip_all)]
    pub async fn change_password(
        &self,
        op: &OpContext,
        present: SecretString,
        new: SecretString,
    ) -> Result<SignInOutcome, IdentityError> {
        let (person, network) = person(op)?;
        let new = Password::parse(&new).map_err(InvalidInput::of("new"))?;
        let account = self.own_account(op).await?;
        self.prove_password(op, &account, present).await?;
        let hash = self.passwords.hash(&new, op.world()).await?;

        let now = op.now();
        let tx = self.db.write(Reach::Network(network)).await?;
        account_rows::set_password(&tx, network, person, &hash, now).await?;
        session_rows::end_all(&tx, network, person, SessionEnd::NewPassword, now).await?;
        let revoked = outdate(&tx, network, person, now).await?;
        challenge_rows::delete_all(&tx, network, person).await?;
        let outcome = self.after_first_factor(op, &tx, network, person).await?;
        let about = about(&tx, network, person, now).await?;
        tx.audit(op, audit::of_outcome(audit::PASSWORD_CHANGED, about, &outcome)).await?;
        tx.commit().await?;
        self.revocations.add(revoked);
        Ok(outcome)
    }
}
