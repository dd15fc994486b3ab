//! The service as the program runs it.

use std::sync::Arc;

use async_graphql::Request;
use async_trait::async_trait;
use kernel::{OpContext, World};
use platform_bus::{Consumer, Handler};
use platform_db::{Db, DbError, Reach, describe_old_addresses};
use platform_jobs::Kind;
use platform_module::{About, Finding, Module};

use crate::{
    AUDITED_ACTIONS, CONSUMES, Identity, IdentityError, consumer::Batch, graphql, personal, store::copies,
};

/// What every process knows of the service.
pub static ABOUT: About = About {
    name: "identity",
    consumes: CONSUMES,
    audits: AUDITED_ACTIONS,
    export: &personal::EXPORT,
    impersonal: personal::IMPERSONAL,
    knows: "how you sign in: account, sessions, roles, codes and mail",
    networks: "identity_network",
    hubs: "identity_hub",
    counted: &["sign_in_account"],
};

#[async_trait]
impl Module for Identity {
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

    fn jobs(&self) -> Vec<Kind> {
        self.mail_jobs()
    }

    async fn has_demonstration(&self) -> Result<bool, DbError> {
        copies::has_demonstration(&self.db.read(Reach::Directory).await?).await
    }

    /// Without its key all second-factor codes would be refused, so it is tested before it is needed. Providers are
    /// asked, and accounts whose address may be another person's are named.
    async fn examine(&self, _op: &OpContext) -> Vec<Finding> {
        let mut findings = vec![sealing_key(self.examine_sealing_key().await)];
        for (key, outcome) in self.examine_providers().await {
            findings.push(Finding { part: format!("provider {key}"), outcome });
        }
        let old = self.examine_addresses().await;
        let old: Result<Vec<_>, _> = old.map(|old| old.iter().map(|it| (it.person, it.holder)).collect());
        let remedy = "only the second of each pair signs in with it: invite the first to another address";
        findings
            .push(Finding::new("mailboxes of accounts", old.map(|old| describe_old_addresses(&old, remedy))));
        findings
    }
}

fn sealing_key(examined: Result<usize, IdentityError>) -> Finding {
    let outcome = match examined {
        Ok(0) => Ok("there, and nothing is sealed with it yet".into()),
        Ok(_) => Ok("opens the second factors in the database".into()),
        Err(error @ IdentityError::Unopened(_)) => {
            Err(format!("{error} Put the one back that belongs to this database"))
        }
        Err(error) => Err(error.to_string()),
    };
    Finding { part: "sealing key".into(), outcome }
}
