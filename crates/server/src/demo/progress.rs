//! The progress of the demo network's loading, kept in the same database.
//!
//! Always true: from before the first row of the demo network until after its last account, the database records that
//! loading has begun, and for which day. Each step is marked after its effect. A process that is killed at any moment
//! therefore leaves either a whole demo network or one that the next start completes.

use std::sync::Arc;

use jiff::{Timestamp, civil::Date};
use kernel::{ManualClock, NetworkId, OpContext, OsEntropy, World};
use platform_db::{Db, DbError, Idempotent, Reach, find_outcome, forget_operation, no_network};
use serde::{Deserialize, Serialize};

use crate::{App, GraphError};

const OPERATION: &str = "loadDemo";
const BEGUN: &str = "begun";
/// The year 2999: a key is swept two days after it was claimed, and a mark stays until it is removed.
const NEVER_SWEPT: Timestamp = Timestamp::constant(32_472_144_000, 0);

/// How much of the demo network exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DemoState {
    /// Nothing, and no other network either.
    Empty,
    /// A part: its loading for this day was interrupted.
    Interrupted(Date),
    /// All of it, or another network.
    Loaded,
}

/// The result of a step.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Step {
    pub(crate) taken: u64,
    pub(crate) denied: u64,
}

/// The marks of one loading.
#[derive(Debug, Clone)]
pub(crate) struct Progress {
    db: Db,
    /// A separate clock: the loading application's moves through half a year, and a mark must not expire meanwhile.
    world: World,
}

impl Progress {
    /// The marks in an application that runs membership.
    pub(crate) fn of(app: &App) -> Result<Self, GraphError> {
        let db = app.databases().first().cloned().ok_or_else(|| failed("no service runs here"))?;
        let clock = Arc::new(ManualClock::at(NEVER_SWEPT));
        Ok(Self { db, world: World::new(clock, Arc::new(OsEntropy)) })
    }

    /// The day for which an interrupted loading was begun.
    pub(crate) async fn begun(&self) -> Result<Option<Date>, GraphError> {
        let tx = self.db.read(Reach::Directory).await.map_err(failed)?;
        let kept = find_outcome(&tx, OPERATION, BEGUN).await.map_err(failed)?;
        kept.map(|day| serde_json::from_str(&day)).transpose().map_err(failed)
    }

    /// Marks the beginning of a loading for a day.
    pub(crate) async fn begin(&self, until: Date) -> Result<(), GraphError> {
        self.mark(Reach::Directory, BEGUN, &until).await
    }

    /// The result of a step, if it is done.
    pub(crate) async fn find(&self, network: NetworkId, step: usize) -> Result<Option<Step>, GraphError> {
        let op = self.op(&step.to_string());
        let idempotent = self.db.idempotent(&op, Reach::Network(network), OPERATION, &());
        match idempotent.await.map_err(failed)? {
            Idempotent::Replayed(step) => Ok(Some(step)),
            Idempotent::New(_dropped) => Ok(None),
        }
    }

    /// Marks a step as done.
    pub(crate) async fn done(&self, network: NetworkId, number: usize, step: Step) -> Result<(), GraphError> {
        self.mark(Reach::Network(network), &number.to_string(), &step).await
    }

    /// Marks the loading as complete: removes the steps' marks first, so that none remains without a beginning.
    pub(crate) async fn end(&self, network: NetworkId) -> Result<(), GraphError> {
        for (reach, of) in [(Reach::Network(network), network), (Reach::Directory, no_network())] {
            let forget = async {
                let tx = self.db.write(reach).await?;
                forget_operation(&tx, of, OPERATION).await?;
                tx.commit().await
            };
            forget.await.map_err(|error: DbError| failed(error))?;
        }
        Ok(())
    }

    async fn mark(
        &self,
        reach: Reach,
        key: &str,
        outcome: &(impl Serialize + Sync),
    ) -> Result<(), GraphError> {
        match self
            .db
            .idempotent::<serde_json::Value>(&self.op(key), reach, OPERATION, &())
            .await
            .map_err(failed)?
        {
            Idempotent::New(tx) => tx.commit_with_outcome(outcome).await.map_err(failed),
            Idempotent::Replayed(_marked) => Ok(()),
        }
    }

    fn op(&self, key: &str) -> OpContext {
        OpContext::system(self.world.clone()).with_idempotency_key(Some(key.to_owned()))
    }
}

fn failed(error: impl std::fmt::Display) -> GraphError {
    GraphError::new("UNAVAILABLE", error)
}
