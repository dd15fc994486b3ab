//! The request's loaders: many keys, one call. Always true: they have the caller's permissions and live as long as
//! the request.

use std::{collections::HashMap, hash::Hash};

use async_graphql::{Context, Error, dataloader::DataLoader};
use graph::{coded, coded_with};
use kernel::{AuthError, ErrorCode, EventId, HubId, MemberId, OpContext, Page, PageArguments, PageRequest};

use crate::{Event, Events, EventsError, Seat};

/// The loader of one request.
pub(super) struct Loader {
    events: Events,
    op: OpContext,
}

/// The next events of a hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct UpcomingOf {
    pub(super) hub: HubId,
    pub(super) first: i32,
}

/// A page of a member's seats.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct SeatsOf {
    pub(super) member: MemberId,
    pub(super) page: PageRequest,
}

impl Loader {
    pub(super) fn new(events: Events, op: OpContext) -> Self {
        Self { events, op }
    }
}

/// Returns the loader of this request.
pub(super) fn loader<'ctx>(ctx: &Context<'ctx>) -> Result<&'ctx DataLoader<Loader>, Error> {
    let missing = || coded_with(ErrorCode::Internal, "the request has no loader of events");
    ctx.data_opt::<DataLoader<Loader>>().ok_or_else(missing)
}

impl async_graphql::dataloader::Loader<EventId> for Loader {
    type Value = Event;
    type Error = Error;

    async fn load(&self, ids: &[EventId]) -> Result<HashMap<EventId, Event>, Error> {
        self.events.find_events(ids).await.map_err(coded)
    }
}

impl async_graphql::dataloader::Loader<UpcomingOf> for Loader {
    type Value = Vec<Event>;
    type Error = Error;

    async fn load(&self, keys: &[UpcomingOf]) -> Result<HashMap<UpcomingOf, Vec<Event>>, Error> {
        let mut found = HashMap::new();
        for (first, hubs) in grouped(keys.iter().map(|key| (key.first, key.hub))) {
            let page = page(first, None)?;
            let events = self.events.list_upcoming_events(&self.op, &hubs, &page).await.map_err(coded)?;
            found.extend(events.into_iter().map(|(hub, events)| (UpcomingOf { hub, first }, events)));
        }
        Ok(found)
    }
}

impl async_graphql::dataloader::Loader<SeatsOf> for Loader {
    type Value = Result<Page<Seat>, AuthError>;
    type Error = Error;

    async fn load(&self, keys: &[SeatsOf]) -> Result<HashMap<SeatsOf, Self::Value>, Error> {
        let mut found = HashMap::new();
        let same_page = grouped(keys.iter().map(|key| (key.page.clone(), key.member)));
        for (page, members) in same_page {
            let seats = self.events.list_seats(&self.op, &members, &page).await.map_err(coded)?;
            let key = |member| SeatsOf { member, page: page.clone() };
            found.extend(seats.into_iter().map(|(member, seats)| (key(member), seats)));
        }
        Ok(found)
    }
}

/// Makes a page request from forward arguments.
pub(super) fn page(first: i32, after: Option<String>) -> Result<PageRequest, Error> {
    PageRequest::new(Some(first), after).map_err(|error| coded(EventsError::from(error)))
}

/// Checks a client's page arguments, forward or backward.
pub(super) fn checked(page: PageArguments) -> Result<PageRequest, Error> {
    PageRequest::of(page).map_err(|error| coded(EventsError::from(error)))
}

/// Groups keys by their arguments: nearly always one group, since they come from one field of the query.
fn grouped<A: Eq + Hash, K>(keys: impl Iterator<Item = (A, K)>) -> HashMap<A, Vec<K>> {
    let mut groups: HashMap<A, Vec<K>> = HashMap::new();
    for (arguments, key) in keys {
        groups.entry(arguments).or_default().push(key);
    }
    groups
}
