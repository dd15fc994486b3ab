//! Mail servers that say *never*, *not now*, or nothing.

use jiff::SignedDuration;
use kernel::{JobState, MailCategory};
use platform_jobs::{RetryOutcome, list_queued};
use platform_mail::undeliverable_for;

use super::{JOB, RECEIPT, REMINDER, Toy};

const NOBODY_LISTENS: &str = "smtp://127.0.0.1:9";

fn minutes(duration: SignedDuration) -> i64 {
    duration.as_secs() / 60
}

/// Servers punish those who keep writing to mailboxes that are gone.
#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_was_refused_gets_no_mail_for_a_while_and_then_a_try() {
    let toy = Toy::new("bounce@example.org").await;
    toy.enqueue(REMINDER, "lecture").await;
    toy.send().await;
    let counts = toy.counts().await;
    assert_eq!((counts.waiting, counts.bounced, counts.undeliverable), (0, 1, 1));
    toy.enqueue(REMINDER, "workshop").await;
    toy.send_to(NOBODY_LISTENS).await;
    assert_eq!(toy.counts().await.bounced, 2, "nobody was asked");
    toy.app.pass_minutes(minutes(undeliverable_for(MailCategory::Transactional)));
    toy.enqueue(REMINDER, "picnic").await;
    toy.enqueue(RECEIPT, "").await;
    toy.send_to(NOBODY_LISTENS).await;
    let counts = toy.counts().await;
    assert_eq!((counts.bounced, counts.waiting), (3, 1), "the receipt is tried after an hour");
    toy.app.pass_minutes(minutes(undeliverable_for(MailCategory::Notice)));
    toy.enqueue(REMINDER, "concert").await;
    toy.send_to(NOBODY_LISTENS).await;
    assert_eq!(toy.counts().await.bounced, 3, "the reminder is tried after two weeks");
    toy.app.drain().await;
}

/// A refusal that is not about the mailbox says nothing about the next mail.
#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_a_policy_refuses_bounces_and_its_address_stays_good() {
    let toy = Toy::new("listed@example.org").await;
    toy.enqueue(REMINDER, "lecture").await;
    toy.send().await;
    let counts = toy.counts().await;
    assert_eq!((counts.waiting, counts.bounced, counts.undeliverable), (0, 1, 0));
    toy.app.pass_minutes(48 * 60);
    toy.send().await;
    assert_eq!(toy.counts().await.bounced, 1, "it is not tried again");
    toy.app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_is_tried_for_a_day_then_given_up_in_sight_and_sent_when_it_is_retried() {
    let toy = Toy::new("jana@example.org").await;
    toy.enqueue(RECEIPT, "").await;
    let mut hours = 0;
    while toy.counts().await.given_up == 0 {
        toy.send_to(NOBODY_LISTENS).await;
        toy.app.pass_minutes(60);
        hours += 1;
        assert!(hours < 60, "it is given up some time");
    }
    assert!(hours > 24, "after {hours} hours");
    let jobs = list_queued(&toy.db).await.expect("jobs");
    let job = jobs.iter().find(|it| it.job.kind == JOB).expect("the job is in sight");
    assert_eq!((job.job.state, job.job.code.as_deref()), (JobState::Failed, Some("UNAVAILABLE")));
    assert_eq!(toy.send().await, 0, "it waits for somebody");
    let world = toy.app.services().world();
    let retried = platform_jobs::retry(&toy.db, world, job.job.id).await.expect("retried");
    assert_eq!(retried, RetryOutcome::Queued);
    assert_eq!(toy.send().await, 1);
    let counts = toy.counts().await;
    assert_eq!((counts.waiting, counts.given_up), (0, 0));
    toy.app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_that_ended_and_refusals_that_count_no_more_are_forgotten() {
    let toy = Toy::new("bounce@example.org").await;
    toy.enqueue(REMINDER, "lecture").await;
    toy.send().await;
    toy.app.pass_minutes(15 * 24 * 60);
    toy.app.run_jobs_of("tidying").await;
    let counts = toy.counts().await;
    assert_eq!((counts.bounced, counts.undeliverable), (1, 0), "the refusal counts no more");
    toy.app.pass_minutes(16 * 24 * 60);
    toy.app.run_jobs_of("tidying").await;
    assert_eq!(toy.counts().await.bounced, 0, "a month is over");
    toy.app.drain().await;
}
