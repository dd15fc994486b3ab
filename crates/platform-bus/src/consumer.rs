//! The consumer of a service: reads each event by its type into a batch, and takes the batch in with a few statements.
//!
//! Always true: an event is read by the function of its type, so a type that is consumed has one; what a service does
//! with a batch does not depend on how many events are in it, or on how they are divided into batches.

use std::{fmt, marker::PhantomData};

use async_trait::async_trait;
use kernel::{CloudEvent, NetworkId, World};
use platform_db::{Db, Tx};

use crate::{HandleError, Handler};

/// A type of events with its version, and the function that reads such an event into a batch.
pub type Reads<B> = (&'static str, fn(&mut B, &CloudEvent) -> Result<(), HandleError>);

/// Returns the types of events that a table names.
pub const fn event_types<B, const N: usize>(reads: &[Reads<B>; N]) -> [&'static str; N] {
    let mut types = [""; N];
    let mut place = 0;
    while place < N {
        types[place] = reads[place].0;
        place += 1;
    }
    types
}

/// Events of one network, read and not yet taken in.
#[async_trait]
pub trait Batch: Default + Send + 'static {
    /// The service's name, used for its inbox and its queue.
    const CONSUMER: &'static str;
    /// The types of events that the service consumes, and how each is read.
    const READS: &'static [Reads<Self>];
    /// The types alone: [`event_types`] of the same table.
    const CONSUMES: &'static [&'static str];

    /// Takes the events in, in the transaction that also marks them as seen.
    ///
    /// # Errors
    /// See [`Handler::handle`].
    async fn take_in(self, tx: &Tx, world: &World, network: NetworkId) -> Result<(), HandleError>;
}

/// The consumer of a service.
pub struct Consumer<B> {
    db: Db,
    world: World,
    batch: PhantomData<fn() -> B>,
}

impl<B> Consumer<B> {
    /// Creates the consumer on the service's database.
    pub fn new(db: &Db, world: &World) -> Self {
        Self { db: db.clone(), world: world.clone(), batch: PhantomData }
    }
}

impl<B: Batch> fmt::Debug for Consumer<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Consumer({})", B::CONSUMER)
    }
}

#[async_trait]
impl<B: Batch> Handler for Consumer<B> {
    fn consumer(&self) -> &'static str {
        B::CONSUMER
    }

    fn consumes(&self) -> &'static [&'static str] {
        B::CONSUMES
    }

    fn db(&self) -> &Db {
        &self.db
    }

    #[tracing::instrument(name = "bus.take_in", skip_all, fields(consumer = B::CONSUMER, events = events.len()))]
    async fn handle(&self, tx: &Tx, events: &[CloudEvent]) -> Result<(), HandleError> {
        let Some(network) = events.first().map(|event| event.networkid) else { return Ok(()) };
        let mut batch = B::default();
        for event in events {
            if let Some((_, read)) = B::READS.iter().find(|(kind, _)| *kind == event.kind) {
                read(&mut batch, event)?;
            }
        }
        batch.take_in(tx, &self.world, network).await
    }
}
