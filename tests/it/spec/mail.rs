//! Outgoing mail of any service: declined by its recipients, refused by their servers, forgotten with them.
//!
//! The mail is a made-up reminder on identity's database; identity's own mail is in `identity/mail.rs`.

mod declining;
mod refusing;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use jiff::Timestamp;
use kernel::{EmailAddress, Id as _, Language, MailCategory, NetworkId, OpContext, PersonId};
use platform_db::{Db, Reach, Tx};
use platform_jobs::{JobError, Kind, Worker};
use platform_mail::{
    Composed, Composer, Content, MailCounts, MailKind, Mailer, NewMail, QueuedMail, sending,
};
use private_servers::Smtp;
use testkit::TestApp;

const JOB: &str = "toy_mail";
const REMINDER: MailKind = MailKind::notice(JOB, "toy.reminder");
const RECEIPT: MailKind = MailKind::transactional(JOB, "toy.receipt");
const PUBLIC_URL: &str = "https://hub.example.org";

/// A service that writes reminders and receipts to one person.
struct Toy {
    app: TestApp,
    smtp: Smtp,
    db: Db,
    network: NetworkId,
    person: PersonId,
    composer: Arc<ToyComposer>,
}

struct ToyComposer {
    to: EmailAddress,
    is_obsolete: AtomicBool,
}

#[async_trait]
impl Composer for ToyComposer {
    async fn compose(
        &self,
        _tx: &Tx,
        _op: &OpContext,
        mail: &QueuedMail,
    ) -> Result<Option<Composed>, JobError> {
        if self.is_obsolete.load(Ordering::SeqCst) {
            return Ok(None);
        }
        let days: i64 = mail.input()?;
        let text = format!("{} in {days} days", mail.about);
        let content = Content::new(&mail.kind, &text, &format!("<p>{text}</p>"));
        Ok(Some(Composed { to: self.to.clone(), language: Language::En, content }))
    }
}

impl Toy {
    async fn new(address: &str) -> Self {
        let app = TestApp::new().await;
        let network = app.network("n").await.id.parse().expect("an id");
        let databases = app.services().service_databases();
        let (_, db) = databases.into_iter().find(|(of, _)| of.name() == "identity").expect("identity");
        let person = PersonId::generate(app.services().world());
        let to = EmailAddress::parse(address).expect("an address");
        let composer = Arc::new(ToyComposer { to, is_obsolete: AtomicBool::new(false) });
        Self { app, smtp: Smtp::start().expect("a mail server"), db, network, person, composer }
    }

    fn kind(&self, url: &str) -> Kind {
        let links = self.app.services().links().clone();
        let mailer = Mailer::new(&url.into(), "Hub <hub@example.org>", links).expect("a mailer");
        let mailer = mailer.with_public_url(Some(PUBLIC_URL));
        let composer: Arc<dyn Composer> = self.composer.clone();
        sending(JOB, "identity", mailer, composer)
    }

    async fn enqueue(&self, kind: MailKind, about: &str) {
        self.enqueue_for(self.person, kind, about, None).await;
    }

    async fn enqueue_for(&self, person: PersonId, kind: MailKind, about: &str, at: Option<Timestamp>) {
        let tx = self.db.write(Reach::Network(self.network)).await.expect("a transaction");
        let mut mail = NewMail::new(kind, person).about(about).with_input(&3).expect("an input");
        if let Some(at) = at {
            mail = mail.at(at);
        }
        platform_mail::enqueue(&tx, self.app.services().world(), self.network, mail).await.expect("queued");
        tx.commit().await.expect("committed");
    }

    /// Sends what is due; returns how many mails the mail server got.
    async fn send(&self) -> usize {
        self.send_to(&self.smtp.url()).await
    }

    async fn send_to(&self, url: &str) -> usize {
        let before = self.smtp.mails().len();
        let world = self.app.services().world().clone();
        Worker::new(self.db.clone(), world, vec![self.kind(url)]).run_due().await.expect("it runs");
        self.smtp.mails().len() - before
    }

    fn last_mail(&self) -> String {
        self.smtp
            .mails()
            .last()
            .expect("a mail")
            .replace("=\r\n", "")
            .replace("=3D", "=")
            .replace("\r\n ", " ")
    }

    async fn counts(&self) -> MailCounts {
        let tx = self.db.read(Reach::Network(self.network)).await.expect("a transaction");
        platform_mail::count(&tx, self.network).await.expect("counted")
    }

    async fn wants_notices(&self) -> bool {
        let tx = self.db.read(Reach::Network(self.network)).await.expect("a transaction");
        let choices = platform_mail::list_preferences(&tx, self.network, self.person).await.expect("choices");
        let notice = choices.iter().find(|it| it.category == MailCategory::Notice);
        notice.expect("a choice about notices").is_wanted
    }
}

/// A mail exists exactly if what caused it does.
#[tokio::test(flavor = "multi_thread")]
async fn a_mail_of_a_transaction_that_rolls_back_is_not_sent() {
    let toy = Toy::new("jana@example.org").await;
    let tx = toy.db.write(Reach::Network(toy.network)).await.expect("a transaction");
    let mail = NewMail::new(RECEIPT, toy.person).with_input(&1).expect("an input");
    platform_mail::enqueue(&tx, toy.app.services().world(), toy.network, mail).await.expect("queued");
    drop(tx);
    assert_eq!(toy.send().await, 0);
    assert_eq!(toy.counts().await, MailCounts::default());
    toy.app.drain().await;
}

/// Nobody gets two reminders of one event because its hour changed twice; of two events they get one each.
#[tokio::test(flavor = "multi_thread")]
async fn a_newer_mail_of_a_kind_about_the_same_thing_replaces_the_waiting_one() {
    let toy = Toy::new("jana@example.org").await;
    let later = toy.app.services().world().now() + jiff::SignedDuration::from_hours(1);
    toy.enqueue_for(toy.person, REMINDER, "lecture", Some(later)).await;
    toy.enqueue(REMINDER, "lecture").await;
    toy.enqueue(REMINDER, "workshop").await;
    assert_eq!(toy.counts().await.waiting, 2);
    assert_eq!(toy.send().await, 2);
    toy.app.pass_minutes(61);
    assert_eq!(toy.send().await, 0, "what was replaced is not sent");
    assert_eq!(toy.counts().await, MailCounts::default(), "what was sent leaves nothing behind");
    toy.app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_waits_for_its_time() {
    let toy = Toy::new("jana@example.org").await;
    let later = toy.app.services().world().now() + jiff::SignedDuration::from_hours(1);
    toy.enqueue_for(toy.person, RECEIPT, "", Some(later)).await;
    assert_eq!(toy.send().await, 0);
    toy.app.pass_minutes(60);
    assert_eq!(toy.send().await, 1);
    toy.app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_obsolete_mail_is_forgotten_instead_of_sent() {
    let toy = Toy::new("jana@example.org").await;
    toy.enqueue(RECEIPT, "").await;
    toy.composer.is_obsolete.store(true, Ordering::SeqCst);
    assert_eq!(toy.send().await, 0);
    assert_eq!(toy.counts().await, MailCounts::default());
    toy.app.drain().await;
}

/// An erased person's mail does not go out, and nothing about them stays.
#[tokio::test(flavor = "multi_thread")]
async fn an_erased_persons_waiting_mail_choices_and_refusals_are_forgotten() {
    let toy = Toy::new("bounce@example.org").await;
    let other = PersonId::generate(toy.app.services().world());
    toy.enqueue(REMINDER, "lecture").await;
    toy.send().await;
    toy.enqueue(REMINDER, "workshop").await;
    toy.enqueue_for(other, REMINDER, "workshop", None).await;
    let tx = toy.db.write(Reach::Network(toy.network)).await.expect("a transaction");
    let now = toy.app.services().world().now();
    let (network, person) = (toy.network, toy.person);
    platform_mail::set_preference(&tx, network, person, MailCategory::Notice, false, now).await.expect("set");
    platform_mail::forget_person(&tx, network, person).await.expect("forgotten");
    tx.commit().await.expect("committed");
    assert!(toy.wants_notices().await, "the choice is forgotten");
    let left = toy.counts().await;
    assert_eq!((left.waiting, left.bounced, left.undeliverable), (1, 0, 0), "of the other person");
    toy.app.drain().await;
}
