//! Reads the personal data membership keeps about the caller, for their export.

use kernel::{DataSubject, OpContext, PersonalPiece};
use platform_db::{ExportError, Reach, export_personal};

use crate::{Membership, personal, store};

impl Membership {
    /// Returns a piece of the data kept about the caller: the first one, or the one after a cursor. Nothing kept
    /// about an erased member leads to them.
    ///
    /// # Errors
    /// Fails if the caller is not a signed-in person or the piece does not exist.
    #[tracing::instrument(name = "membership.export_personal_data", skip_all)]
    pub async fn export_personal_data(
        &self,
        op: &OpContext,
        after: Option<&str>,
    ) -> Result<PersonalPiece, ExportError> {
        let DataSubject { network, member, .. } = DataSubject::of(op)?;
        if let Some(member) = member {
            let tx = self.db.read(Reach::Network(network)).await?;
            let found = store::person::find(&tx, network, member).await?;
            if found.is_some_and(|person| person.erased_at.is_some()) {
                return Ok(PersonalPiece::default());
            }
        }
        export_personal(&self.db, op, &personal::EXPORT, after).await
    }
}
