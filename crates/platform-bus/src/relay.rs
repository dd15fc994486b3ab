//! The relay: moves events from an outbox into the event log and carries them on, in windows, in order.
//!
//! Always true: an event is numbered and in the log before it is carried, and counts as waiting until the outlet
//! confirms that it is safe (see [`event_log`](crate::event_log)). Several relays share the work. Another relay takes
//! over the windows of one that died within seconds; an embedded installation does so at its next start. Receivers
//! count each event once, whichever relay carries it.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use kernel::CloudEvent;
use platform_db::{Db, DbError};
use tokio::sync::watch;
use uuid::Uuid;

use crate::{
    HandleError, Handler, deliver,
    event_log::{self, Window},
};

const WINDOW: usize = 500;
const POLL: Duration = Duration::from_millis(500);
/// How often a busy relay searches the outbox from its very beginning.
const FROM_THE_BEGINNING: Duration = Duration::from_millis(100);
/// How often a relay looks for windows that others left open.
const LOOK_FOR_LEFT: Duration = Duration::from_secs(1);
/// The longest pause to gather events for the next window; it bounds the delay of a busy hub's event.
const LONGEST_COLLECTING: Duration = Duration::from_millis(100);

/// The destination of a relay's events.
#[async_trait]
pub trait Outlet: Send + Sync + 'static {
    /// Carries events on and returns when they are safe.
    ///
    /// # Errors
    /// Fails if not all of them are known to be safe.
    async fn carry(&self, events: &[CloudEvent]) -> Result<(), HandleError>;
}

/// The outlet of the embedded shape: straight to the receivers.
pub struct InProcess {
    handlers: Vec<Arc<dyn Handler>>,
}

impl InProcess {
    /// Creates an outlet to these receivers.
    pub fn new(handlers: Vec<Arc<dyn Handler>>) -> Self {
        Self { handlers }
    }
}

impl std::fmt::Debug for InProcess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InProcess").field("handlers", &self.handlers.len()).finish()
    }
}

#[async_trait]
impl Outlet for InProcess {
    async fn carry(&self, events: &[CloudEvent]) -> Result<(), HandleError> {
        for handler in &self.handlers {
            deliver(handler.as_ref(), events).await?;
        }
        Ok(())
    }
}

/// Tracks events on their way through the broker, for callers that wait for the last of them, such as tests and load
/// runs. Tracks nothing before [`watch`](Self::watch), as a server's events may be received by another process.
///
/// Always true: an event leaves the set when its receiver has taken it in and acknowledged it, however often it came. A
/// redelivery stands for no other event.
#[derive(Debug, Default)]
pub struct Flow {
    on_the_way: Mutex<Option<HashSet<(&'static str, Uuid)>>>,
}

impl Flow {
    /// Starts to track events on their way.
    pub fn watch(&self) {
        self.lock().get_or_insert_default();
    }

    /// Records events that are about to be published to a receiver.
    pub(crate) fn expect(&self, consumer: &'static str, events: &[&CloudEvent]) {
        if let Some(on_the_way) = self.lock().as_mut() {
            on_the_way.extend(events.iter().map(|event| (consumer, event.id)));
        }
    }

    /// Removes events that a receiver has acknowledged or that will be published again.
    pub(crate) fn end<'e>(&self, consumer: &'static str, events: impl IntoIterator<Item = &'e CloudEvent>) {
        if let Some(on_the_way) = self.lock().as_mut() {
            for event in events {
                on_the_way.remove(&(consumer, event.id));
            }
        }
    }

    /// Whether everything sent has arrived.
    pub fn is_still(&self) -> bool {
        self.lock().as_ref().is_none_or(HashSet::is_empty)
    }

    fn lock(&self) -> MutexGuard<'_, Option<HashSet<(&'static str, Uuid)>>> {
        self.on_the_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Carries the events of one outbox on.
pub struct Relay {
    db: Db,
    outlet: Arc<dyn Outlet>,
    place: Mutex<Place>,
}

/// The outbox position of the next look. Before the last window lie only deleted rows, which the database would still
/// have to step over, and occasionally a row whose transaction took longer than later ones.
#[derive(Debug)]
struct Place {
    first_of_last: i64,
    began_at: Option<Instant>,
    /// The window that is published and still open; the next one closes it.
    published: Option<i64>,
    looked_for_left_at: Option<Instant>,
}

impl Place {
    const BEGINNING: Self =
        Self { first_of_last: 0, began_at: None, published: None, looked_for_left_at: None };

    fn look_from(&mut self) -> i64 {
        if self.began_at.is_some_and(|at| at.elapsed() < FROM_THE_BEGINNING) {
            return self.first_of_last;
        }
        self.began_at = Some(Instant::now());
        0
    }

    fn looks_for_left(&mut self) -> bool {
        let is_due = self.looked_for_left_at.is_none_or(|at| at.elapsed() > LOOK_FOR_LEFT);
        if is_due {
            self.looked_for_left_at = Some(Instant::now());
        }
        is_due
    }
}

impl std::fmt::Debug for Relay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Relay").finish_non_exhaustive()
    }
}

impl Relay {
    /// Creates a relay from an outbox to an outlet.
    pub fn new(db: Db, outlet: Arc<dyn Outlet>) -> Self {
        Self { db, outlet, place: Mutex::new(Place::BEGINNING) }
    }

    /// Runs until `stop` turns true: at each notification of a commit by the database, and every half second in case
    /// one was missed. A window that was not full took all there was; later commits have notified since.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let emitted = self.db.emitted_notify();
        while !*stop.borrow() {
            match self.carry_window().await {
                Ok(WINDOW) => {}
                Ok(carried) => {
                    tokio::time::sleep(collecting(carried, WINDOW)).await;
                    tokio::select! {
                        () = emitted.notified() => {}
                        () = tokio::time::sleep(self.patience()) => {}
                        _ = stop.changed() => {}
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "the relay waits");
                    tokio::time::sleep(POLL).await;
                }
            }
        }
        // A window left open would be published once more at the next start.
        if let Err(error) = self.close_published().await {
            tracing::debug!(%error, "a published window stays open");
        }
    }

    /// Carries events on until none waits, and returns how many were carried.
    ///
    /// # Errors
    /// Fails if the outlet or the database is away.
    pub async fn drain(&self) -> Result<usize, HandleError> {
        let mut carried = 0;
        loop {
            match self.carry_window().await? {
                0 => {
                    self.close_published().await?;
                    return Ok(carried);
                }
                some => carried += some,
            }
        }
    }

    async fn carry_window(&self) -> Result<usize, HandleError> {
        let Some(window) = self.next_window().await? else { return Ok(0) };
        if let Err(error) = self.outlet.carry(&window.events).await {
            self.place().looked_for_left_at = None;
            if let Err(error) = event_log::release_window(&self.db, window.id).await {
                tracing::debug!(%error, "a window stays claimed for a moment");
            }
            return Err(error);
        }
        self.place().published = Some(window.id);
        Ok(window.events.len())
    }

    /// Returns a window that was left open, or else what waits in the outbox.
    async fn next_window(&self) -> Result<Option<Window>, DbError> {
        let looks_for_left = self.place().looks_for_left();
        if looks_for_left {
            self.close_published().await?;
            if let Some(left) = event_log::take_over_window(&self.db).await? {
                self.place().looked_for_left_at = None;
                return Ok(Some(left));
            }
        }
        if let Some(window) = self.open_window().await? {
            return Ok(Some(window));
        }
        if self.look_everywhere() { self.open_window().await } else { Ok(None) }
    }

    async fn open_window(&self) -> Result<Option<Window>, DbError> {
        let (look_from, published) = {
            let mut place = self.place();
            (place.look_from(), place.published)
        };
        let most = i64::try_from(WINDOW).unwrap_or(i64::MAX);
        let window = event_log::open_window(&self.db, look_from, most, published).await?;
        let mut place = self.place();
        if window.is_some() || !self.db.is_embedded() {
            place.published = None;
        }
        if let Some(window) = &window {
            place.first_of_last = window.first_position;
        }
        Ok(window)
    }

    async fn close_published(&self) -> Result<(), DbError> {
        let published = self.place().published;
        if let Some(published) = published {
            event_log::close_window(&self.db, published).await?;
            self.place().published = None;
        }
        Ok(())
    }

    fn place(&self) -> MutexGuard<'_, Place> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long to wait for a notification. A notification reports a commit, not its position: after a look that did
    /// not start at the beginning, there may be an earlier row.
    fn patience(&self) -> Duration {
        if self.place().first_of_last > 0 { FROM_THE_BEGINNING } else { POLL }
    }

    /// Makes the next look start at the beginning; returns whether that makes a difference.
    fn look_everywhere(&self) -> bool {
        let mut place = self.place();
        place.began_at = None;
        std::mem::take(&mut place.first_of_last) > 0
    }
}

/// How long to let events gather after a window of this size. The more events came, the longer the pause pays off; a
/// full window means that more are waiting.
pub(crate) fn collecting(carried: usize, full: usize) -> Duration {
    if carried >= full {
        return Duration::ZERO;
    }
    let millis = u64::try_from(carried).unwrap_or(u64::MAX);
    Duration::from_millis(millis).min(LONGEST_COLLECTING)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use kernel::NetworkId;

    use super::*;

    fn event(number: u128) -> CloudEvent {
        CloudEvent {
            specversion: "1.0".into(),
            id: Uuid::from_u128(number),
            source: "/hubnet/membership".into(),
            kind: "membership.visit_ended.v1".into(),
            subject: "a visit".into(),
            time: Timestamp::UNIX_EPOCH,
            networkid: NetworkId::from(Uuid::nil()),
            hubid: None,
            sequence: None,
            traceparent: None,
            datacontenttype: "application/json".into(),
            data: kernel::Fact::of(&serde_json::json!({})).expect("JSON"),
        }
    }

    #[test]
    fn an_event_that_comes_twice_stands_for_no_other() {
        let (first, second) = (event(1), event(2));
        let flow = Flow::default();
        flow.watch();
        flow.expect("roaming", &[&first, &second]);
        flow.end("roaming", [&first]);
        flow.end("roaming", [&first]);
        assert!(!flow.is_still(), "the second is still on its way");
        flow.end("monitoring", [&second]);
        assert!(!flow.is_still(), "another has received it");
        flow.end("roaming", [&second]);
        assert!(flow.is_still());
    }

    #[test]
    fn who_waits_for_nothing_keeps_nothing() {
        let flow = Flow::default();
        flow.expect("roaming", &[&event(1)]);
        assert!(flow.is_still());
    }
}
