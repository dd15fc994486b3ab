//! Reads announced events, which are public: anybody may, and no tenant is asked for.

use std::collections::HashMap;

use kernel::{AuthError, EventId, HubId, OpContext, PageRequest};
use platform_db::Reach;

use crate::{Event, Events, EventsError, store::event_rows};

impl Events {
    /// The events with these ids, as far as they exist.
    ///
    /// # Errors
    /// The database is away.
    #[tracing::instrument(name = "events.find_events", skip_all)]
    pub async fn find_events(&self, ids: &[EventId]) -> Result<HashMap<EventId, Event>, EventsError> {
        let tx = self.db.read(Reach::Directory).await?;
        let events = event_rows::list(&tx, ids).await?;
        Ok(events.into_iter().map(|event| (event.id, event)).collect())
    }

    /// The event with this id.
    ///
    /// # Errors
    /// There is none.
    #[tracing::instrument(name = "events.load_event", skip_all)]
    pub async fn load_event(&self, id: EventId) -> Result<Event, EventsError> {
        Ok(self.find_events(&[id]).await?.remove(&id).ok_or(AuthError::NotFound)?)
    }

    /// The next events of each hub, those under way included, in order of their start. A hub without any, or without
    /// existence, has an empty list.
    ///
    /// # Errors
    /// The database is away.
    #[tracing::instrument(name = "events.list_upcoming_events", skip_all)]
    pub async fn list_upcoming_events(
        &self,
        op: &OpContext,
        hubs: &[HubId],
        page: &PageRequest,
    ) -> Result<HashMap<HubId, Vec<Event>>, EventsError> {
        let tx = self.db.read(Reach::Directory).await?;
        let events = event_rows::list_upcoming(&tx, hubs, op.now().into(), page.first()).await?;
        let mut by_hub: HashMap<HubId, Vec<Event>> = hubs.iter().map(|hub| (*hub, Vec::new())).collect();
        for event in events {
            by_hub.entry(event.hub_id).or_default().push(event);
        }
        Ok(by_hub)
    }
}
