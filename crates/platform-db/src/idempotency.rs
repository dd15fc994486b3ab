//! Idempotency: a request repeated under one key takes effect once and gets the same response each time.
//!
//! Always true:
//! - The key is claimed, the effect done and its outcome kept in one transaction: no effect lacks its outcome, and a
//!   refusal leaves the key free.
//! - A key belongs to one caller, one operation and one network; another caller's equal key is a different one.
//! - For two concurrent copies, the database makes the second wait for the first; it then returns the first one's
//!   outcome.
//! - Of the request only a hash is kept. The kept outcome identifies people by ids only.

use jiff::{SignedDuration, Timestamp};
use kernel::{Caller, ErrorCode, NetworkId, OpContext};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{Db, DbError, Reach, Ts, Tx};

/// The longest key: room for a UUID, and for the same key to serve as a touch's event id.
pub const LONGEST_KEY: usize = 60;
/// How long a person's or integration's key is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(48);
/// How long a device's key is kept: as long as a device may keep its log to itself, plus a day.
const KEPT_FOR_DEVICES: SignedDuration = SignedDuration::from_hours(8 * 24);

/// Whether a request is the first under its key.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "it is taken apart where it is made")]
pub enum Idempotent<T> {
    /// The request is new or has no key: do it in this transaction, and end it with [`Tx::commit_with_outcome`].
    New(Tx),
    /// The request was done before, with this outcome.
    Replayed(T),
}

/// Why nothing was done under a key.
#[derive(Debug, thiserror::Error)]
pub enum IdempotencyError {
    /// The key was used before, with another request.
    #[error("another request was made under this Idempotency-Key")]
    KeyUsed,
    /// The key is malformed.
    #[error("Idempotency-Key: 1 to {LONGEST_KEY} visible ASCII characters")]
    BadKey,
    /// A request or an outcome cannot be serialized.
    #[error("the request cannot be written down")]
    Unwritable(#[from] serde_json::Error),
    /// The database failed.
    #[error("the database did not do it")]
    Db(#[from] DbError),
}

impl IdempotencyError {
    /// The stable code of this error.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::KeyUsed => ErrorCode::IdempotencyConflict,
            Self::BadKey => ErrorCode::InvalidInput,
            Self::Unwritable(_) => ErrorCode::Internal,
            Self::Db(error) => error.code(),
        }
    }
}

/// A key that a transaction has claimed; the transaction must end with an outcome.
#[derive(Debug, Clone)]
pub(crate) struct Claim {
    network: NetworkId,
    caller: String,
    operation: &'static str,
    key: String,
}

impl Db {
    /// Opens a writing transaction for a request that may be a repetition under the caller's key for this operation.
    /// Call it after the permission check and before any check whose result may have changed since the first request.
    ///
    /// # Errors
    /// See [`IdempotencyError`].
    pub async fn idempotent<T: DeserializeOwned>(
        &self,
        op: &OpContext,
        reach: Reach,
        operation: &'static str,
        input: &impl Serialize,
    ) -> Result<Idempotent<T>, IdempotencyError> {
        let Some(key) = op.idempotency_key() else { return Ok(Idempotent::New(self.write(reach).await?)) };
        check(key)?;
        let claim =
            Claim { network: network_of(reach), caller: op.caller().actor(), operation, key: key.to_owned() };
        let input_hash = hex::encode(Sha256::digest(serde_json::to_vec(input)?));
        let tx = self.write(reach).await?;
        if claim.take(&tx, op, &input_hash).await? {
            tx.hold_claim(claim);
            return Ok(Idempotent::New(tx));
        }
        let (before, outcome) = claim.look_up(&tx).await?;
        if before != input_hash {
            return Err(IdempotencyError::KeyUsed);
        }
        Ok(Idempotent::Replayed(serde_json::from_str(&outcome)?))
    }
}

impl Tx {
    /// Keeps the outcome for repeated requests, and commits.
    ///
    /// # Errors
    /// Fails if the database is away; nothing is stored then.
    pub async fn commit_with_outcome(self, outcome: &impl Serialize) -> Result<(), IdempotencyError> {
        if let Some(claim) = self.take_claim() {
            if network_of(self.reach()) != claim.network {
                self.enter(Reach::Network(claim.network)).await?;
            }
            claim.keep_outcome(&self, &serde_json::to_string(outcome)?).await?;
        }
        Ok(self.commit().await?)
    }
}

impl Claim {
    /// Whether the key was free: unknown or expired. Waits for a transaction that holds it.
    async fn take(&self, tx: &Tx, op: &OpContext, input_hash: &str) -> Result<bool, DbError> {
        let kept = if matches!(op.caller(), Caller::Device { .. }) { KEPT_FOR_DEVICES } else { KEPT };
        let sql = "insert into idempotency (network_id, caller, operation, key, input_hash, outcome, expires_at) \
                   values ($1, $2, $3, $4, $5, null, $6) on conflict (network_id, caller, operation, key) \
                   do update set input_hash = excluded.input_hash, outcome = null, expires_at = excluded.expires_at \
                   where idempotency.expires_at <= $7";
        let times = [Ts(op.now() + kept).into(), Ts(op.now()).into()];
        let values = self.values().into_iter().chain([input_hash.into()]).chain(times);
        Ok(tx.run(sql, values).await?.rows_affected() == 1)
    }

    async fn look_up(&self, tx: &Tx) -> Result<(String, String), DbError> {
        let sql = "select input_hash, outcome from idempotency \
                   where network_id = $1 and caller = $2 and operation = $3 and key = $4";
        let row = tx.row(sql, self.values()).await?;
        let row =
            row.ok_or_else(|| DbError::inconsistent("idempotency", "a key that is taken is not there"))?;
        Ok((row.try_get("", "input_hash")?, row.try_get("", "outcome")?))
    }

    async fn keep_outcome(&self, tx: &Tx, outcome: &str) -> Result<(), DbError> {
        let sql = "update idempotency set outcome = $5 \
                   where network_id = $1 and caller = $2 and operation = $3 and key = $4";
        tx.run(sql, self.values().into_iter().chain([outcome.into()])).await?;
        Ok(())
    }

    fn values(&self) -> [sea_orm::Value; 4] {
        [
            Uuid::from(self.network).into(),
            self.caller.as_str().into(),
            self.operation.into(),
            self.key.as_str().into(),
        ]
    }
}

/// Deletes a network's expired keys and returns their number.
///
/// # Errors
/// Fails if the database is away.
pub async fn sweep_keys(tx: &Tx, network: NetworkId, now: Timestamp) -> Result<u64, DbError> {
    let sql = "delete from idempotency where network_id = $1 and expires_at <= $2";
    Ok(tx.run(sql, [Uuid::from(network).into(), Ts(now).into()]).await?.rows_affected())
}

/// Deletes the kept requests whose caller or outcome contains one of some ids: a person's own, and those about them.
/// The request that erased them stays, so that it can be repeated; it holds nothing but their id.
///
/// # Errors
/// Fails if the database is away.
pub async fn forget_keys(tx: &Tx, network: NetworkId, ids: &[String]) -> Result<(), DbError> {
    let sql = "delete from idempotency where network_id = $1 and outcome is not null \
               and operation <> 'eraseMember' and (caller = $2 or outcome like '%' || $3 || '%')";
    for id in ids {
        let values = [Uuid::from(network).into(), id.as_str().into(), id.as_str().into()];
        tx.run(sql, values).await?;
    }
    Ok(())
}

/// Returns the outcome under a key of an operation without a network, however old; `None` if the key is free.
///
/// # Errors
/// Fails if the database is away.
pub async fn find_outcome(tx: &Tx, operation: &str, key: &str) -> Result<Option<String>, DbError> {
    let sql = "select outcome from idempotency where network_id = $1 and operation = $2 and key = $3";
    let row = tx.row(sql, [Uuid::from(no_network()).into(), operation.into(), key.into()]).await?;
    Ok(row.map(|row| row.try_get::<Option<String>>("", "outcome")).transpose()?.flatten())
}

/// Deletes all keys of an operation in a network.
///
/// # Errors
/// Fails if the database is away.
pub async fn forget_operation(tx: &Tx, network: NetworkId, operation: &str) -> Result<(), DbError> {
    let sql = "delete from idempotency where network_id = $1 and operation = $2";
    tx.run(sql, [Uuid::from(network).into(), operation.into()]).await?;
    Ok(())
}

/// The network id for keys of operations that belong to no network.
pub fn no_network() -> NetworkId {
    Uuid::nil().into()
}

fn network_of(reach: Reach) -> NetworkId {
    match reach {
        Reach::Hub(network, _) | Reach::Network(network) => network,
        Reach::Directory => no_network(),
    }
}

fn check(key: &str) -> Result<(), IdempotencyError> {
    let is_key = (1..=LONGEST_KEY).contains(&key.len()) && key.bytes().all(|sign| sign.is_ascii_graphic());
    if is_key { Ok(()) } else { Err(IdempotencyError::BadKey) }
}
