//! Outgoing mail of any service, from its own database: queued in the transaction of the use-case that causes it,
//! written and sent by a job.
//!
//! Always true:
//! - A mail is sent only if the transaction that queued it committed ([`enqueue`]).
//! - The queue holds who is written to about what, and no text, address or code. The text is made when the mail is sent
//!   ([`Composer`]), in the recipient's language of that moment; it lies nowhere but in the mail.
//! - One mail waits for a person, kind and subject matter; a newer one replaces it.
//! - A try is repeated for a day, with pauses from a minute to an hour. Every try of a mail has the same `Message-ID`,
//!   so a mailbox that got it twice shows it once.
//! - A mail that the recipient's server refuses for good has bounced: it is not tried again, and if the refusal is about
//!   the mailbox, the address counts as undeliverable for a while ([`undeliverable_for`]).
//! - Mail that is not about the recipient's own business carries a link to decline it (RFC 8058), and is not sent to
//!   whoever declined it.
//! - A sent mail leaves nothing behind; a person's mail, choices and refusals go with them ([`forget_person`]).
//!
//! **Adding a mail**: a [`MailKind`], its templates ([`mail_template`]) in the service's `templates/<language>/`, a line
//! in the service's [`Composer`], and [`enqueue`] in the use-case.

mod composer;
mod content;
mod figures;
mod mailer;
mod message;
mod preference;
mod queue;
mod refusal;
mod send;
mod undeliverable;
mod unsubscribe;

pub use composer::{Composed, Composer, QueuedMail};
pub use content::{Content, MailTemplate, Subject, TemplateError};
pub use mailer::{Mailer, MailerError};
pub use preference::{Preference, list_preferences, set_preference};
pub use queue::{MailCounts, MailKind, NewMail, count, enqueue, forget_old, forget_person};
pub use send::sending;
pub use undeliverable::undeliverable_for;
pub use unsubscribe::{UnsubscribePage, Unsubscription, unsubscribe_page};
