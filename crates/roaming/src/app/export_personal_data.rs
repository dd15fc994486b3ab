//! Reading what this service keeps about the caller, for their export.

use kernel::{PersonalPiece, Scope};
use platform_db::{ExportError, export_personal};

use crate::{Roaming, personal};

impl Roaming {
    /// A piece of what this service keeps about the caller: the first one, or that after another.
    ///
    /// # Errors
    /// Nobody is signed in, or no person; no such piece.
    #[tracing::instrument(name = "roaming.export_personal_data", skip_all)]
    pub async fn export_personal_data(
        &self,
        scope: &Scope,
        after: Option<&str>,
    ) -> Result<PersonalPiece, ExportError> {
        export_personal(&self.db, scope, &personal::EXPORT, after).await
    }
}
