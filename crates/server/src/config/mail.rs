//! `[mail]`: outgoing mail.

use std::path::PathBuf;

use secrecy::SecretString;
use serde::Deserialize;

/// Outgoing mail.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailConfig {
    /// `smtp://…` or `smtps://…`. Absent: no mail is sent; codes are shown to the inviting person.
    pub url: Option<SecretString>,
    /// A file that holds it instead.
    pub url_file: Option<PathBuf>,
    /// The sender of mail.
    pub from: String,
}
