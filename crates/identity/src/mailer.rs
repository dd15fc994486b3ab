//! The mail server, as far as identity needs it. Always true: nobody waits for it longer than half a minute; what it
//! answers is sorted into *sent*, *not now* and *never*.

use std::time::Duration;

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
    transport::smtp,
};
use secrecy::{ExposeSecret, SecretString};

use kernel::EmailAddress;

const PATIENCE: Duration = Duration::from_secs(30);

/// Where mail goes out, and in whose name.
#[derive(Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mailer").field("from", &self.from).finish_non_exhaustive()
    }
}

/// The mailer cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum MailerError {
    /// The address of the mail server makes no sense.
    #[error("mail.url is not smtp://… or smtps://…")]
    Url(#[source] smtp::Error),
    /// The sender's address makes no sense.
    #[error("mail.from is not an address like Hub <hub@example.org>")]
    From(#[source] lettre::address::AddressError),
}

/// What became of a mail.
#[derive(Debug)]
pub(crate) enum Sent {
    /// The server has it.
    Taken,
    /// The server is away, or says *not now*.
    NotNow(String),
    /// The server says *never*.
    Never(String),
}

impl Mailer {
    /// A mailer for a server (`smtp://host:25`, `smtps://user:password@host`) and a sender.
    ///
    /// # Errors
    /// See [`MailerError`].
    pub fn new(url: &SecretString, from: &str) -> Result<Self, MailerError> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.expose_secret())
            .map_err(MailerError::Url)?
            .timeout(Some(PATIENCE))
            .build();
        Ok(Self { transport, from: from.parse().map_err(MailerError::From)? })
    }

    /// Sends a mail.
    pub(crate) async fn send(&self, to: &EmailAddress, subject: &str, text: String) -> Sent {
        let Ok(to) = to.as_str().parse::<Mailbox>() else { return Sent::Never("no address".into()) };
        let message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(subject)
            .header(ContentType::TEXT_PLAIN)
            .body(text);
        let message = match message {
            Ok(message) => message,
            Err(error) => return Sent::Never(error.to_string()),
        };
        match tokio::time::timeout(PATIENCE, self.transport.send(message)).await {
            Ok(Ok(_taken)) => Sent::Taken,
            // The server's own words may hold the address: only the status is told.
            Ok(Err(error)) if error.is_permanent() => Sent::Never(status(&error)),
            Ok(Err(error)) => Sent::NotNow(status(&error)),
            Err(_late) => Sent::NotNow("no answer in time".into()),
        }
    }
}

fn status(error: &smtp::Error) -> String {
    error.status().map_or_else(|| "no connection".to_owned(), |code| code.to_string())
}
