//! Ends tokens before their time, and tells what ended.

use jiff::{SignedDuration, Timestamp};
use kernel::{NetworkId, OpContext};
use platform_db::{DbError, Reach, Tx};
use uuid::Uuid;

use crate::{Identity, IdentityError, LONGEST_LIFETIME, Revocation, store::revocation_rows};

/// A process's clock may be behind by so much.
const SLACK: SignedDuration = SignedDuration::from_secs(60);

impl Identity {
    /// Asks the database for everything that ended before its time, for this process to know.
    ///
    /// # Errors
    /// The database is away; what was known stays known.
    pub async fn load_revocations(&self, op: &OpContext) -> Result<(), IdentityError> {
        let tx = self.db.read(Reach::Directory).await?;
        let list = revocation_rows::list(&tx, op.now()).await?;
        self.revocations.hear(list, op.now());
        Ok(())
    }
}

/// What ended in a transaction.
pub(super) type Ended = Vec<Revocation>;

/// Writes that every token of a session, person, device or key is refused from now on: no new one is made either. The
/// caller tells this process after the commit.
pub(super) async fn revoke(
    tx: &Tx,
    network: NetworkId,
    subject: impl Into<Uuid>,
    now: Timestamp,
) -> Result<Revocation, DbError> {
    write(tx, network, subject.into(), now + SignedDuration::from_micros(1), now).await
}

/// Writes that tokens made before now are refused: new ones, which know more, are made from this instant on. The caller
/// tells this process after the commit.
pub(super) async fn outdate(
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
