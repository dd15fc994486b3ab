//! Reads announced events, which are public: any caller may read them, without a tenant check.

use std::collections::HashMap;

use kernel::{AuthError, EventId, HubId, OpContext, PageRequest};
use platform_db::Reach;

use crate::{Event, Events, EventsError, store::event_rows};

impl Events {
    /// Returns those of the events that exist, by id.
    ///
    /// # Errors
    /// Fails if the database is unavailable.
    #[tracing::instrument(name = "events.find_events", skip_all)]
    pub async fn find_events(&self, ids: &[EventId]) -> Result<HashMap<EventId, Event>, EventsError> {
        let tx = self.db.read(Reach::Directory).await?;
        let events = event_rows::list(&tx, ids).await?;
        Ok(events.into_iter().map(|event| (event.id, event)).collect())
    }

    /// Returns the event with this id.
    ///
    /// # Errors
    /// Fails if the event does not exist.
    #[tracing::instrument(name = "events.load_event", skip_all)]
    pub async fn load_event(&self, id: EventId) -> Result<Event, EventsError> {
        Ok(self.find_events(&[id]).await?.remove(&id).ok_or(AuthError::NotFound)?)
    }

    /// Returns the next events of each hub, including those under way, in order of their start. A hub that has no
    /// events or does not exist has an empty list.
    ///
    /// # Errors
    /// Fails if the database is unavailable.
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
