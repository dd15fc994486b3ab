//! The loaders of one request.

use std::{collections::HashMap, hash::Hash};

use async_graphql::{Error, dataloader::Loader};
use graph::coded;
use kernel::{AuthError, EventId, HubId, MemberId, Page, PageRequest};

use crate::{Event, Events, Seat};

platform_module::loaders!(Events);

/// The next events of a hub.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct UpcomingOf {
    pub(super) hub: HubId,
    pub(super) page: PageRequest,
}

/// A page of a member's seats.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct SeatsOf {
    pub(super) member: MemberId,
    pub(super) page: PageRequest,
}

impl Loader<EventId> for Loaders {
    type Value = Event;
    type Error = Error;

    async fn load(&self, ids: &[EventId]) -> Result<HashMap<EventId, Event>, Error> {
        self.service.find_events(ids).await.map_err(coded)
    }
}

impl Loader<UpcomingOf> for Loaders {
    type Value = Vec<Event>;
    type Error = Error;

    async fn load(&self, keys: &[UpcomingOf]) -> Result<HashMap<UpcomingOf, Vec<Event>>, Error> {
        let mut found = HashMap::new();
        for (page, hubs) in grouped(keys.iter().map(|key| (key.page.clone(), key.hub))) {
            let events = self.service.list_upcoming_events(&self.op, &hubs, &page).await.map_err(coded)?;
            let key = |hub| UpcomingOf { hub, page: page.clone() };
            found.extend(events.into_iter().map(|(hub, events)| (key(hub), events)));
        }
        Ok(found)
    }
}

impl Loader<SeatsOf> for Loaders {
    type Value = Result<Page<Seat>, AuthError>;
    type Error = Error;

    async fn load(&self, keys: &[SeatsOf]) -> Result<HashMap<SeatsOf, Self::Value>, Error> {
        let mut found = HashMap::new();
        let same_page = grouped(keys.iter().map(|key| (key.page.clone(), key.member)));
        for (page, members) in same_page {
            let seats = self.service.list_seats(&self.op, &members, &page).await.map_err(coded)?;
            let key = |member| SeatsOf { member, page: page.clone() };
            found.extend(seats.into_iter().map(|(member, seats)| (key(member), seats)));
        }
        Ok(found)
    }
}

/// Groups keys by their arguments: nearly always one group, since they come from one field of the query.
fn grouped<A: Eq + Hash, K>(keys: impl Iterator<Item = (A, K)>) -> HashMap<A, Vec<K>> {
    let mut groups: HashMap<A, Vec<K>> = HashMap::new();
    for (arguments, key) in keys {
        groups.entry(arguments).or_default().push(key);
    }
    groups
}
