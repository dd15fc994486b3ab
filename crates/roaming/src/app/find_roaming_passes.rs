//! Finds members' roaming passes, for the member and for the staff of the home hub.

use std::collections::HashMap;

use kernel::{AuthError, MemberId, OpContext, Permission};
use platform_db::Reach;

use crate::{KnownMember, PassStatus, Roaming, RoamingError, RoamingPass, store};

/// A member's pass, or why the caller may not see it.
pub type SeenPass = Result<Option<RoamingPass>, AuthError>;

impl Roaming {
    /// Returns the passes of some members that have neither ended nor expired. A member whom the caller may not see
    /// has an error entry; an unknown one has none.
    ///
    /// # Errors
    /// Fails if the database is unavailable, or the caller is anonymous.
    #[tracing::instrument(name = "roaming.find_roaming_passes", skip_all)]
    pub async fn find_roaming_passes(
        &self,
        op: &OpContext,
        members: &[MemberId],
    ) -> Result<HashMap<MemberId, SeenPass>, RoamingError> {
        let mut seen = HashMap::new();
        for network in self.networks_of(op).await? {
            let known = self.find_members(&[network], members).await?;
            let tx = self.db.read(Reach::Network(network)).await?;
            let ids: Vec<MemberId> = known.iter().map(|member| member.id).collect();
            let mut passes: HashMap<MemberId, RoamingPass> = HashMap::new();
            for pass in store::roaming_pass::unended(&tx, network, &ids).await? {
                if pass.status(op.now()) != PassStatus::Expired {
                    passes.insert(pass.member, pass);
                }
            }
            seen.extend(known.iter().map(|member| {
                let allowed = may_read(op, member);
                (member.id, allowed.map(|()| passes.get(&member.id).copied()))
            }));
        }
        Ok(seen)
    }
}

/// A member's data is visible to the member and to their home hub's staff.
pub(super) fn may_read(op: &OpContext, member: &KnownMember) -> Result<(), AuthError> {
    if op.is_member(member.id) {
        return Ok(());
    }
    op.require_at_hub(Permission::ReadMembers, member.home_hub, member.network)
}
