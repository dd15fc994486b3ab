//! The relay: takes events from an outbox and carries them on, in windows, in order.
//!
//! Always true: a row is deleted only after the outlet said that its event is safe. On PostgreSQL a relay holds its
//! rows by its transaction, so that several share the work, and one that dies leaves them to the others at once; an
//! embedded house has one relay. Receivers count each event once whoever brings it.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use async_trait::async_trait;
use kernel::CloudEvent;
use platform_db::{Db, DbError, Reach, Tx};
use tokio::sync::watch;
use uuid::Uuid;

use crate::{HandleError, Handler, deliver};

const WINDOW: usize = 500;
/// How long an event that a receiver cannot take in yet stays out of the way of the others.
const POSTPONED_MS: i64 = 1_000;
const POLL: Duration = Duration::from_millis(500);
/// How often a relay that has much to do looks at the outbox from its very beginning.
const FROM_THE_BEGINNING: Duration = Duration::from_millis(100);
/// The longest a relay waits for company before the next window: what a busy hub's event may be late by.
const LONGEST_COLLECTING: Duration = Duration::from_millis(100);

/// Where a relay carries events to.
#[async_trait]
pub trait Outlet: Send + Sync + 'static {
    /// Carries events on; answers when they are safe, with the ids of those that are not yet and want carrying again.
    ///
    /// # Errors
    /// None of them is known to be safe.
    async fn carry(&self, events: &[CloudEvent]) -> Result<Vec<Uuid>, HandleError>;
}

/// The outlet of the embedded shape: straight to the receivers.
pub struct InProcess {
    handlers: Vec<Arc<dyn Handler>>,
}

impl InProcess {
    /// An outlet to these receivers.
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
    async fn carry(&self, events: &[CloudEvent]) -> Result<Vec<Uuid>, HandleError> {
        let mut postponed = Vec::new();
        for handler in &self.handlers {
            postponed.extend(deliver(handler.as_ref(), events).await?);
        }
        Ok(postponed)
    }
}

/// Counts what goes through the broker, so that a test can wait for the last of it.
#[derive(Debug, Default)]
pub struct Flow {
    /// Deliveries the broker has been asked for.
    pub expected: AtomicU64,
    /// Deliveries that receivers have acknowledged.
    pub delivered: AtomicU64,
}

impl Flow {
    /// Whether everything sent has arrived.
    pub fn is_still(&self) -> bool {
        self.delivered.load(Ordering::SeqCst) >= self.expected.load(Ordering::SeqCst)
    }
}

/// Carries one outbox on.
pub struct Relay {
    db: Db,
    outlet: Arc<dyn Outlet>,
    place: Mutex<Place>,
}

/// Where in the outbox to look next. Before the last window lie only rows that are gone, which the database would still
/// have to step over, and now and then one whose transaction took longer than those after it.
#[derive(Debug)]
struct Place {
    first_of_last: i64,
    began_at: Option<Instant>,
}

impl Place {
    const BEGINNING: Self = Self { first_of_last: 0, began_at: None };

    fn look_from(&mut self) -> i64 {
        if self.began_at.is_some_and(|at| at.elapsed() < FROM_THE_BEGINNING) {
            return self.first_of_last;
        }
        self.began_at = Some(Instant::now());
        0
    }
}

impl std::fmt::Debug for Relay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Relay").finish_non_exhaustive()
    }
}

impl Relay {
    /// A relay from an outbox to an outlet.
    pub fn new(db: Db, outlet: Arc<dyn Outlet>) -> Self {
        Self { db, outlet, place: Mutex::new(Place::BEGINNING) }
    }

    /// Runs until `stop` turns true: at each ring of the database's bell, and every half second in case one was missed.
    /// A window that was not full took all there was; what came since has rung.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let bell = self.db.bell();
        while !*stop.borrow() {
            match self.carry_window().await {
                Ok(WINDOW) => {}
                Ok(carried) => {
                    tokio::time::sleep(collecting(carried, WINDOW)).await;
                    tokio::select! {
                        () = bell.notified() => {}
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
    }

    /// Carries on until nothing more can be carried now; answers how many events went. What a receiver cannot take
    /// in yet stays in the outbox and does not hold up the rest.
    ///
    /// # Errors
    /// The outlet or the database is away.
    pub async fn drain(&self) -> Result<usize, HandleError> {
        let mut carried = 0;
        loop {
            match self.carry_window().await? {
                0 => return Ok(carried),
                some => carried += some,
            }
        }
    }

    async fn carry_window(&self) -> Result<usize, HandleError> {
        let mut window = self.take().await?;
        if window.positions.is_empty() && self.look_everywhere() {
            window = self.take().await?;
        }
        let Window { held, positions, events } = window;
        let Some(first) = positions.first() else { return Ok(0) };
        self.place().first_of_last = *first;
        let postponed = self.outlet.carry(&events).await?;
        let ids = events.iter().map(|event| event.id);
        let (late, safe): (Vec<_>, Vec<_>) =
            positions.into_iter().zip(ids).partition(|(_, id)| postponed.contains(id));
        let until = unix_ms() + POSTPONED_MS;
        self.each_of(held.as_ref(), &just_positions(safe), "delete from outbox").await?;
        let postpone = format!("update outbox set postponed_until_ms = {until}");
        self.each_of(held.as_ref(), &just_positions(late), &postpone).await?;
        if let Some(held) = held {
            held.commit().await?;
        }
        Ok(events.len())
    }

    fn place(&self) -> MutexGuard<'_, Place> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long to wait for the bell. A ring says that something was committed, not where it lies: after a look that
    /// did not begin at the beginning there may be something before it.
    fn patience(&self) -> Duration {
        if self.place().first_of_last > 0 { FROM_THE_BEGINNING } else { POLL }
    }

    /// Has the next look begin at the beginning; answers whether that makes a difference.
    fn look_everywhere(&self) -> bool {
        let before = std::mem::replace(&mut *self.place(), Place::BEGINNING);
        before.first_of_last > 0
    }

    async fn take(&self) -> Result<Window, DbError> {
        let held = if self.db.is_embedded() { None } else { Some(self.db.write(Reach::Directory).await?) };
        let hold = if held.is_some() { "for update skip locked" } else { "" };
        let sql = format!(
            "select position, body from outbox where postponed_until_ms < $1 and position >= $2 \
             order by position limit $3 {hold}"
        );
        let most = i64::try_from(WINDOW).unwrap_or(i64::MAX);
        let values = [unix_ms().into(), self.place().look_from().into(), most.into()];
        let rows = match &held {
            Some(held) => held.rows(&sql, values).await?,
            None => self.db.alone(&sql, values).await?,
        };
        let (mut positions, mut events) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
        for row in &rows {
            let body: String = row.try_get("", "body")?;
            positions.push(row.try_get("", "position")?);
            events.push(serde_json::from_str(&body).map_err(|error| DbError::inconsistent("outbox", error))?);
        }
        Ok(Window { held, positions, events })
    }

    async fn each_of(&self, held: Option<&Tx>, positions: &[i64], what: &str) -> Result<(), DbError> {
        if positions.is_empty() {
            return Ok(());
        }
        let (which, values) = self.db.among("position", 1, positions);
        let sql = format!("{what} where {which}");
        match held {
            Some(held) => {
                held.run(&sql, values).await?;
            }
            None => {
                self.db.alone(&sql, values).await?;
            }
        }
        Ok(())
    }
}

/// Events on their way.
struct Window {
    /// What keeps other relays from these rows, where there can be others.
    held: Option<Tx>,
    positions: Vec<i64>,
    events: Vec<CloudEvent>,
}

/// How long to let events gather after a window of so many: the more came, the longer it pays to wait for company; a
/// full window means that there are more already.
pub(crate) fn collecting(carried: usize, full: usize) -> Duration {
    if carried >= full {
        return Duration::ZERO;
    }
    let millis = u64::try_from(carried).unwrap_or(u64::MAX);
    Duration::from_millis(millis).min(LONGEST_COLLECTING)
}

fn just_positions(rows: Vec<(i64, Uuid)>) -> Vec<i64> {
    rows.into_iter().map(|(position, _)| position).collect()
}

/// Putting off is an affair of the machine, not of the domain: it follows its own clock.
fn unix_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
