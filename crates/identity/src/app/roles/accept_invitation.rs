//! Accepts an invitation and the roles offered with it: the code proves the person, and the password secures the
//! account.

use kernel::{InvalidInput, OpContext, Password};
use platform_db::Reach;
use secrecy::SecretString;

use crate::{
    AccountState, CodePurpose, Identity, IdentityError, SignedIn, audit,
    model::machines::secret::{self, SecretKind},
    store::{account_rows, code_rows},
};

use crate::app::{about, accounts::one_time_code::good_code, roles::offers::accept_invited};

/// The code and the password to set.
#[derive(Debug)]
pub struct AcceptInvitation {
    /// The code, as delivered.
    pub code: SecretString,
    /// The new password.
    pub password: SecretString,
}

impl Identity {
    /// Sets the first password of an invited person, and signs them in.
    ///
    /// # Errors
    /// Fails if the code is invalid, was used, or has expired; if the inviter could no longer invite; or if the
    /// password is too short.
    #[tracing::instrument(name = "identity.accept_invitation", skip_all)]
    pub async fn accept_invitation(
        &self,
        op: &OpContext,
        cmd: AcceptInvitation,
    ) -> Result<SignedIn, IdentityError> {
        use secrecy::ExposeSecret;
        let password = Password::parse(&cmd.password).map_err(InvalidInput::of("password"))?;
        let shown = secret::read(SecretKind::Code, cmd.code.expose_secret());
        let shown = shown.ok_or(IdentityError::SecretRefused)?;
        let tx = self.db.read(Reach::Network(shown.network)).await?;
        good_code(op, &tx, &shown, CodePurpose::Invitation).await?;
        drop(tx);
        let hash = self.passwords.hash(&password, op.world()).await?;

        let tx = self.db.write(Reach::Network(shown.network)).await?;
        let code = good_code(op, &tx, &shown, CodePurpose::Invitation).await?;
        let account = account_rows::hold(&tx, shown.network, code.person).await?;
        let account = account.filter(|account| account.state == AccountState::Invited);
        let account = account.ok_or(IdentityError::SecretRefused)?;
        code_rows::use_up(&tx, shown.network, code.id, op.now()).await?;
        account_rows::set_password(&tx, shown.network, code.person, &hash, op.now()).await?;
        if code.mailed {
            account_rows::set_email_verified(&tx, shown.network, code.person, op.now()).await?;
        }
        accept_invited(op, &tx, &account).await?;
        let signed_in = self.open_session(op, &tx, shown.network, code.person).await?;
        let about = about(&tx, shown.network, code.person, op.now()).await?;
        tx.audit(op, audit::of_session(audit::INVITATION_ACCEPTED, about, signed_in.session)).await?;
        tx.commit().await?;
        Ok(signed_in)
    }
}
