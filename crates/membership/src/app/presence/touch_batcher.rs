//! The touch batcher: touches that arrive while others are being written wait a moment and are written together.
//!
//! Always true: every call gets its own answer. A call that cannot be written with the others is tried alone, so that
//! nobody is refused because of a neighbour, not even of one whose call panics. Work that has begun is finished even
//! if the caller has gone. A call without company does not wait: the first call starts writing at once, and calls
//! that arrive meanwhile form the next batch. Under load, a batch waits a moment for the callers who were answered
//! just before. Neither answers nor decisions wait for the occupancy cache: the database decides whether a hub is
//! full.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet, VecDeque},
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::{FutureExt, future::join_all};
use kernel::NetworkId;
use platform_db::DbError;
use tokio::sync::{Notify, oneshot};
use tracing::Instrument;

use super::{
    admission_cache::CachedCall,
    call::{Call, TouchOutcome},
    write_touches::{LookUp, Written},
};
use crate::{Membership, MembershipError};

/// A call with more touches is an uploaded log: it is written alone and keeps no door waiting.
const FEW_TOUCHES: usize = 8;
const MOST_CALLS: usize = 64;
/// The longest time a batch waits for more calls.
const GATHERING: Duration = Duration::from_millis(2);
/// Two hubs may let one person in at the same instant; the loser reads again and finds the winner's visit.
pub(super) const TRIES: usize = 4;

type Answer = Result<Vec<TouchOutcome>, MembershipError>;

/// Waiting calls by network.
#[derive(Debug, Default)]
pub(crate) struct TouchBatcher {
    queues: Mutex<HashMap<NetworkId, Queue>>,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<Waiting>,
    is_served: bool,
    /// The size of the last batch.
    last: usize,
    /// The number of waiting calls that completes the batch.
    expected: usize,
    complete: Arc<Notify>,
}

#[derive(Debug, Clone)]
struct Waiting {
    call: Arc<Call>,
    answer: Answerer,
}

/// Answers one caller, once.
#[derive(Debug, Clone)]
struct Answerer(Arc<Mutex<Option<oneshot::Sender<Answer>>>>);

impl Answerer {
    fn new(sender: oneshot::Sender<Answer>) -> Self {
        Self(Arc::new(Mutex::new(Some(sender))))
    }

    fn send(&self, answer: Answer) {
        if let Some(sender) = self.0.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // The caller may have gone; it will retry with the same event id.
            drop(sender.send(answer));
        }
    }

    fn is_answered(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }
}

impl TouchBatcher {
    /// Queues a call. Returns whether a task must start serving its network.
    fn queue(&self, waiting: Waiting) -> bool {
        let mut queues = self.lock();
        let queue = queues.entry(waiting.call.hub.network).or_default();
        queue.waiting.push_back(waiting);
        if queue.waiting.len() == queue.expected {
            queue.complete.notify_one();
        }
        !std::mem::replace(&mut queue.is_served, true)
    }

    /// Waits a moment for the callers who were just answered to come again, so that all waiting calls are written
    /// together.
    async fn gather(&self, network: NetworkId) {
        let complete = match self.lock().get_mut(&network) {
            Some(queue) if queue.last > 0 => {
                queue.expected = (queue.last + queue.waiting.len()).min(MOST_CALLS);
                if queue.waiting.len() >= queue.expected {
                    return;
                }
                Arc::clone(&queue.complete)
            }
            _ => return,
        };
        // After the timeout, the calls that came are enough.
        drop(tokio::time::timeout(GATHERING, complete.notified()).await);
    }

    /// Takes the next calls to write, with distinct event ids; empty if none wait.
    fn next(&self, network: NetworkId) -> Vec<Waiting> {
        let mut queues = self.lock();
        let Some(queue) = queues.get_mut(&network) else { return Vec::new() };
        let mut seen = HashSet::new();
        let mut batch: Vec<Waiting> = Vec::new();
        while let Some(first) = queue.waiting.pop_front() {
            let is_new = first.call.reported.iter().all(|one| seen.insert(one.event_id.clone()));
            if !batch.is_empty() && (!is_new || batch.len() == MOST_CALLS) {
                queue.waiting.push_front(first);
                break;
            }
            batch.push(first);
        }
        queue.last = batch.len();
        if batch.is_empty() {
            queues.remove(&network);
        }
        batch
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<NetworkId, Queue>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Membership {
    /// Records a call's touches, together with concurrent calls.
    pub(crate) async fn receive(&self, call: Call) -> Answer {
        if call.reported.len() > FEW_TOUCHES {
            return self.record_alone(&call).await;
        }
        let network = call.hub.network;
        let (answer, answered) = oneshot::channel();
        if self.batcher.queue(Waiting { call: Arc::new(call), answer: Answerer::new(answer) }) {
            tokio::spawn(self.clone().serve(network).in_current_span());
        }
        answered.await.unwrap_or_else(|lost| Err(DbError::inconsistent("reception", lost).into()))
    }

    /// Writes waiting calls until none are left.
    async fn serve(self, network: NetworkId) {
        let _guard = Served { batcher: Arc::clone(&self.batcher), network };
        loop {
            self.batcher.gather(network).await;
            let batch = self.batcher.next(network);
            if batch.is_empty() {
                return;
            }
            self.serve_batch(batch).await;
        }
    }

    /// Writes a batch. After a panic, every unanswered call is written alone, and only the one that panics again
    /// fails.
    async fn serve_batch(&self, batch: Vec<Waiting>) {
        let together = async {
            let others = self.serve_cached(batch.clone()).await;
            self.serve_others(others).await;
        };
        if AssertUnwindSafe(together).catch_unwind().await.is_ok() {
            return;
        }
        tracing::error!("a batch of touches panicked; its calls are written one by one");
        for Waiting { call, answer } in batch {
            if answer.is_answered() {
                continue;
            }
            let alone = AssertUnwindSafe(self.record_alone(&call)).catch_unwind().await;
            let panicked = |_panic| Err(DbError::inconsistent("touch", "recording it panicked").into());
            answer.send(alone.unwrap_or_else(panicked));
        }
    }

    /// Serves the calls that the cache can decide. Returns the others.
    async fn serve_cached(&self, batch: Vec<Waiting>) -> Vec<Waiting> {
        let decided: Vec<Option<CachedCall<'_>>> =
            batch.iter().map(|waiting| self.cached(&waiting.call)).collect();
        let mut is_cached: VecDeque<bool> = decided.iter().map(Option::is_some).collect();
        let Some(together) = decided.into_iter().flatten().reduce(CachedCall::join) else { return batch };
        match self.record_from_cache(together).await {
            Ok(Some(written)) => {
                let (served, others): (Vec<Waiting>, Vec<Waiting>) =
                    batch.into_iter().partition(|_| is_cached.pop_front().unwrap_or_default());
                let answers = served.into_iter().map(|waiting| waiting.answer).collect();
                drop(tokio::spawn(self.clone().finish(written, answers)));
                others
            }
            Ok(None) | Err(MembershipError::Db(DbError::Duplicate(_))) => batch,
            Err(error) => {
                tracing::warn!(?error, "touches decided from the cache were not written");
                batch
            }
        }
    }

    async fn serve_others(&self, others: Vec<Waiting>) {
        if others.is_empty() {
            return;
        }
        let (calls, answers): (Vec<Arc<Call>>, Vec<Answerer>) =
            others.into_iter().map(|waiting| (waiting.call, waiting.answer)).unzip();
        let refs: Vec<&Call> = calls.iter().map(AsRef::as_ref).collect();
        match self.try_to_record(&refs, LookUp::Later).await {
            Ok(written) => drop(tokio::spawn(self.clone().finish(written, answers))),
            Err(_) => self.record_each(calls, answers).await,
        }
    }

    /// Answers the callers and, at the same time, updates the occupancy cache, which may be slow to respond.
    async fn finish(self, written: Written, answers: Vec<Answerer>) {
        let updating = self.update_occupancy(&written.reread);
        for (answer, outcomes) in answers.into_iter().zip(written.outcomes) {
            answer.send(Ok(outcomes));
        }
        updating.await;
    }

    async fn record_each(&self, calls: Vec<Arc<Call>>, answers: Vec<Answerer>) {
        let each = calls.into_iter().zip(answers);
        join_all(each.map(|(call, answer)| async move { answer.send(self.record_alone(&call).await) })).await;
    }

    /// Writes a call alone. It is decided again if its hub has changed since it was read.
    async fn record_alone(&self, call: &Call) -> Answer {
        let mut tries = 0;
        let mut call = Cow::Borrowed(call);
        loop {
            tries += 1;
            match self.try_to_record(&[&call], LookUp::First).await {
                Err(MembershipError::Db(DbError::Duplicate(_))) if tries < TRIES => {}
                Err(MembershipError::HubChanged) if tries < TRIES => {
                    call.to_mut().hub = self.hub(call.hub.id).await?;
                }
                Err(error) => return Err(error),
                Ok(written) => {
                    drop(tokio::spawn(self.update_occupancy(&written.reread)));
                    return Ok(written.outcomes.into_iter().flatten().collect());
                }
            }
        }
    }
}

/// Releases a network for the next server task, even after a panic.
struct Served {
    batcher: Arc<TouchBatcher>,
    network: NetworkId,
}

impl Drop for Served {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.batcher.lock().remove(&self.network);
        }
    }
}
