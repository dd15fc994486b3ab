//! Ends tokens before their time, and returns the revocations.

use jiff::{SignedDuration, Timestamp};
use kernel::{NetworkId, OpContext};
use platform_db::{DbError, Reach, Tx};
use uuid::Uuid;

use crate::{Identity, IdentityError, LONGEST_LIFETIME, Revocation, store::revocation_rows};

/// The maximum delay of a process's clock.
const SLACK: SignedDuration = SignedDuration::from_secs(60);

impl Identity {
    /// Loads all revocations from the database into this process.
    ///
    /// # Errors
    /// Fails if the database is unavailable; the known revocations stay.
    pub async fn load_revocations(&self, op: &OpContext) -> Result<(), IdentityError> {
        let tx = self.db.read(Reach::Directory).await?;
        let list = revocation_rows::list(&tx, op.now()).await?;
        self.revocations.record(list, op.now());
        Ok(())
    }
}

/// The revocations of a transaction.
pub(super) type Ended = Vec<Revocation>;

/// Revokes every token of a session, person, device or key from now on; no new one is made either. The caller adds the
/// revocation to this process after the commit.
pub(super) async fn revoke(
    tx: &Tx,
    network: NetworkId,
    subject: impl Into<Uuid>,
    now: Timestamp,
) -> Result<Revocation, DbError> {
    write(tx, network, subject.into(), now + SignedDuration::from_micros(1), now).await
}

/// Revokes the tokens made before now: new ones, with newer claims, are made from this instant on. The caller adds the
/// revocation to this process after the commit.
pub(crate) async fn outdate(
    tx: &Tx,
    network: NetworkId,
    subject: impl Into<Uuid>,
    now: Timestamp,
) -> Result<Revocation, DbError> {
    write(tx, network, subject.into(), now, now).await
}

async fn write(
    tx: &Tx,
    network: NetworkId,
    subject: Uuid,
    not_before: Timestamp,
    now: Timestamp,
) -> Result<Revocation, DbError> {
    let revocation = Revocation { subject, not_before, until: now + LONGEST_LIFETIME + SLACK };
    revocation_rows::upsert(tx, network, &revocation, now).await?;
    Ok(revocation)
}
