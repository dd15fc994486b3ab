//! Reads the personal data this service keeps about the caller, for their export.

use kernel::{OpContext, PersonalPiece};
use platform_db::{ExportError, export_personal};

use crate::{Events, personal};

impl Events {
    /// Returns a piece of the data kept about the caller: the first one, or the one after a cursor.
    ///
    /// # Errors
    /// Fails if the caller is not a signed-in person or the piece does not exist.
    #[tracing::instrument(name = "events.export_personal_data", skip_all)]
    pub async fn export_personal_data(
        &self,
        op: &OpContext,
        after: Option<&str>,
    ) -> Result<PersonalPiece, ExportError> {
        export_personal(&self.db, op, &personal::EXPORT, after).await
    }
}
