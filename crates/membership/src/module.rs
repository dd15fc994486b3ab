//! The service as the program runs it.

use std::sync::Arc;

use async_graphql::Request;
use async_trait::async_trait;
use kernel::{DataSubject, OpContext, World};
use platform_bus::{Consumer, Handler};
use platform_db::{Db, DbError, Reach, describe_old_addresses};
use platform_jobs::Kind;
use platform_module::{About, Finding, Module};

use crate::{AUDITED_ACTIONS, CONSUMES, Membership, consumer::Batch, graphql, personal, store};

/// What every process knows of the service.
pub static ABOUT: About = About {
    name: "membership",
    consumes: CONSUMES,
    audits: AUDITED_ACTIONS,
    export: &personal::EXPORT,
    impersonal: personal::IMPERSONAL,
    knows: "who you are to your hub: name, address, membership, chips, visits and each touch of a reader",
    networks: "network",
    hubs: "hub",
    counted: &["hub", "member", "touch", "visit"],
};

#[async_trait]
impl Module for Membership {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn db(&self) -> &Db {
        &self.db
    }

    fn handler(&self, world: &World) -> Arc<dyn Handler> {
        Arc::new(Consumer::<Batch>::new(&self.db, world))
    }

    fn with_request_data(&self, request: Request, op: &OpContext) -> Request {
        graphql::with_request_data(self, request, op)
    }

    async fn was_erased(&self, subject: DataSubject) -> Result<bool, DbError> {
        let Some(member) = subject.member else { return Ok(false) };
        let tx = self.db.read(Reach::Network(subject.network)).await?;
        let found = store::person::find(&tx, subject.network, member).await?;
        Ok(found.is_some_and(|person| person.erased_at.is_some()))
    }

    fn jobs(&self) -> Vec<Kind> {
        vec![self.forgotten_visits(), self.member_index()]
    }

    async fn has_demonstration(&self) -> Result<bool, DbError> {
        store::network::has_demonstration(&self.db.read(Reach::Directory).await?).await
    }

    /// One mailbox is one member; an address stored before it had one form may be another person's.
    async fn examine(&self, _op: &OpContext) -> Vec<Finding> {
        let old = self.examine_addresses().await;
        let old = old.map(|old| describe_old_addresses(&old, "erase the one that nobody uses"));
        vec![Finding::new("mailboxes of members", old)]
    }
}
