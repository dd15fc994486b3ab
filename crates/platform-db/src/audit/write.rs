//! Writes audit events, as the last step of a transaction before its commit.

use std::collections::BTreeMap;

use kernel::{AuditEvent, AuditRecord, HubId, NetworkId, OpContext};
use sea_orm::Value;
use uuid::Uuid;

use super::{
    as_stored,
    chain::{End, hash},
};
use crate::{DbError, Reach, Ts, Tx};

/// An audit event that waits for the commit of its transaction.
#[derive(Debug)]
pub(crate) struct Pending {
    network: NetworkId,
    hub: Option<HubId>,
    record: AuditRecord,
}

impl Pending {
    pub(crate) fn new(op: &OpContext, audit_event: AuditEvent) -> Self {
        let AuditEvent { network, hub, action, object, detail } = audit_event;
        let record = AuditRecord {
            sequence: 0,
            network,
            hub,
            at: as_stored(op.now()),
            actor: op.caller().actor(),
            roles: op.roles_at(network, hub),
            action: action.into(),
            object,
            detail: detail.to_string(),
            previous_hash: String::new(),
            hash: String::new(),
        };
        Self { network, hub, record }
    }

    fn chain(&self) -> (NetworkId, Option<HubId>) {
        (self.network, self.hub)
    }
}

/// Links audit events to their chains. Chains are locked in one order, so two transactions never deadlock.
pub(crate) async fn write(tx: &Tx, audit_events: Vec<Pending>) -> Result<(), DbError> {
    let mut by_chain: BTreeMap<(NetworkId, Option<HubId>), Vec<AuditRecord>> = BTreeMap::new();
    for audit_event in audit_events {
        by_chain.entry(audit_event.chain()).or_default().push(audit_event.record);
    }
    for ((network, hub), records) in by_chain {
        tx.reach_for(network, hub).await?;
        link(tx, network, hub, records).await?;
    }
    Ok(())
}

async fn link(
    tx: &Tx,
    network: NetworkId,
    hub: Option<HubId>,
    mut records: Vec<AuditRecord>,
) -> Result<(), DbError> {
    let chain = hub.map_or_else(|| Uuid::from(network), Uuid::from);
    let mut end = lock_head(tx, network, hub, chain).await?;
    for record in &mut records {
        record.sequence = end.sequence + 1;
        record.previous_hash = end.hash;
        record.hash = hash(chain, record);
        end = End { sequence: record.sequence, hash: record.hash.clone() };
    }
    let rows = records.into_iter().map(|record| row(chain, record)).collect();
    let head = "insert into audit (chain_id, sequence, network_id, hub_id, at, actor, roles, action, object, \
                detail, previous_hash, hash)";
    tx.insert_rows::<12>(head, rows, "").await?;
    let sql = "update audit_head set sequence = $1, hash = $2 where network_id = $3 and chain_id = $4";
    tx.run(sql, [end.sequence.into(), end.hash.into(), Uuid::from(network).into(), chain.into()]).await?;
    Ok(())
}

/// Locks a chain's end until the commit; begins the chain if there is none.
async fn lock_head(tx: &Tx, network: NetworkId, hub: Option<HubId>, chain: Uuid) -> Result<End, DbError> {
    let sql = "insert into audit_head (network_id, chain_id, hub_id, sequence, hash) values ($1, $2, $3, $4, $5) \
               on conflict (network_id, chain_id) do update set sequence = audit_head.sequence \
               returning sequence, hash";
    let none = End::of_nothing();
    let values = [
        Uuid::from(network).into(),
        chain.into(),
        hub.map(Uuid::from).into(),
        none.sequence.into(),
        none.hash.into(),
    ];
    let row = tx.row(sql, values).await?;
    let row = row.ok_or_else(|| DbError::inconsistent("audit_head", "no head to lock"))?;
    Ok(End { sequence: row.try_get("", "sequence")?, hash: row.try_get("", "hash")? })
}

fn row(chain: Uuid, record: AuditRecord) -> [Value; 12] {
    [
        chain.into(),
        record.sequence.into(),
        Uuid::from(record.network).into(),
        record.hub.map(Uuid::from).into(),
        Ts(record.at).into(),
        record.actor.into(),
        record.roles.into(),
        record.action.into(),
        record.object.into(),
        record.detail.into(),
        record.previous_hash.into(),
        record.hash.into(),
    ]
}

impl Tx {
    /// Widens the transaction's reach if it does not cover a chain.
    async fn reach_for(&self, network: NetworkId, hub: Option<HubId>) -> Result<(), DbError> {
        let is_covered = match self.reach() {
            Reach::Hub(at, inside) => at == network && Some(inside) == hub,
            Reach::Network(at) => at == network,
            Reach::Directory => false,
        };
        if is_covered { Ok(()) } else { self.enter(Reach::Network(network)).await }
    }
}
