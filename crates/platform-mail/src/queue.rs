//! The queue: the table `mail` and its rows.
//!
//! Always true: a row waits, or was given up, or has bounced; a mail that was sent has none. Every statement names the
//! network.

use jiff::{SignedDuration, Timestamp};
use kernel::{Id as _, JobId, MailCategory, MailId, NetworkId, PersonId, World};
use platform_db::{DbError, Row, Ts, Tx};
use platform_jobs::NewJob;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::QueuedMail;

/// So long a mail that will not be sent any more is shown to whoever runs the installation.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A kind of mail: which job sends it, its name, its category.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MailKind {
    pub(crate) job: &'static str,
    pub(crate) name: &'static str,
    pub(crate) category: MailCategory,
}

impl MailKind {
    /// Mail about the recipient's own business. The name begins with the service's, since services may share a table;
    /// the job is the one that [`sending`](crate::sending) makes for the service.
    pub const fn transactional(job: &'static str, name: &'static str) -> Self {
        Self { job, name, category: MailCategory::Transactional }
    }

    /// Other mail, which its recipients can decline.
    pub const fn notice(job: &'static str, name: &'static str) -> Self {
        Self { job, name, category: MailCategory::Notice }
    }

    /// Returns its name.
    pub const fn name(self) -> &'static str {
        self.name
    }
}

/// A mail that is to be queued.
#[derive(Clone, Debug)]
pub struct NewMail {
    kind: MailKind,
    person: PersonId,
    about: String,
    input: String,
    due_at: Option<Timestamp>,
}

impl NewMail {
    /// A mail of a kind to a person.
    pub fn new(kind: MailKind, person: PersonId) -> Self {
        Self { kind, person, about: String::new(), input: "null".to_owned(), due_at: None }
    }

    /// The same, about one of several things, such as an event's id: for each of them one mail of this kind waits.
    #[must_use]
    pub fn about(self, what: impl Into<String>) -> Self {
        Self { about: what.into(), ..self }
    }

    /// The same, with what its composer needs to know and cannot read when it is sent: ids, days and counts, no name,
    /// no address and no secret.
    ///
    /// # Errors
    /// The input cannot be written as JSON.
    pub fn with_input(self, input: &impl Serialize) -> Result<Self, serde_json::Error> {
        Ok(Self { input: serde_json::to_string(input)?, ..self })
    }

    /// The same, sent at an instant or soon after.
    #[must_use]
    pub fn at(self, due_at: Timestamp) -> Self {
        Self { due_at: Some(due_at), ..self }
    }
}

/// The input of the job that sends a mail.
#[derive(Serialize, Deserialize)]
pub(crate) struct SendMail {
    pub(crate) mail_id: Uuid,
}

/// Queues a mail in a transaction that reaches the network; one of the same kind to the same person about the same thing
/// is replaced. The same statements run whether or not the person has an account.
///
/// # Errors
/// The database is away.
pub async fn enqueue(tx: &Tx, world: &World, network: NetworkId, mail: NewMail) -> Result<MailId, DbError> {
    let id = MailId::generate(world);
    let of_replaced = find_job(tx, network, &mail).await?.unwrap_or_else(|| Uuid::nil().into());
    platform_jobs::cancel(tx, network, of_replaced).await?;
    let job = NewJob::new(mail.kind.job, &SendMail { mail_id: id.into() });
    let mut job = job.map_err(|error| DbError::inconsistent("job", error))?;
    if let Some(due_at) = mail.due_at {
        job = job.at(due_at);
    }
    let job = platform_jobs::enqueue_for_system(tx, world, network, job).await?;
    let sql = "insert into mail (network_id, mail_id, job_id, person_id, kind, category, about, input, state, queued_at, tries) \
               values ($1, $2, $3, $4, $5, $6, $7, $8, 'waiting', $9, 0) \
               on conflict (network_id, person_id, kind, about) do update set mail_id = excluded.mail_id, job_id = excluded.job_id, \
               category = excluded.category, input = excluded.input, state = 'waiting', \
               queued_at = excluded.queued_at, tries = 0, ended_at = null, reason = null";
    let values = [
        uuid(network),
        uuid(id),
        uuid(job),
        uuid(mail.person),
        mail.kind.name.into(),
        mail.kind.category.word().into(),
        mail.about.into(),
        mail.input.into(),
        Ts(world.now()).into(),
    ];
    tx.run(sql, values).await?;
    Ok(id)
}

/// Finds the job of the mail that is replaced.
async fn find_job(tx: &Tx, network: NetworkId, mail: &NewMail) -> Result<Option<JobId>, DbError> {
    let sql = "select job_id from mail where network_id = $1 and person_id = $2 and kind = $3 and about = $4";
    let values = [uuid(network), uuid(mail.person), mail.kind.name.into(), mail.about.as_str().into()];
    let row = tx.row(sql, values).await?;
    Ok(row.map(|row| row.try_get::<Uuid>("", "job_id")).transpose()?.map(JobId::from))
}

/// A mail, with its state.
pub(crate) struct Found {
    pub(crate) mail: QueuedMail,
    pub(crate) is_open: bool,
}

/// Finds a mail and locks it until the commit.
pub(crate) async fn hold(tx: &Tx, network: NetworkId, id: MailId) -> Result<Option<Found>, DbError> {
    let lock = if tx.is_postgres() { "for update" } else { "" };
    let sql = format!(
        "select mail_id, person_id, kind, category, about, input, state from mail \
         where network_id = $1 and mail_id = $2 {lock}"
    );
    let Some(row) = tx.row(&sql, [uuid(network), uuid(id)]).await? else { return Ok(None) };
    let category: String = row.try_get("", "category")?;
    let mail = QueuedMail {
        id,
        network,
        person: row.try_get::<Uuid>("", "person_id")?.into(),
        kind: row.try_get("", "kind")?,
        category: category.parse().map_err(|error| DbError::inconsistent("mail", error))?,
        about: row.try_get("", "about")?,
        input: row.try_get("", "input")?,
    };
    Ok(Some(Found { mail, is_open: row.try_get::<String>("", "state")? != "bounced" }))
}

/// Removes a mail: it was sent, or is obsolete.
pub(crate) async fn delete(tx: &Tx, mail: &QueuedMail) -> Result<(), DbError> {
    let sql = "delete from mail where network_id = $1 and mail_id = $2";
    tx.run(sql, [uuid(mail.network), uuid(mail.id)]).await?;
    Ok(())
}

/// How a mail's last try ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// It is tried again.
    Deferred,
    /// It was tried often enough.
    GivenUp,
    /// It was refused for good.
    Bounced,
}

/// Records a try that did not send a mail. The reason is a status, never the server's words.
pub(crate) async fn record(
    tx: &Tx,
    mail: &QueuedMail,
    ended: Ended,
    reason: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    let (state, ended_at) = match ended {
        Ended::Deferred => ("waiting", None),
        Ended::GivenUp => ("given_up", Some(Ts(now))),
        Ended::Bounced => ("bounced", Some(Ts(now))),
    };
    let sql = "update mail set state = $3, ended_at = $4, reason = $5, tries = tries + 1 \
               where network_id = $1 and mail_id = $2";
    let values = [uuid(mail.network), uuid(mail.id), state.into(), ended_at.into(), reason.into()];
    tx.run(sql, values).await?;
    Ok(())
}

/// The mail that has not gone out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MailCounts {
    /// Mails that wait, also for another try.
    pub waiting: i64,
    /// When the first of them was queued.
    pub since: Option<Timestamp>,
    /// Mails that were tried for a day in vain.
    pub given_up: i64,
    /// Mails that were refused for good.
    pub bounced: i64,
    /// Addresses that were refused lately.
    pub undeliverable: i64,
}

impl MailCounts {
    /// Adds the counts of another network.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            waiting: self.waiting + other.waiting,
            since: [self.since, other.since].into_iter().flatten().min(),
            given_up: self.given_up + other.given_up,
            bounced: self.bounced + other.bounced,
            undeliverable: self.undeliverable + other.undeliverable,
        }
    }
}

/// Counts a network's mail, in a transaction that reaches it.
///
/// # Errors
/// The database is away.
pub async fn count(tx: &Tx, network: NetworkId) -> Result<MailCounts, DbError> {
    let sql = "select count(case when state = 'waiting' then 1 end) as waiting, \
               count(case when state = 'given_up' then 1 end) as given_up, \
               count(case when state = 'bounced' then 1 end) as bounced, \
               min(case when state = 'waiting' then queued_at end) as since, \
               (select count(*) from mail_undeliverable u where u.network_id = $1) as undeliverable \
               from mail where network_id = $1";
    let Some(row) = tx.row(sql, [uuid(network)]).await? else { return Ok(MailCounts::default()) };
    Ok(MailCounts {
        waiting: row.try_get("", "waiting")?,
        since: row.try_get::<Option<Ts>>("", "since")?.map(|at| at.0),
        given_up: row.try_get("", "given_up")?,
        bounced: row.try_get("", "bounced")?,
        undeliverable: row.try_get("", "undeliverable")?,
    })
}

/// Removes everything about a person: their waiting mail, what they declined, refusals of their address. For the erasure
/// of a person, in its transaction.
///
/// # Errors
/// The database is away.
pub async fn forget_person(tx: &Tx, network: NetworkId, person: PersonId) -> Result<(), DbError> {
    for table in ["mail", "mail_preference", "mail_undeliverable"] {
        let sql = format!("delete from {table} where network_id = $1 and person_id = $2");
        tx.run(&sql, [uuid(network), uuid(person)]).await?;
    }
    Ok(())
}

/// Forgets a network's mail that ended a month ago, and refusals that count no more, in a transaction that reaches it.
///
/// # Errors
/// The database is away.
pub async fn forget_old(tx: &Tx, network: NetworkId, now: Timestamp) -> Result<(), DbError> {
    let sql = "delete from mail where network_id = $1 and ended_at < $2";
    tx.run(sql, [uuid(network), Ts(now - KEPT).into()]).await?;
    let sql = "delete from mail_undeliverable where network_id = $1 and refused_at < $2";
    let longest = MailCategory::ALL.into_iter().map(crate::undeliverable_for).max();
    tx.run(sql, [uuid(network), Ts(now - longest.unwrap_or(KEPT)).into()]).await?;
    Ok(())
}

pub(crate) fn uuid(id: impl Into<Uuid>) -> platform_db::Value {
    id.into().into()
}

pub(crate) fn instant(row: &Row, column: &str) -> Result<Timestamp, DbError> {
    Ok(row.try_get::<Ts>("", column)?.0)
}
