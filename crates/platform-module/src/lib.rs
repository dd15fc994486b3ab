//! What a service is to the program that runs it: [`About`], which is known in every process, and [`Module`], the service
//! where it runs.
//!
//! Always true:
//! - The program learns what it needs of a service from here. It reads no table of a service, and names a service only to
//!   use what that service alone does (sign-in, the opening hours of a hub).
//! - A service that does not run in a process is not touched there: nothing of it exists but its [`About`].

mod audit;
mod finding;
mod graphql;
mod rows;

use std::{any::Any, fmt::Debug, sync::Arc};

use async_graphql::Request;
use async_trait::async_trait;
use kernel::{DataSubject, Export, HubId, NetworkId, OpContext, World};
use platform_bus::Handler;
use platform_db::{Db, DbError};
use platform_jobs::Kind;

pub use audit::read_audit;
pub use finding::Finding;
pub use graphql::{resolve_audit, resolve_personal_data, service};
pub use rows::count_rows;

/// What is known of a service in every process of an installation.
#[derive(Debug)]
pub struct About {
    /// The name: of its schema, its login role, its queue, its subgraph and its process.
    pub name: &'static str,
    /// The types of events that it consumes.
    pub consumes: &'static [&'static str],
    /// The actions that it audits.
    pub audits: &'static [&'static str],
    /// Its personal columns, and what an export shows of them.
    pub export: &'static Export,
    /// Its tables, each with the columns that hold no personal data.
    pub impersonal: &'static [(&'static str, &'static [&'static str])],
    /// What it knows about a person, in the words of an export's manifest.
    pub knows: &'static str,
    /// The table that has a row, or several, for each network it knows.
    pub networks: &'static str,
    /// The table that has the network of each hub it knows.
    pub hubs: &'static str,
    /// Tables whose rows `hubnet verify` counts in each network, to compare two databases.
    pub counted: &'static [&'static str],
}

impl About {
    /// Returns whether it shows anything to the subject of an export.
    pub fn shows_personal_data(&self) -> bool {
        !self.export.tables.is_empty()
    }
}

/// A service that runs in this process.
#[async_trait]
pub trait Module: Any + Debug + Send + Sync {
    /// What is known of the service everywhere.
    fn about(&self) -> &'static About;

    /// The service's database.
    fn db(&self) -> &Db;

    /// The consumer of the other services' events.
    fn handler(&self, world: &World) -> Arc<dyn Handler>;

    /// Adds to a request what the resolvers need: the service and its loaders, bound to the caller's context.
    fn with_request_data(&self, request: Request, op: &OpContext) -> Request;

    /// The networks that the service knows.
    async fn list_networks(&self) -> Result<Vec<NetworkId>, DbError> {
        rows::list_networks(self.db(), self.about().networks).await
    }

    /// The network of a hub; `None` if the service does not know the hub, or not yet.
    async fn find_network_of_hub(&self, hub: HubId) -> Result<Option<NetworkId>, DbError> {
        rows::find_network_of_hub(self.db(), self.about().hubs, hub).await
    }

    /// Whether the subject of an export was erased: then nothing kept here leads to them, and nothing is shown.
    async fn was_erased(&self, _subject: DataSubject) -> Result<bool, DbError> {
        Ok(false)
    }

    /// The kinds of jobs that the service does, recurring ones included.
    fn jobs(&self) -> Vec<Kind> {
        Vec::new()
    }

    /// Whether the database holds the demonstration network, which a production does not serve.
    async fn has_demonstration(&self) -> Result<bool, DbError> {
        Ok(false)
    }

    /// What `hubnet doctor` checks of the service's surroundings: its keys, files, providers and old rows.
    async fn examine(&self, _op: &OpContext) -> Vec<Finding> {
        Vec::new()
    }

    /// Compares what the service stores twice, in every network; with `repair`, makes it equal where that is possible.
    /// `hubnet doctor` and `hubnet verify` report it.
    async fn verify(&self, _op: &OpContext, _repair: bool) -> Vec<Finding> {
        Vec::new()
    }
}
