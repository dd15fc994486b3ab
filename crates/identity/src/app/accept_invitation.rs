//! Accepts an invitation, and with it the roles it came with: the code proves who it is, the password makes the account
//! theirs.

use kernel::{OpContext, Password};
use platform_db::Reach;
use secrecy::SecretString;

use crate::{
    AccountState, CodePurpose, Identity, IdentityError, InvalidField, SignedIn, audit,
    secret::{self, SecretKind},
    store::{account_rows, code_rows},
};

use super::{about, offers::accept_invited, one_time_code::good_code};

/// The code and the password to set.
#[derive(Debug)]
pub struct AcceptInvitation {
    /// The code, as it was handed over.
    pub code: SecretString,
    /// The person's password from now on.
    pub password: SecretString,
}

impl Identity {
    /// Sets the first password of an invited person, and signs them in.
    ///
    /// # Errors
    /// The code is none, was used, or is too old; who invited could not invite any more; the password is too short.
    #[tracing::instrument(name = "identity.accept_invitation", skip_all)]
    pub async fn accept_invitation(
        &self,
        op: &OpContext,
        cmd: AcceptInvitation,
    ) -> Result<SignedIn, IdentityError> {
        use secrecy::ExposeSecret;
        let password = Password::parse(&cmd.password).map_err(InvalidField::text("password"))?;
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
