//! The job that sends a mail.
//!
//! Always true: the mail is written in one transaction and what came of it is recorded in another; the mail server is
//! called in between, with no transaction open. If the process dies in between, the mail goes out twice, with one
//! `Message-ID`. At most [`AT_ONCE`] mails of a service are on their way in a process, so a mail server that does not
//! answer keeps no other jobs waiting.

use std::sync::Arc;

use jiff::SignedDuration;
use kernel::{ErrorCode, MailId};
use lettre::Message;
use platform_db::Reach;
use platform_jobs::{JobError, Kind, Run};

use crate::{
    Composed, Composer, Mailer, QueuedMail, Unsubscription,
    figures::count_try,
    mailer::Sent,
    message,
    preference::is_declined,
    queue::{self, Ended, SendMail},
    undeliverable::{self, is_undeliverable},
};

/// With pauses from a minute to an hour these are tries for a day.
const TRIES: i64 = 30;
const FIRST_PAUSE: SignedDuration = SignedDuration::from_mins(1);
const AT_ONCE: usize = 2;

/// Returns the kind of job that sends a service's mail. `service` stands in the links to decline it, and in their route.
pub fn sending(
    job: &'static str,
    service: &'static str,
    mailer: Mailer,
    composer: Arc<dyn Composer>,
) -> Kind {
    let sender = Sender { service, mailer, composer };
    let kind = Kind::new(job, move |run| {
        let sender = sender.clone();
        async move { sender.send(&run).await }
    });
    kind.attempts(TRIES).first_pause(FIRST_PAUSE).at_most(AT_ONCE)
}

#[derive(Clone)]
struct Sender {
    service: &'static str,
    mailer: Mailer,
    composer: Arc<dyn Composer>,
}

/// A mail that is ready to be sent.
struct Ready {
    mail: QueuedMail,
    composed: Composed,
    message: Message,
}

impl Sender {
    async fn send(&self, run: &Run) -> Result<(), JobError> {
        let SendMail { mail_id } = run.input()?;
        let Some(ready) = self.prepare(run, mail_id.into()).await? else { return Ok(()) };
        let Ready { mail, composed, message } = ready;
        let sent = self.mailer.send(message).await;
        record(run, &mail, &composed, sent).await
    }

    /// Writes the mail; nothing if it is not to be sent.
    async fn prepare(&self, run: &Run, id: MailId) -> Result<Option<Ready>, JobError> {
        let (network, op) = (run.network(), run.op());
        let tx = run.db().write(Reach::Network(network)).await?;
        // It was sent, replaced by a newer one, or its recipient is gone.
        let Some(found) = queue::hold(&tx, network, id).await? else { return Ok(None) };
        let mail = found.mail;
        if !found.is_open {
            return Ok(None);
        }
        if is_declined(&tx, network, mail.person, mail.category).await? {
            queue::delete(&tx, &mail).await?;
            tx.commit().await?;
            count_try("declined");
            return Ok(None);
        }
        let Some(composed) = self.composer.compose(&tx, &op, &mail).await? else {
            queue::delete(&tx, &mail).await?;
            tx.commit().await?;
            count_try("obsolete");
            return Ok(None);
        };
        let whose = (network, mail.person);
        if is_undeliverable(&tx, whose, &composed.to, mail.category, op.now()).await? {
            queue::record(&tx, &mail, Ended::Bounced, "undeliverable address", op.now()).await?;
            tx.commit().await?;
            count_try("undeliverable");
            return Ok(None);
        }
        let link = self.unsubscribe_link(&mail);
        let message = message::build(&self.mailer.from, mail.id, &composed, link.as_deref())
            .map_err(|error| JobError::fail(ErrorCode::Internal, error))?;
        tx.commit().await?;
        Ok(Some(Ready { mail, composed, message }))
    }

    fn unsubscribe_link(&self, mail: &QueuedMail) -> Option<String> {
        let public_url = self.mailer.public_url.as_ref().filter(|_| mail.category.is_optional())?;
        let unsubscription =
            Unsubscription { network: mail.network, person: mail.person, category: mail.category };
        Some(format!("{public_url}{}", unsubscription.path(&self.mailer.links, self.service)))
    }
}

async fn record(run: &Run, mail: &QueuedMail, composed: &Composed, sent: Sent) -> Result<(), JobError> {
    let now = run.op().now();
    let tx = run.db().write(Reach::Network(mail.network)).await?;
    let outcome = match sent {
        Sent::Taken => {
            queue::delete(&tx, mail).await?;
            undeliverable::clear(&tx, mail.network, mail.person).await?;
            count_try("sent");
            Ok(())
        }
        Sent::Never(refusal) => {
            tracing::warn!(mail.id = %mail.id, %refusal, "a mail has bounced");
            queue::record(&tx, mail, Ended::Bounced, &refusal.to_string(), now).await?;
            if refusal.is_about_the_mailbox() {
                undeliverable::note(&tx, (mail.network, mail.person), &composed.to, now).await?;
            }
            count_try("bounced");
            Ok(())
        }
        Sent::NotNow(why) => {
            let ended = if run.attempt() >= TRIES { Ended::GivenUp } else { Ended::Deferred };
            queue::record(&tx, mail, ended, &why, now).await?;
            count_try("deferred");
            Err(JobError::retry(ErrorCode::Unavailable, format!("the mail server: {why}")))
        }
    };
    tx.commit().await?;
    outcome
}
