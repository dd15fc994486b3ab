//! Verifies chains: follows every link from the first record to the head.

use std::collections::BTreeMap;

use kernel::{HubId, NetworkId};
use uuid::Uuid;

use super::{COLUMNS, chain::End, record};
use crate::{DbError, Tx};

const AT_ONCE: i64 = 500;

/// The end of a whole chain. A copy kept elsewhere proves later that nothing before it was rewritten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainHead {
    /// The hub, or `None` for the network's own chain.
    pub hub: Option<HubId>,
    /// The last record's sequence, which is the number of records.
    pub sequence: i64,
    /// The last record's hash.
    pub hash: String,
}

/// The place where a chain is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenLink {
    /// The hub, or `None` for the network's own chain.
    pub hub: Option<HubId>,
    /// The first invalid record.
    pub sequence: i64,
    /// What is wrong with it.
    pub what: &'static str,
}

/// The result of a verification.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verified {
    /// The heads of the valid chains.
    pub heads: Vec<ChainHead>,
    /// The first broken link of each invalid chain.
    pub broken: Vec<BrokenLink>,
}

/// Verifies the chains of a network, or only one. Each of the `known` ends, seen before, must still be in its place.
///
/// # Errors
/// Fails if the database is away.
pub async fn verify_audit(
    tx: &Tx,
    network: NetworkId,
    only: Option<HubId>,
    known: &[ChainHead],
) -> Result<Verified, DbError> {
    let mut verified = Verified::default();
    for (chain, head) in chains(tx, network, known).await? {
        let hub = (chain != Uuid::from(network)).then(|| HubId::from(chain));
        if only.is_some() && only != hub {
            continue;
        }
        let seen: Vec<&ChainHead> = known.iter().filter(|known| known.hub == hub).collect();
        match follow(tx, network, chain, head, &seen).await? {
            Ok(End { sequence, hash }) => verified.heads.push(ChainHead { hub, sequence, hash }),
            Err((sequence, what)) => verified.broken.push(BrokenLink { hub, sequence, what }),
        }
    }
    Ok(verified)
}

/// Every chain that left a trace, with its current head.
async fn chains(
    tx: &Tx,
    network: NetworkId,
    known: &[ChainHead],
) -> Result<BTreeMap<Uuid, Option<End>>, DbError> {
    let id = Uuid::from(network);
    let traces = tx.rows("select distinct chain_id from audit where network_id = $1", [id.into()]).await?;
    let mut chains: BTreeMap<Uuid, Option<End>> = BTreeMap::new();
    for trace in &traces {
        chains.insert(trace.try_get("", "chain_id")?, None);
    }
    chains.extend(known.iter().map(|known| (known.hub.map_or(id, Uuid::from), None)));
    let sql = "select chain_id, sequence, hash from audit_head where network_id = $1";
    for head in &tx.rows(sql, [id.into()]).await? {
        let end = End { sequence: head.try_get("", "sequence")?, hash: head.try_get("", "hash")? };
        chains.insert(head.try_get("", "chain_id")?, Some(end));
    }
    Ok(chains)
}

type Followed = Result<End, (i64, &'static str)>;

async fn follow(
    tx: &Tx,
    network: NetworkId,
    chain: Uuid,
    head: Option<End>,
    seen: &[&ChainHead],
) -> Result<Followed, DbError> {
    let sql = format!(
        "select {COLUMNS} from audit where network_id = $1 and chain_id = $2 and sequence > $3 \
         order by sequence limit $4"
    );
    let is_own = |hub: Option<HubId>| hub.map_or_else(|| Uuid::from(network), Uuid::from) == chain;
    let (mut end, mut after) = (End::of_nothing(), i64::MIN);
    loop {
        let values = [Uuid::from(network).into(), chain.into(), after.into(), AT_ONCE.into()];
        let rows = tx.rows(&sql, values).await?;
        let Some(last) = rows.last() else { break };
        after = last.try_get("", "sequence")?;
        for row in &rows {
            let Ok(next) = record(row) else { return Ok(Err((end.sequence + 1, "it cannot be read"))) };
            if !is_own(next.hub) {
                return Ok(Err((next.sequence, "it belongs to another chain")));
            }
            if let Err(what) = end.accept(chain, &next) {
                return Ok(Err((next.sequence, what)));
            }
            let differs = |known: &&&ChainHead| known.sequence == end.sequence && known.hash != end.hash;
            if seen.iter().any(|known| differs(&known)) {
                return Ok(Err((end.sequence, "it is not the record that was seen here before")));
            }
        }
    }
    if seen.iter().any(|known| known.sequence > end.sequence) {
        return Ok(Err((end.sequence + 1, "records that were seen before are gone")));
    }
    Ok(match head {
        Some(head) if head == end => Ok(end),
        Some(head) if head.sequence > end.sequence => Err((end.sequence + 1, "the end of the chain is gone")),
        Some(_) => Err((end.sequence, "the head of the chain does not match its last record")),
        None => Err((end.sequence, "the head of the chain is gone")),
    })
}
