//! Reading what this service keeps about the caller, for their export.

use kernel::{OpContext, PersonalPiece};
use platform_db::{ExportError, export_personal};

use crate::{Events, personal};

impl Events {
    /// A piece of what this service keeps about the caller: the first one, or that after another.
    ///
    /// # Errors
    /// Nobody is signed in, or no person; no such piece.
    #[tracing::instrument(name = "events.export_personal_data", skip_all)]
    pub async fn export_personal_data(
        &self,
        op: &OpContext,
        after: Option<&str>,
    ) -> Result<PersonalPiece, ExportError> {
        export_personal(&self.db, op, &personal::EXPORT, after).await
    }
}
