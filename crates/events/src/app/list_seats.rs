//! Reads seats, which are personal: a member sees their own seats, and staff see those of their hub's members.

use std::collections::HashMap;

use kernel::{AuthError, Caller, HubId, MemberId, NetworkId, OpContext, Page, PageRequest, Permission};
use platform_db::Reach;

use crate::{
    Events, EventsError, Seat,
    store::{
        copies,
        seat_rows::{self, Stretch},
    },
};

impl Events {
    /// Returns a page of each member's seats, newest first, or an error of its own for a member whose seats the
    /// caller may not see.
    ///
    /// # Errors
    /// Fails if the cursor belongs to another list, or the database is unavailable.
    #[tracing::instrument(name = "events.list_seats", skip_all)]
    pub async fn list_seats(
        &self,
        op: &OpContext,
        members: &[MemberId],
        page: &PageRequest,
    ) -> Result<HashMap<MemberId, Result<Page<Seat>, AuthError>>, EventsError> {
        let cursor = page.read_cursor(str::parse)?;
        let Some(network) = op.network() else {
            let refused = match op.caller() {
                Caller::Anonymous => AuthError::Unauthenticated,
                _ => AuthError::NotFound,
            };
            return Ok(members.iter().map(|member| (*member, Err(refused))).collect());
        };
        let tx = self.db.read(Reach::Network(network)).await?;
        let known = copies::list_members(&tx, network, members).await?;
        let homes: HashMap<_, _> =
            known.iter().map(|member| (member.member_id, member.home_hub_id)).collect();
        let verdict = |member| may_see(op, member, homes.get(&member).copied(), network);
        let (visible, hidden): (Vec<_>, Vec<_>) = members
            .iter()
            .map(|member| (*member, verdict(*member)))
            .partition(|(_, verdict)| verdict.is_ok());

        let visible: Vec<MemberId> = visible.into_iter().map(|(member, _)| member).collect();
        let stretch = Stretch { count: page.fetch(), cursor, backward: page.is_backward() };
        let mut seats: HashMap<MemberId, Vec<Seat>> =
            visible.iter().map(|member| (*member, Vec::new())).collect();
        for seat in seat_rows::list_of_members(&tx, network, &visible, stretch).await? {
            seats.entry(seat.member_id).or_default().push(seat);
        }
        let pages = seats.into_iter().map(|(member, seats)| (member, Ok(page.page(seats))));
        let refusals = hidden.into_iter().filter_map(|(member, verdict)| Some((member, Err(verdict.err()?))));
        Ok(pages.chain(refusals).collect())
    }
}

fn may_see(
    op: &OpContext,
    member: MemberId,
    home: Option<HubId>,
    network: NetworkId,
) -> Result<(), AuthError> {
    if op.is_member(member) {
        return Ok(());
    }
    op.require_at_hub(Permission::ReadMembers, home.ok_or(AuthError::NotFound)?, network)
}
