//! Mail: how much of it waits, was given up or has bounced, and whether its links lead here.

use jiff::SignedDuration;

use super::Findings;
use crate::{App, Config};

/// A mail that waits for longer is worth a look: the mail server has refused it several times.
const LONG: SignedDuration = SignedDuration::from_hours(1);

pub(super) async fn examine(config: &Config, app: &App, findings: &mut Findings) {
    if config.mail.url.is_none() {
        return;
    }
    if let Some(identity) = app.identity() {
        let counted = identity.count_mail().await.map_err(|error| error.to_string());
        findings.note(
            "mail",
            counted.and_then(|mail| {
                let said = format!(
                    "{} waiting, {} given up, {} bounced, {} undeliverable addresses",
                    mail.waiting, mail.given_up, mail.bounced, mail.undeliverable
                );
                let is_late = mail.since.is_some_and(|since| app.world().now().duration_since(since) > LONG);
                if is_late || mail.given_up > 0 {
                    Err(format!("{said}: is the mail server away? See `hubnet jobs list`"))
                } else {
                    Ok(said)
                }
            }),
        );
    }
    if config.identity.public_url.is_none() {
        let note = "identity.public_url is not set: mail that is not about one's own business has no link to decline it";
        findings.note("mail links", Ok(note.into()));
    }
}
