//! Reads this service's data about the caller, for their export.

use kernel::{OpContext, PersonalPiece};
use platform_db::{ExportError, export_personal};

use crate::{Identity, personal};

impl Identity {
    /// Returns a piece of this service's data about the caller: the first one, or the one after another.
    ///
    /// # Errors
    /// Fails if the caller is not a signed-in person, or if there is no such piece.
    #[tracing::instrument(name = "identity.export_personal_data", skip_all)]
    pub async fn export_personal_data(
        &self,
        op: &OpContext,
        after: Option<&str>,
    ) -> Result<PersonalPiece, ExportError> {
        export_personal(&self.db, op, &personal::EXPORT, after).await
    }
}
