//! Lists a member's charges, for the member and for the staff of the home hub.

use kernel::{MemberId, OpContext, Page, PageRequest};
use platform_db::Reach;

use super::find_roaming_passes::may_read;
use crate::{Charge, Roaming, RoamingError, store};

impl Roaming {
    /// Returns a page of a member's charges and credits, latest first.
    ///
    /// # Errors
    /// Fails if the caller may not see the member, or the cursor belongs to another list.
    #[tracing::instrument(name = "roaming.list_charges", skip_all)]
    pub async fn list_charges(
        &self,
        op: &OpContext,
        member: MemberId,
        page: &PageRequest,
    ) -> Result<Page<Charge>, RoamingError> {
        let member = self.load_member(op, member).await?;
        may_read(op, &member)?;
        let cursor = page.read_cursor(str::parse)?;
        let tx = self.db.read(Reach::Network(member.network)).await?;
        Ok(page.page(store::charge::of_member(&tx, member.network, member.id, cursor, page).await?))
    }
}
