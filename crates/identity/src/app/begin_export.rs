//! Begins an export: asks whether there is anybody to export, counts, and writes the audit event. What is exported, each
//! service reads for itself.

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

/// An export reads everything there is about somebody: nobody needs it often.
const WINDOW: SignedDuration = SignedDuration::from_hours(24);
const EXPORTS_IN_WINDOW: i64 = 5;

impl Identity {
    /// Begins an export of the caller's own data, and says whose it is.
    ///
    /// # Errors
    /// Nobody is signed in, or no person; nobody is known by these ids (any more); too many exports within a day.
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

    /// Whether there is an account or a membership, which may be too young to have been heard of.
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

/// What a person's exports are counted under: no id stands in that table.
pub(super) fn export_key(network: NetworkId, person: PersonId) -> String {
    let digest = Sha256::digest(format!("{network} {person}"));
    digest.iter().fold("export ".to_owned(), |key, byte| key + &format!("{byte:02x}"))
}
