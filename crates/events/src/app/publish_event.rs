//! Announces an event.

use jiff::Timestamp;
use kernel::{AuthError, Caller, CloudEvent, HubId, NetworkId, OpContext, Permission};
use platform_bus::await_arrival;
use platform_db::{DbError, Idempotent, Reach};

use crate::{
    Event, EventKind, Events, EventsError, audit,
    events::EventPublished,
    store::{copies, event_rows},
};

/// An event as its hub describes it, unchecked.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct PublishEvent {
    /// The hub that holds the event.
    pub hub_id: HubId,
    /// The title, in the event's language.
    pub title: String,
    /// A short description for the public page.
    pub summary: String,
    /// The kind of event.
    pub kind: EventKind,
    /// The spoken language: en, cs, pl or uk.
    pub language: String,
    /// The start of the event.
    pub starts_at: Timestamp,
    /// The end of the event.
    pub ends_at: Timestamp,
    /// The number of seats.
    pub capacity: i32,
}

impl Events {
    /// Announces an event of a hub. Emits `events.event_published.v1`.
    ///
    /// # Errors
    /// Fails if the hub is not the caller's or is closed, their role does not run events, a field breaks a rule, or the
    /// idempotency key was used for another event.
    #[tracing::instrument(name = "events.publish_event", skip_all)]
    pub async fn publish_event(&self, op: &OpContext, wanted: PublishEvent) -> Result<Event, EventsError> {
        if *op.caller() == Caller::Anonymous {
            return Err(AuthError::Unauthenticated.into());
        }
        let hub = wanted.hub_id;
        let network = await_arrival(op, hub, || self.network_of(hub)).await?.ok_or(AuthError::NotFound)?;
        op.require_at_hub(Permission::ManageEvents, hub, network)?;
        let tx = match self.db.idempotent(op, Reach::Hub(network, hub), "publishEvent", &wanted).await? {
            Idempotent::Replayed(event) => return Ok(event),
            Idempotent::New(tx) => tx,
        };
        if copies::is_closed(&tx, hub).await? {
            return Err(EventsError::HubClosed);
        }
        let event = Event::announce(&wanted, op.new_id(), network, op.now())?;
        event_rows::insert(&tx, &event).await?;
        let fact = CloudEvent::new(&EventPublished::from(&event), network, Some(hub), op.world())?;
        tx.emit(fact).await?;
        tx.audit(op, audit::event_published(&event)).await?;
        tx.commit_with_outcome(&event).await?;
        Ok(event)
    }

    pub(super) async fn network_of(&self, hub: HubId) -> Result<Option<NetworkId>, DbError> {
        let tx = self.db.read(Reach::Directory).await?;
        copies::find_network_of_hub(&tx, hub).await
    }
}
