//! Queues identity's mail, and writes it when it is sent.
//!
//! Always true: a mail with a code is queued without the code. The code is derived from the mail's id by the
//! installation's link key: a mail that is tried again carries the same code, and the code lies nowhere but in the mail.

use async_trait::async_trait;
use kernel::{Coded as _, NetworkId, OpContext, PersonId};
use platform_db::{DbError, Tx};
use platform_jobs::JobError;
use platform_mail::{Composed, Composer, NewMail, QueuedMail, TemplateError, enqueue};
use secrecy::ExposeSecret;

use super::accounts::one_time_code::mailed_code;
use crate::{
    AccountState, CodePurpose, Identity, IdentityError,
    mail::{Notice, Occasion, code_content},
    store::account_rows,
};

/// The purpose for which secret parts of codes are derived.
const CODE: &str = "identity.code";

impl Identity {
    /// Queues a notice of a change to a person, if mail is configured.
    pub(super) async fn notify(
        &self,
        op: &OpContext,
        tx: &Tx,
        (network, person): (NetworkId, PersonId),
        about: Notice,
    ) -> Result<(), IdentityError> {
        if self.mailer.is_some() {
            queue(op, tx, network, person, about).await?;
        }
        Ok(())
    }
}

/// Queues a mail to a person.
pub(super) async fn queue(
    op: &OpContext,
    tx: &Tx,
    network: NetworkId,
    person: PersonId,
    about: impl Into<Occasion>,
) -> Result<(), DbError> {
    enqueue(tx, op.world(), network, NewMail::new(about.into().kind(), person)).await?;
    Ok(())
}

#[async_trait]
impl Composer for Identity {
    async fn compose(
        &self,
        tx: &Tx,
        op: &OpContext,
        mail: &QueuedMail,
    ) -> Result<Option<Composed>, JobError> {
        let Some(about) = Occasion::of_kind(&mail.kind) else {
            return Err(JobError::fail(
                kernel::ErrorCode::Internal,
                format!("no mail of kind {}", mail.kind),
            ));
        };
        let account = account_rows::find(tx, mail.network, mail.person).await?;
        let Some(account) = account.filter(|account| is_wanted(&account.state, about)) else {
            return Ok(None);
        };
        let content = match about {
            Occasion::Notice(notice) => notice.content(account.language),
            Occasion::Code(purpose) => {
                let Some(mailer) = &self.mailer else { return Ok(None) };
                let secret = mailer.derive(CODE, mail.id);
                let code = mailed_code(op, tx, mail, purpose, &secret)
                    .await
                    .map_err(|error| JobError::retry(error.code(), error))?;
                code_content(purpose, account.language, code.expose_secret())
            }
        };
        let content = content.map_err(unrendered)?;
        Ok(Some(Composed { to: account.email, language: account.language, content }))
    }
}

fn unrendered(error: TemplateError) -> JobError {
    JobError::fail(kernel::ErrorCode::Internal, error)
}

/// An obsolete mail is not sent.
fn is_wanted(state: &AccountState, about: Occasion) -> bool {
    match about {
        Occasion::Code(CodePurpose::Invitation) => *state == AccountState::Invited,
        Occasion::Code(CodePurpose::PasswordReset | CodePurpose::EmailVerification) | Occasion::Notice(_) => {
            matches!(state, AccountState::Active { .. })
        }
    }
}
