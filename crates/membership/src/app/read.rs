//! Read operations: hubs for everybody, members for their hub and themselves.

use std::{collections::HashMap, sync::Arc};

use jiff::Timestamp;
use kernel::{
    AuthError, Caller, CredentialId, EmailAddress, HubId, MemberId, NetworkId, OpContext, Page, PageRequest,
    Permission, VisitId,
};
use platform_db::{Reach, Tx};

use crate::opening_hours_calendar::{monday_of, opening_hours_calendar};
use crate::{
    Credential, Device, Hub, Member, Membership, MembershipError, Network, Plan, Space, Visit, store,
};

/// Selects the visits to list, latest first.
#[derive(Debug, Clone)]
pub struct VisitQuery {
    /// The hub of the visits; with `member`, the member's home hub.
    pub hub: HubId,
    /// Only this member's visits, at any hub.
    pub member: Option<MemberId>,
    /// The position to continue from, in the direction of the page.
    pub cursor: Option<(Timestamp, VisitId)>,
    /// The size and direction of the page.
    pub page: PageRequest,
}

impl Membership {
    /// Returns a hub. Public.
    ///
    /// # Errors
    /// Fails with `NOT_FOUND` if the hub does not exist.
    pub async fn hub(&self, id: HubId) -> Result<Arc<Hub>, MembershipError> {
        if let Some(hub) = self.hubs.get(&id).await {
            return Ok(hub);
        }
        let tx = self.db.read(Reach::Directory).await?;
        self.hub_within(&tx, id).await
    }

    /// Returns a hub's opening hours of this week and the coming weeks as an iCalendar file. Public. The file is cached, so
    /// that many subscribers of one hub cost little more than one.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn opening_hours_calendar(
        &self,
        id: HubId,
        now: Timestamp,
    ) -> Result<Arc<str>, MembershipError> {
        let hub = self.hub(id).await?;
        let monday = monday_of(hub.time_zone.day_of(now));
        let written = async { Arc::from(opening_hours_calendar(&hub, monday).text()) };
        Ok(self.calendars.get_with((id, hub.version, monday), written).await)
    }

    /// Returns a hub if it is cached.
    pub(crate) async fn known_hub(&self, id: HubId) -> Option<Arc<Hub>> {
        self.hubs.get(&id).await
    }

    /// Returns a hub, read in an open transaction.
    pub(crate) async fn hub_within(&self, tx: &Tx, id: HubId) -> Result<Arc<Hub>, MembershipError> {
        if let Some(hub) = self.hubs.get(&id).await {
            return Ok(hub);
        }
        let hub = store::hub::find(tx, &[id]).await?.pop().ok_or(MembershipError::NotFound("hub"))?;
        let hub = Arc::new(hub);
        self.hubs.insert(id, Arc::clone(&hub)).await;
        Ok(hub)
    }

    /// Returns several hubs at once; missing ones are left out. Public.
    ///
    /// # Errors
    /// Fails if the database is unavailable.
    pub async fn hubs(&self, ids: &[HubId]) -> Result<HashMap<HubId, Arc<Hub>>, MembershipError> {
        let mut found = HashMap::new();
        let mut missing = Vec::new();
        for id in ids {
            match self.hubs.get(id).await {
                Some(hub) => drop(found.insert(*id, hub)),
                None => missing.push(*id),
            }
        }
        if !missing.is_empty() {
            let tx = self.db.read(Reach::Directory).await?;
            for hub in store::hub::find(&tx, &missing).await? {
                let hub = Arc::new(hub);
                self.hubs.insert(hub.id, Arc::clone(&hub)).await;
                found.insert(hub.id, hub);
            }
        }
        Ok(found)
    }

    /// Finds a hub by its id, if the caller may see it: a draft is seen by those who manage it.
    ///
    /// # Errors
    /// Fails if the database is unavailable.
    pub async fn find_visible_hub(
        &self,
        op: &OpContext,
        id: HubId,
    ) -> Result<Option<HubId>, MembershipError> {
        let found = self.hubs(&[id]).await?.remove(&id);
        let is_visible =
            |hub: &Arc<Hub>| !hub.is_draft() || op.may_at_hub(Permission::ManageHub, hub.id, hub.network);
        Ok(found.filter(is_visible).map(|hub| hub.id))
    }

    /// Finds a hub by its slug. Public.
    ///
    /// # Errors
    /// Fails if the database is unavailable.
    pub async fn find_hub_by_slug(&self, slug: &str) -> Result<Option<HubId>, MembershipError> {
        if let Some(id) = self.slugs.get(slug).await {
            return Ok(Some(id));
        }
        let tx = self.db.read(Reach::Directory).await?;
        let found = store::hub::find_by_slug(&tx, slug).await?.map(|hub| hub.id);
        if let Some(id) = found {
            self.slugs.insert(slug.to_owned(), id).await;
        }
        Ok(found)
    }

    /// Lists hubs in order of their slugs: those of a network, or of the caller's. Public. Anonymous callers get a
    /// list up to two seconds old, so that they do not load the database.
    ///
    /// # Errors
    /// Fails if the database is unavailable.
    pub async fn list_hubs(
        &self,
        op: &OpContext,
        network: Option<NetworkId>,
        page: &PageRequest,
    ) -> Result<Page<Arc<Hub>>, MembershipError> {
        let network = network.or_else(|| op.network());
        if *op.caller() != Caller::Anonymous {
            return self.read_hubs(network, page).await;
        }
        let list = (network, page.clone());
        if let Some(hubs) = self.hub_lists.get(&list).await {
            return Ok(Page::clone(&hubs));
        }
        let hubs = Arc::new(self.read_hubs(network, page).await?);
        self.hub_lists.insert(list, Arc::clone(&hubs)).await;
        Ok(Page::clone(&hubs))
    }

    async fn read_hubs(
        &self,
        network: Option<NetworkId>,
        page: &PageRequest,
    ) -> Result<Page<Arc<Hub>>, MembershipError> {
        let tx = self.db.read(Reach::Directory).await?;
        let hubs = store::hub::list(&tx, network, page).await?;
        Ok(page.page(hubs.into_iter().map(Arc::new).collect()))
    }

    /// Returns the number of hubs that [`Self::list_hubs`] lists. Public; anonymous callers get a number that is at most
    /// two seconds old.
    ///
    /// # Errors
    /// Fails if the database is unavailable.
    pub async fn count_hubs(
        &self,
        op: &OpContext,
        network: Option<NetworkId>,
    ) -> Result<i64, MembershipError> {
        let network = network.or_else(|| op.network());
        let is_anonymous = *op.caller() == Caller::Anonymous;
        if is_anonymous && let Some(count) = self.hub_counts.get(&network).await {
            return Ok(count);
        }
        let tx = self.db.read(Reach::Directory).await?;
        let count = store::hub::count_hubs(&tx, network).await?;
        if is_anonymous {
            self.hub_counts.insert(network, count).await;
        }
        Ok(count)
    }

    /// Returns spaces by hub. Public.
    ///
    /// # Errors
    /// Fails if the database is unavailable.
    pub async fn spaces(&self, hubs: &[HubId]) -> Result<HashMap<HubId, Vec<Space>>, MembershipError> {
        let tx = self.db.read(Reach::Directory).await?;
        Ok(store::hub::spaces(&tx, hubs).await?)
    }

    /// Returns plans by hub. Public.
    ///
    /// # Errors
    /// Fails if the database is unavailable.
    pub async fn plans(&self, hubs: &[HubId]) -> Result<HashMap<HubId, Vec<Plan>>, MembershipError> {
        let tx = self.db.read(Reach::Directory).await?;
        Ok(store::hub::plans(&tx, hubs).await?)
    }

    /// Lists a hub's readers, kiosks and doors, for its staff and for those who onboarded it.
    ///
    /// # Errors
    /// See [`AuthError`].
    pub async fn list_devices(&self, op: &OpContext, hub: HubId) -> Result<Vec<Device>, MembershipError> {
        let hub = self.hub(hub).await?;
        op.require_at_hub(Permission::ReadDevices, hub.id, hub.network)?;
        let tx = self.db.read(Reach::Hub(hub.network, hub.id)).await?;
        Ok(store::hub::devices(&tx, hub.network, hub.id).await?)
    }

    /// Returns networks by id. Public.
    ///
    /// # Errors
    /// Fails if the database is unavailable.
    pub async fn networks(&self, ids: &[NetworkId]) -> Result<HashMap<NetworkId, Network>, MembershipError> {
        let tx = self.db.read(Reach::Directory).await?;
        let networks = store::network::find(&tx, ids).await?;
        Ok(networks.into_iter().map(|network| (network.id, network)).collect())
    }

    /// Finds a network by its slug. Public.
    ///
    /// # Errors
    /// Fails if the database is unavailable.
    pub async fn find_network_by_slug(&self, slug: &str) -> Result<Option<Network>, MembershipError> {
        let tx = self.db.read(Reach::Directory).await?;
        Ok(store::network::find_by_slug(&tx, slug).await?)
    }

    /// Returns the caller's network, or the only one that exists.
    ///
    /// # Errors
    /// Fails if the database is unavailable.
    pub async fn default_network(&self, op: &OpContext) -> Result<Option<NetworkId>, MembershipError> {
        if let Some(network) = op.network() {
            return Ok(Some(network));
        }
        let tx = self.db.read(Reach::Directory).await?;
        let all = store::network::list(&tx).await?;
        Ok(if let [only] = all.as_slice() { Some(only.id) } else { None })
    }

    /// Returns members of the caller's network by id. Members that the caller may not see are left out.
    ///
    /// # Errors
    /// Fails if the database is unavailable.
    pub async fn members(
        &self,
        op: &OpContext,
        ids: &[MemberId],
    ) -> Result<HashMap<MemberId, Member>, MembershipError> {
        let mut visible = HashMap::new();
        for network in self.networks_of(op).await? {
            let tx = self.db.read(Reach::Network(network)).await?;
            let members = store::member::find(&tx, network, ids).await?;
            let seen = members.into_iter().filter(|member| may_see(op, member));
            visible.extend(seen.map(|member| (member.id, member)));
        }
        Ok(visible)
    }

    /// Lists a hub's members, for its staff.
    ///
    /// # Errors
    /// See [`AuthError`]; `INVALID_INPUT` for a cursor of another list.
    pub async fn list_members(
        &self,
        op: &OpContext,
        hub: HubId,
        page: &PageRequest,
    ) -> Result<Page<Member>, MembershipError> {
        let hub = self.hub(hub).await?;
        op.require_at_hub(Permission::ReadMembers, hub.id, hub.network)?;
        let cursor = page.read_cursor(str::parse)?;
        let tx = self.db.read(Reach::Network(hub.network)).await?;
        Ok(page.page(store::member::list(&tx, hub.network, hub.id, cursor, page).await?))
    }

    /// Counts a hub's members, for its staff.
    ///
    /// # Errors
    /// See [`AuthError`].
    pub async fn count_members(&self, op: &OpContext, hub: HubId) -> Result<i64, MembershipError> {
        let hub = self.hub(hub).await?;
        op.require_at_hub(Permission::ReadMembers, hub.id, hub.network)?;
        let tx = self.db.read(Reach::Network(hub.network)).await?;
        Ok(store::member::count_members(&tx, hub.network, hub.id).await?)
    }

    /// Finds a member by e-mail address, for the system only: signing in at the command line.
    ///
    /// # Errors
    /// Fails with `FORBIDDEN` for all other callers.
    pub async fn find_member_by_email(
        &self,
        op: &OpContext,
        network: NetworkId,
        email: &EmailAddress,
    ) -> Result<Option<Member>, MembershipError> {
        if *op.caller() != Caller::System {
            return Err(AuthError::Forbidden.into());
        }
        let tx = self.db.read(Reach::Network(network)).await?;
        Ok(store::member::find_by_email(&tx, network, email).await?)
    }

    /// Lists a member's chips, for their home hub's staff and for themselves.
    ///
    /// # Errors
    /// Fails with `NOT_FOUND` if the caller may not see the member.
    pub async fn list_chips(&self, op: &OpContext, id: MemberId) -> Result<Vec<Credential>, MembershipError> {
        let member = self.member_for(op, Permission::ReadMembers, id).await?;
        let tx = self.db.read(Reach::Network(member.network)).await?;
        Ok(store::member::credentials_of(&tx, member.network, id).await?)
    }

    /// Finds a chip, for the home hub's staff and for the member.
    ///
    /// # Errors
    /// Fails if the database is unavailable.
    pub async fn find_chip(
        &self,
        op: &OpContext,
        id: CredentialId,
    ) -> Result<Option<Credential>, MembershipError> {
        let Some(chip) = self.any_chip(op, id).await? else { return Ok(None) };
        let seen = self.members(op, &[chip.member]).await?;
        Ok(seen.contains_key(&chip.member).then_some(chip))
    }

    /// Finds a visit, for those who may list it: the staff of its hub, the member, and the staff of their home hub.
    ///
    /// # Errors
    /// Fails if the database is unavailable.
    pub async fn find_visit(&self, op: &OpContext, id: VisitId) -> Result<Option<Visit>, MembershipError> {
        for network in self.networks_of(op).await? {
            let tx = self.db.read(Reach::Network(network)).await?;
            let found = store::visit::find(&tx, network, &[id]).await?.pop();
            if let Some(visit) = found.filter(|visit| !visit.annulled) {
                let at_its_hub = op.may_at_hub(Permission::ReadMembers, visit.stay.hub, network);
                return Ok((at_its_hub || visit.visitor_is_seen_by(op)).then_some(visit));
            }
        }
        Ok(None)
    }

    /// Lists visits, latest first: a hub's for its staff, a member's for themselves and their home hub's staff.
    ///
    /// # Errors
    /// See [`AuthError`].
    pub async fn list_visits(
        &self,
        op: &OpContext,
        query: &VisitQuery,
    ) -> Result<Page<Visit>, MembershipError> {
        let network = if let Some(member) = query.member {
            self.member_for(op, Permission::ReadMembers, member).await?.network
        } else {
            let hub = self.hub(query.hub).await?;
            op.require_at_hub(Permission::ReadMembers, hub.id, hub.network)?;
            hub.network
        };
        let tx = self.db.read(Reach::Network(network)).await?;
        Ok(query.page.page(store::visit::list(&tx, network, query).await?))
    }

    /// Returns the number of people present at a hub. Public.
    ///
    /// # Errors
    /// Fails with `NOT_FOUND` if the hub does not exist.
    pub async fn present(&self, hub: HubId) -> Result<u32, MembershipError> {
        self.live.wait_for_changes(hub).await;
        if let Some(present) = self.live.present(hub) {
            return Ok(present);
        }
        let hub = self.hub(hub).await?;
        let tx = self.db.read(Reach::Hub(hub.network, hub.id)).await?;
        let present = store::visit::count_open(&tx, hub.network, hub.id).await?;
        Ok(u32::try_from(present).unwrap_or(u32::MAX))
    }

    /// Returns the live state.
    pub fn live(&self) -> &platform_live::Live {
        &self.live
    }

    /// Returns a member if the caller holds the permission at their home hub, or is the member.
    pub(crate) async fn member_for(
        &self,
        op: &OpContext,
        permission: Permission,
        id: MemberId,
    ) -> Result<Member, MembershipError> {
        if *op.caller() == Caller::Anonymous {
            return Err(AuthError::Unauthenticated.into());
        }
        for network in self.networks_of(op).await? {
            let tx = self.db.read(Reach::Network(network)).await?;
            if let Some(member) = store::member::find(&tx, network, &[id]).await?.pop() {
                let is_reading = permission == Permission::ReadMembers;
                if !(is_reading && op.is_member(id)) {
                    op.require_at_hub(permission, member.home, member.network).map_err(|refused| {
                        match refused {
                            AuthError::NotFound => MembershipError::NotFound("member"),
                            other => other.into(),
                        }
                    })?;
                }
                return Ok(member);
            }
        }
        Err(MembershipError::NotFound("member"))
    }

    /// Returns the networks whose people a caller may query: their own; for the system, all.
    pub async fn networks_of(&self, op: &OpContext) -> Result<Vec<NetworkId>, MembershipError> {
        match (op.network(), op.caller()) {
            (Some(network), _) => Ok(vec![network]),
            (None, Caller::System) => {
                let tx = self.db.read(Reach::Directory).await?;
                Ok(store::network::list(&tx).await?.into_iter().map(|network| network.id).collect())
            }
            (None, _) => Ok(Vec::new()),
        }
    }
}

/// A member is visible to themselves and to the staff of their home hub.
fn may_see(op: &OpContext, member: &Member) -> bool {
    op.is_member(member.id) || op.may_at_hub(Permission::ReadMembers, member.home, member.network)
}

impl Visit {
    /// Returns whether a caller may know the visitor's identity and category: a category can reveal that somebody was
    /// displaced or looks for work. A host sees only the visit.
    pub(crate) fn visitor_is_seen_by(&self, op: &OpContext) -> bool {
        op.is_member(self.member) || op.may_at_hub(Permission::ReadMembers, self.home, self.network)
    }
}
