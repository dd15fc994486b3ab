//! `hubnet events replay`: republishes to one service what the others have kept for it.
//!
//! Always true: a service takes in only unseen events, unless it is to handle everything again. Its handlers are
//! idempotent, so either may be repeated. Events go in in the order they were emitted.

use clap::Args;
use jiff::Timestamp;
use kernel::{CloudEvent, World};
use platform_bus::{HandleError, Handler, Known, Reading, deliver_as, read_kept};
use platform_db::Db;

use crate::{App, Config, Exit, ExitCode, ServiceSet};

/// What to publish again, and to whom.
#[derive(Debug, Args)]
pub struct ReplayEvents {
    /// The service: membership, roaming, events, monitoring or identity.
    #[arg(long, value_name = "SERVICE")]
    pub to: String,
    /// The instant from which on events were emitted (RFC 3339).
    #[arg(long, value_name = "TIME", value_parser = kernel::read_instant)]
    pub since: Timestamp,
    /// Have those handled again that the service has had: to repair an effect that was lost.
    #[arg(long)]
    pub again: bool,
}

/// Republishes the events, and prints how many there were.
///
/// # Errors
/// Fails if there is no such service or a database is away.
pub async fn replay_events(config: &Config, asked: &ReplayEvents) -> Result<(), Exit> {
    let app = App::open(config, ServiceSet::All, World::real()).await?;
    let handlers = app.handlers();
    let Some(handler) = handlers.iter().find(|handler| handler.consumer() == asked.to) else {
        let names: Vec<_> = handlers.iter().map(|handler| handler.consumer()).collect();
        let message = format!("{:?} is no service: --to takes one of {}", asked.to, names.join(", "));
        return Err(Exit::new(ExitCode::DataError, message));
    };
    let known = if asked.again { Known::HandledAgain } else { Known::Skipped };
    let wanted = |event: &CloudEvent| event.time >= asked.since;
    let replayed = replay(handler.as_ref(), app.databases(), known, wanted)
        .await
        .map_err(|error| Exit::because(ExitCode::Unavailable, &error))?;
    println!("{}: {} published again, {} taken in", asked.to, replayed.published, replayed.taken_in);
    Ok(())
}

/// The result of republishing.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Replayed {
    /// The number of published events.
    pub(super) published: usize,
    /// The number of those that were new or handled again.
    pub(super) taken_in: usize,
}

/// Republishes to one receiver the kept events that it consumes, in the order they were emitted.
pub(super) async fn replay(
    handler: &dyn Handler,
    sources: &[Db],
    known: Known,
    is_wanted: impl Fn(&CloudEvent) -> bool,
) -> Result<Replayed, HandleError> {
    let mut streams = Vec::new();
    for source in sources {
        for reading in read_kept(source, handler.consumes()).await? {
            streams.push(Stream { source, reading, read: Vec::new().into_iter(), first: None });
        }
    }
    for stream in &mut streams {
        stream.advance(&is_wanted).await?;
    }
    let mut replayed = Replayed::default();
    loop {
        let batch = next_batch(&mut streams, &is_wanted).await?;
        if batch.is_empty() {
            return Ok(replayed);
        }
        replayed.published += batch.len();
        replayed.taken_in += deliver_as(handler, &batch, known).await?;
    }
}

const BATCH: usize = 200;

/// The next events of all streams together, by the time they were emitted.
async fn next_batch(
    streams: &mut [Stream<'_>],
    is_wanted: &impl Fn(&CloudEvent) -> bool,
) -> Result<Vec<CloudEvent>, HandleError> {
    let mut batch = Vec::with_capacity(BATCH);
    while batch.len() < BATCH {
        let order = |stream: &&mut Stream<'_>| stream.first.as_ref().map(|event| (event.time, event.id));
        let earliest = streams.iter_mut().filter(|stream| stream.first.is_some()).min_by_key(order);
        let Some(stream) = earliest else { break };
        batch.extend(stream.first.take());
        stream.advance(is_wanted).await?;
    }
    Ok(batch)
}

/// One stream of a source, page by page.
struct Stream<'a> {
    source: &'a Db,
    reading: Reading,
    read: std::vec::IntoIter<CloudEvent>,
    /// The next event; none at the end.
    first: Option<CloudEvent>,
}

impl Stream<'_> {
    async fn advance(&mut self, is_wanted: &impl Fn(&CloudEvent) -> bool) -> Result<(), HandleError> {
        loop {
            if let Some(event) = self.read.find(is_wanted) {
                self.first = Some(event);
                return Ok(());
            }
            let page = self.reading.next(self.source).await?;
            if page.is_empty() {
                return Ok(());
            }
            self.read = page.into_iter();
        }
    }
}
