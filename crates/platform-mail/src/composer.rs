//! The part of a service that writes its mail.

use async_trait::async_trait;
use kernel::{EmailAddress, Language, MailCategory, MailId, NetworkId, OpContext, PersonId};
use platform_db::Tx;
use platform_jobs::JobError;
use serde::de::DeserializeOwned;

use crate::Content;

/// A mail that waits to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuedMail {
    /// The mail: the same at every try.
    pub id: MailId,
    /// The network.
    pub network: NetworkId,
    /// The recipient.
    pub person: PersonId,
    /// The name of its kind.
    pub kind: String,
    /// Its category.
    pub category: MailCategory,
    /// Its subject matter within the kind; empty if there is only one.
    pub about: String,
    pub(crate) input: String,
}

impl QueuedMail {
    /// Returns what the mail needs to know.
    ///
    /// # Errors
    /// It was written for another version of the service.
    pub fn input<T: DeserializeOwned>(&self) -> Result<T, JobError> {
        let read = serde_json::from_str(&self.input);
        read.map_err(|error| {
            JobError::fail(kernel::ErrorCode::Internal, format!("the input cannot be read: {error}"))
        })
    }
}

/// A mail as it is to be sent.
#[derive(Clone, Debug)]
pub struct Composed {
    /// The recipient's address.
    pub to: EmailAddress,
    /// The language it is written in.
    pub language: Language,
    /// What it says.
    pub content: Content,
}

/// Writes a service's mail.
#[async_trait]
pub trait Composer: Send + Sync + 'static {
    /// Writes a mail in a transaction that commits before it is sent. Returns nothing if the mail is obsolete: the person
    /// is gone, or what it is about has changed. Runs again at every try, with the same id.
    ///
    /// # Errors
    /// It cannot be written now, or never.
    async fn compose(&self, tx: &Tx, op: &OpContext, mail: &QueuedMail)
    -> Result<Option<Composed>, JobError>;
}
