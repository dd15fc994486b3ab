//! The mail server. Always true: nobody waits for it longer than half a minute; its answer is one of *taken*, *not now*
//! and *never*.

use std::{error::Error as _, time::Duration};

use kernel::MailId;
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor, message::Mailbox, transport::smtp,
};
use platform_keys::LinkKey;
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use crate::refusal::Refusal;

const PATIENCE: Duration = Duration::from_secs(30);

/// Where mail goes out, in whose name, and where its links lead.
#[derive(Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    pub(crate) from: Mailbox,
    pub(crate) links: LinkKey,
    pub(crate) public_url: Option<String>,
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

/// What became of a try.
#[derive(Debug)]
pub(crate) enum Sent {
    /// The server has it.
    Taken,
    /// The server is away, says *not now*, or does not accept this client.
    NotNow(String),
    /// The server refuses this mail for good.
    Never(Refusal),
}

impl Mailer {
    /// A mailer for a server (`smtp://host:25`, `smtps://user:password@host`) and a sender.
    ///
    /// # Errors
    /// See [`MailerError`].
    pub fn new(url: &SecretString, from: &str, links: LinkKey) -> Result<Self, MailerError> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.expose_secret())
            .map_err(MailerError::Url)?
            .timeout(Some(PATIENCE))
            .build();
        Ok(Self { transport, from: from.parse().map_err(MailerError::From)?, links, public_url: None })
    }

    /// The same, with the public URL of the installation. Without it no mail carries a link to decline such mail.
    #[must_use]
    pub fn with_public_url(self, url: Option<&str>) -> Self {
        Self { public_url: url.map(|url| url.trim_end_matches('/').to_owned()), ..self }
    }

    /// Derives 32 secret bytes for a mail, the same at every try: for a code that a repeated try must repeat.
    pub fn derive(&self, purpose: &str, mail: MailId) -> [u8; 32] {
        self.links.derive(purpose, Uuid::from(mail).as_bytes())
    }

    /// Sends a mail.
    pub(crate) async fn send(&self, message: Message) -> Sent {
        match tokio::time::timeout(PATIENCE, self.transport.send(message)).await {
            Ok(Ok(_taken)) => Sent::Taken,
            Ok(Err(error)) => sorted(&error),
            Err(_late) => Sent::NotNow("no answer in time".into()),
        }
    }
}

/// Sorts an error of the server. Its own words may hold the address; they go no further.
fn sorted(error: &smtp::Error) -> Sent {
    let Some(code) = error.status() else { return Sent::NotNow("no connection".into()) };
    let words = error.source().map(ToString::to_string).unwrap_or_default();
    let refusal = Refusal::new(code.into(), &words);
    if error.is_permanent() && !refusal.is_about_us() {
        Sent::Never(refusal)
    } else {
        Sent::NotNow(refusal.to_string())
    }
}
