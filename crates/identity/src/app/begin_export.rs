//! Begins an export: checks that its subject exists, counts the export, and writes the audit event. Each service then
//! reads its own part.

use jiff::SignedDuration;
use kernel::{AuthError, DataSubject, NetworkId, OpContext, PersonId};
use platform_bus::await_arrival;
use platform_db::Reach;
use sha2::{Digest, Sha256};

use super::about;
use crate::{
    Identity, IdentityError, audit,
    store::{account_rows, copies, try_rows},
};

/// An export reads all data about a person, so its frequency is limited.
const WINDOW: SignedDuration = SignedDuration::from_hours(24);
const EXPORTS_IN_WINDOW: i64 = 5;

impl Identity {
    /// Begins an export of the caller's own data, and returns its subject.
    ///
    /// # Errors
    /// Fails if the caller is not a signed-in person, if no such person is known (any more), or after too many exports
    /// within a day.
    #[tracing::instrument(name = "identity.begin_export", skip_all)]
    pub async fn begin_export(&self, op: &OpContext) -> Result<DataSubject, IdentityError> {
        let subject = DataSubject::of(op)?;
        let DataSubject { network, person, .. } = subject;
        if !self.is_known(op, subject).await? {
            return Err(AuthError::NotFound.into());
        }
        let now = op.now();
        let tx = self.db.write(Reach::Network(network)).await?;
        let exports = try_rows::count(&tx, &export_key(network, person), now + WINDOW, now).await?;
        if exports > EXPORTS_IN_WINDOW {
            return Err(IdentityError::TooManyExports);
        }
        let about = about(&tx, network, person, now).await?;
        tx.audit(op, audit::of_person(audit::DATA_EXPORTED, about)).await?;
        tx.commit().await?;
        Ok(subject)
    }

    /// Returns whether there is an account or a membership; the event of a new membership may not have arrived yet.
    async fn is_known(&self, op: &OpContext, subject: DataSubject) -> Result<bool, IdentityError> {
        let DataSubject { network, person, member } = subject;
        let tx = self.db.read(Reach::Network(network)).await?;
        if account_rows::find(&tx, network, person).await?.is_some() {
            return Ok(true);
        }
        drop(tx);
        let Some(member) = member else { return Ok(false) };
        let find = || async {
            let tx = self.db.read(Reach::Network(network)).await?;
            copies::find_member(&tx, network, member).await
        };
        Ok(await_arrival(op, member, find).await?.is_some())
    }
}

/// Returns the key that counts a person's exports; the table stores no id.
pub(super) fn export_key(network: NetworkId, person: PersonId) -> String {
    let digest = Sha256::digest(format!("{network} {person}"));
    format!("export {}", hex::encode(digest))
}
