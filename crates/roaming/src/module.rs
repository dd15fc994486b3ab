//! The service as the program runs it.

use std::sync::Arc;

use async_graphql::Request;
use async_trait::async_trait;
use kernel::{OpContext, World};
use platform_bus::{Consumer, Handler};
use platform_db::Db;
use platform_jobs::Kind;
use platform_module::{About, Finding, Module};

use crate::{
    AUDITED_ACTIONS, CONSUMES, MissingRate, NoRate, Roaming, RoamingError, consumer::Batch, graphql, personal,
};

/// What every process knows of the service.
pub static ABOUT: About = About {
    name: "roaming",
    consumes: CONSUMES,
    audits: AUDITED_ACTIONS,
    export: &personal::EXPORT,
    impersonal: personal::IMPERSONAL,
    knows: "your roaming passes, and what your visits to other hubs cost",
    networks: "roaming_network",
    hubs: "roaming_hub",
    counted: &["roaming_pass", "charge", "ledger_entry"],
};

#[async_trait]
impl Module for Roaming {
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
        vec![self.settle_months_kind()]
    }

    /// Missing exchange rates are reported before the settlement of their month fails.
    async fn examine(&self, op: &OpContext) -> Vec<Finding> {
        vec![Finding::new("exchange rates", missing_rates(self, op).await)]
    }

    /// R10: every transaction of the ledger sums to zero in each currency, and every charge is in it.
    async fn verify(&self, _op: &OpContext, _repair: bool) -> Vec<Finding> {
        vec![
            Finding::new("ledger", balance(self).await),
            Finding::new("charges and ledger", posted(self).await),
        ]
    }
}

async fn missing_rates(roaming: &Roaming, op: &OpContext) -> Result<Result<String, String>, RoamingError> {
    let missing = roaming.examine_rates(op).await?;
    if missing.is_empty() {
        return Ok(Ok("none needed, or all there".into()));
    }
    let describe = |it: &MissingRate| match it.instead {
        NoRate::Missing => format!("none of {} on or before {}", it.currency, it.on),
        NoRate::Stale(rate) => format!("that of {} is of {}, too old for {}", it.currency, rate.on, it.on),
    };
    let all: Vec<String> = missing.iter().map(describe).collect();
    Ok(Err(format!("{}: add them to the file in roaming.rates_file", all.join("; "))))
}

async fn balance(roaming: &Roaming) -> Result<Result<String, String>, RoamingError> {
    let mut unbalanced = 0;
    for network in roaming.list_networks().await? {
        unbalanced += roaming.count_unbalanced_transactions(network).await?;
    }
    Ok(match unbalanced {
        0 => Ok("every transaction sums to zero".into()),
        some => Err(format!("{some} transactions do not sum to zero")),
    })
}

async fn posted(roaming: &Roaming) -> Result<Result<String, String>, RoamingError> {
    let mut unposted = 0;
    for network in roaming.list_networks().await? {
        unposted += roaming.count_unposted_charges(network).await?;
    }
    Ok(match unposted {
        0 => Ok("every charge has its entry".into()),
        some => Err(format!("{some} charges have no entry in the ledger: restore a backup that has them")),
    })
}
