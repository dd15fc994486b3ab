//! Verifies that a person reads their mail, with a code sent to the address. An invitation by mail, or a password
//! reset, has verified it already.

use kernel::{AuthError, OpContext};
use platform_db::{Idempotent, Reach};
use secrecy::{ExposeSecret, SecretString};

use crate::app::{
    accounts::one_time_code::good_code, compose_mail::queue, person, sessions::sign_in::account_key,
};
use crate::{
    CodePurpose, Identity, IdentityError,
    model::machines::secret::{self, SecretKind},
    store::{account_rows, code_rows},
};

impl Identity {
    /// Sends the signed-in person a code that verifies their e-mail.
    ///
    /// # Errors
    /// Fails if nobody is signed in, after too many attempts, or if no mail server is configured.
    #[tracing::instrument(name = "identity.request_email_verification", skip_all)]
    pub async fn request_email_verification(&self, op: &OpContext) -> Result<(), IdentityError> {
        let (person, network) = person(op)?;
        self.require_mailer()?;
        let tx = self.db.read(Reach::Network(network)).await?;
        let account = account_rows::find(&tx, network, person).await?.ok_or(AuthError::NotFound)?;
        drop(tx);
        self.count_try(op, &format!("verify {}", account_key(network, &account.email))).await?;
        let reach = Reach::Network(network);
        let tx = match self.db.idempotent(op, reach, "requestEmailVerification", &()).await? {
            Idempotent::Replayed(()) => return Ok(()),
            Idempotent::New(tx) => tx,
        };
        queue(op, &tx, network, person, CodePurpose::EmailVerification).await?;
        tx.commit_with_outcome(&()).await?;
        Ok(())
    }

    /// Verifies an e-mail with a code from the mail.
    ///
    /// # Errors
    /// Fails if the code is invalid, was used, or has expired.
    #[tracing::instrument(name = "identity.verify_email", skip_all)]
    pub async fn verify_email(&self, op: &OpContext, code: SecretString) -> Result<(), IdentityError> {
        let shown = secret::read(SecretKind::Code, code.expose_secret());
        let shown = shown.ok_or(IdentityError::SecretRefused)?;
        let tx = self.db.write(Reach::Network(shown.network)).await?;
        let code = good_code(op, &tx, &shown, CodePurpose::EmailVerification).await?;
        code_rows::use_up(&tx, shown.network, code.id, op.now()).await?;
        account_rows::set_email_verified(&tx, shown.network, code.person, op.now()).await?;
        tx.commit().await?;
        Ok(())
    }
}
