//! Sends the queued mail.
//!
//! Always true: a message is claimed in one transaction and its outcome is recorded in another; the mail server is
//! called in between, with no transaction open. A message may go out twice if the process dies in between; the code in
//! the later one is the valid one.

use kernel::{NetworkId, OpContext, PersonId};
use platform_db::{DbError, Reach, Tx};
use secrecy::ExposeSecret;
use uuid::Uuid;

use super::accounts::one_time_code::{Delivery, new_code};
use crate::{
    AccountState, CodePurpose, Identity, IdentityError,
    mail_text::{Notice, Occasion, code_mail, notice},
    mailer::{Mailer, Sent},
    outgoing_mail::{CLAIMED_FOR, OutgoingMail},
    store::{account_rows, copies, mail_rows},
};

impl Identity {
    /// Sends the messages that are due; returns how many the mail server accepted.
    ///
    /// # Errors
    /// Fails if the database is unavailable; messages without a recorded outcome are retried.
    #[tracing::instrument(name = "identity.send_mail", skip_all)]
    pub async fn send_mail(&self, op: &OpContext) -> Result<usize, IdentityError> {
        let Some(mailer) = &self.mailer else { return Ok(0) };
        let tx = self.db.read(Reach::Directory).await?;
        let networks = copies::list_all_networks(&tx).await?;
        drop(tx);
        let mut taken = 0;
        for network in networks {
            let tx = self.db.read(Reach::Network(network)).await?;
            let due = mail_rows::list_due(&tx, network, op.now()).await?;
            drop(tx);
            for mail in due {
                taken += usize::from(self.send_one(op, mailer, &mail).await?);
            }
        }
        Ok(taken)
    }

    async fn send_one(
        &self,
        op: &OpContext,
        mailer: &Mailer,
        mail: &OutgoingMail,
    ) -> Result<bool, IdentityError> {
        let tx = self.db.write(Reach::Network(mail.network)).await?;
        if !mail_rows::claim(&tx, mail, op.now() + CLAIMED_FOR).await? {
            return Ok(false);
        }
        let account = account_rows::find(&tx, mail.network, mail.person).await?;
        let Some(account) = account.filter(|account| is_wanted(&account.state, mail.about)) else {
            mail_rows::delete(&tx, mail).await?;
            tx.commit().await?;
            return Ok(false);
        };
        let (subject, text) = match mail.about {
            Occasion::Notice(about) => notice(about, account.language),
            Occasion::Code(purpose) => {
                let whose = (mail.network, mail.person);
                let (code, _) = new_code(op, &tx, whose, purpose, Delivery::ByMail).await?;
                code_mail(purpose, account.language, code.expose_secret())
            }
        };
        tx.commit().await?;

        let sent = mailer.send(&account.email, subject, text).await;

        let tx = self.db.write(Reach::Network(mail.network)).await?;
        let is_taken = matches!(sent, Sent::Taken);
        record_outcome(op, &tx, mail, sent).await?;
        tx.commit().await?;
        Ok(is_taken)
    }

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

/// Queues a message to a person.
pub(super) async fn queue(
    op: &OpContext,
    tx: &Tx,
    network: NetworkId,
    person: PersonId,
    about: impl Into<Occasion>,
) -> Result<(), DbError> {
    let id: kernel::CodeId = op.new_id();
    let (id, about, due_at) = (Uuid::from(id), about.into(), op.now());
    let mail = OutgoingMail { id, network, person, about, due_at, tries: 0 };
    mail_rows::queue(tx, &mail).await
}

async fn record_outcome(
    op: &OpContext,
    tx: &Tx,
    mail: &OutgoingMail,
    sent: Sent,
) -> Result<(), IdentityError> {
    let now = op.world().now();
    match sent {
        Sent::Taken => mail_rows::delete(tx, mail).await?,
        Sent::NotNow(why) => match mail.next_try(now) {
            Some(next) => {
                tracing::info!(mail.id = %mail.id, why, "mail is put off");
                mail_rows::put_off(tx, mail, next).await?;
            }
            None => give_up(tx, mail, &why, now).await?,
        },
        Sent::Never(why) => give_up(tx, mail, &why, now).await?,
    }
    Ok(())
}

async fn give_up(tx: &Tx, mail: &OutgoingMail, why: &str, now: jiff::Timestamp) -> Result<(), IdentityError> {
    tracing::warn!(mail.id = %mail.id, why, "mail is given up");
    Ok(mail_rows::give_up(tx, mail, why, now).await?)
}

/// An obsolete message is not sent.
fn is_wanted(state: &AccountState, about: Occasion) -> bool {
    match about {
        Occasion::Code(CodePurpose::Invitation) => *state == AccountState::Invited,
        Occasion::Code(CodePurpose::PasswordReset | CodePurpose::EmailVerification) | Occasion::Notice(_) => {
            matches!(state, AccountState::Active { .. })
        }
    }
}
