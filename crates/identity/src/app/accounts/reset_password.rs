//! Resets a forgotten password with a code sent by mail.
//!
//! Always true: the response and the work are the same whether or not the e-mail has an account: the same statements
//! run, and a row is written in both cases.

use kernel::{EmailAddress, InvalidInput, NetworkId, OpContext, Password};
use platform_db::Reach;
use secrecy::{ExposeSecret, SecretString};

use crate::app::{
    about, accounts::one_time_code::good_code, compose_mail::queue, revoke::outdate,
    sessions::sign_in::account_key,
};
use crate::{
    AccountState, CodePurpose, Identity, IdentityError, SessionEnd, SignInOutcome, audit,
    model::machines::secret::{self, SecretKind},
    store::{account_rows, challenge_rows, code_rows, session_rows, try_rows},
};

impl Identity {
    /// Sends a code for a new password to an e-mail, if it has an account.
    ///
    /// # Errors
    /// Fails after too many attempts, if there are several networks and none is named, or if no mail server is
    /// configured.
    #[tracing::instrument(name = "identity.request_password_reset", skip_all)]
    pub async fn request_password_reset(
        &self,
        op: &OpContext,
        email: EmailAddress,
        network: Option<NetworkId>,
    ) -> Result<(), IdentityError> {
        self.require_mailer()?;
        let network = self.network_to_sign_in(network).await?;
        self.count_try(op, &format!("reset {}", account_key(network, &email))).await?;
        let tx = self.db.write(Reach::Network(network)).await?;
        let account = account_rows::find_by_email(&tx, network, &email).await?;
        let account = account.filter(|it| matches!(it.state, AccountState::Active { .. }));
        let person = account.map_or_else(|| op.new_id(), |account| account.person);
        queue(op, &tx, network, person, CodePurpose::PasswordReset).await?;
        // Without an account nothing is queued; this row is written in both cases.
        try_rows::note(&tx, &format!("asked {}", account_key(network, &email)), op.now()).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Sets a new password with a code from the mail. Every session ends, and a new one begins, or waits for the second
    /// factor.
    ///
    /// # Errors
    /// Fails if the code is invalid, was used, or has expired, or if the password is too short.
    #[tracing::instrument(name = "identity.reset_password", skip_all)]
    pub async fn reset_password(
        &self,
        op: &OpContext,
        code: SecretString,
        new: SecretString,
    ) -> Result<SignInOutcome, IdentityError> {
        let new = Password::parse(&new).map_err(InvalidInput::of("password"))?;
        let shown = secret::read(SecretKind::Code, code.expose_secret());
        let shown = shown.ok_or(IdentityError::SecretRefused)?;
        let (network, now) = (shown.network, op.now());
        let tx = self.db.read(Reach::Network(network)).await?;
        good_code(op, &tx, &shown, CodePurpose::PasswordReset).await?;
        drop(tx);
        let hash = self.passwords.hash(&new, op.world()).await?;

        let tx = self.db.write(Reach::Network(network)).await?;
        let code = good_code(op, &tx, &shown, CodePurpose::PasswordReset).await?;
        code_rows::use_up(&tx, network, code.id, now).await?;
        account_rows::set_password(&tx, network, code.person, &hash, now).await?;
        account_rows::set_email_verified(&tx, network, code.person, now).await?;
        session_rows::end_all(&tx, network, code.person, SessionEnd::NewPassword, now).await?;
        let revoked = outdate(&tx, network, code.person, now).await?;
        challenge_rows::delete_all(&tx, network, code.person).await?;
        let outcome = match self.after_first_factor(op, &tx, network, code.person).await {
            Err(IdentityError::WrongCredentials) => return Err(IdentityError::SecretRefused),
            outcome => outcome?,
        };
        let about = about(&tx, network, code.person, now).await?;
        tx.audit(op, audit::of_outcome(audit::PASSWORD_RESET, about, &outcome)).await?;
        tx.commit().await?;
        self.revocations.add(revoked);
        Ok(outcome)
    }
}
