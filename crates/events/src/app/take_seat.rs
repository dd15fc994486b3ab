//! Takes a seat at an event for a member.

use kernel::{AuthError, Caller, CloudEvent, EventId, InvalidInput, MemberId, OpContext, Permission};
use platform_bus::await_arrival;
use platform_db::{DbError, Idempotent, Reach, Tx};

use crate::{
    Event, Events, EventsError, Seat, audit,
    events::SeatConfirmed,
    store::{
        copies::{self, MemberCopy},
        event_rows, seat_rows,
    },
};

/// The input for taking a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct TakeSeat {
    /// The event.
    pub event_id: EventId,
    /// The member; `None` means the caller's own membership.
    pub member_id: Option<MemberId>,
}

/// The outcome of taking a seat.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum TakeSeatOutcome {
    /// The member now has the seat.
    SeatTaken(Seat, Event),
    /// The member already had a seat.
    AlreadySeated(Seat, Event),
    /// Every seat is taken.
    EventFull(Event),
}

impl Events {
    /// Takes a seat for the caller or, for staff, for a member of their hub. Emits `events.seat_confirmed.v1`.
    ///
    /// # Errors
    /// Fails if the event or member does not exist for this caller, or the event is over.
    #[tracing::instrument(name = "events.take_seat", skip_all)]
    pub async fn take_seat(&self, op: &OpContext, wanted: TakeSeat) -> Result<TakeSeatOutcome, EventsError> {
        let member = whose_seat(op, wanted.member_id)?;
        let event = self.event_of_own_network(op, wanted.event_id).await?;
        self.require_seating(op, member, &event).await?;
        let tx = match self.db.idempotent(op, Reach::Network(event.network_id), "takeSeat", &wanted).await? {
            Idempotent::Replayed(outcome) => return Ok(outcome),
            Idempotent::New(tx) => tx,
        };
        if event.is_over(op.now()) {
            return Err(EventsError::Over);
        }
        let held = copies::hold_member(&tx, event.network_id, member).await?;
        // The member may have been erased after they were found.
        let held = held.ok_or(AuthError::NotFound)?;
        if held.left_at.is_some_and(|left_at| left_at <= event.starts_at) {
            return Err(EventsError::HasLeft);
        }
        let seat = Seat {
            id: op.new_id(),
            event_id: event.id,
            hub_id: event.hub_id,
            member_id: member,
            confirmed_at: op.now(),
        };
        let outcome = confirm(op, &tx, seat, &event).await?;
        tx.commit_with_outcome(&outcome).await?;
        Ok(outcome)
    }

    /// An event is public, but its seats belong to its network: to callers of another network the event does not
    /// exist here.
    async fn event_of_own_network(&self, op: &OpContext, id: EventId) -> Result<Event, EventsError> {
        let event = self.load_event(id).await?;
        let is_foreign = op.network().is_some_and(|own| own != event.network_id);
        if is_foreign { Err(AuthError::NotFound.into()) } else { Ok(event) }
    }

    async fn require_seating(
        &self,
        op: &OpContext,
        member: MemberId,
        event: &Event,
    ) -> Result<(), EventsError> {
        let find = || async {
            let tx = self.db.read(Reach::Network(event.network_id)).await?;
            Ok::<_, DbError>(copies::list_members(&tx, event.network_id, &[member]).await?.pop())
        };
        let MemberCopy { home_hub_id, .. } =
            await_arrival(op, member, find).await?.ok_or(AuthError::NotFound)?;
        if !op.is_member(member) {
            op.require_at_hub(Permission::ManageMembers, home_hub_id, event.network_id)?;
        }
        Ok(())
    }
}

/// Inserts the seat before the count: a member who already has one gets it even if the event is full.
async fn confirm(op: &OpContext, tx: &Tx, seat: Seat, event: &Event) -> Result<TakeSeatOutcome, EventsError> {
    let network = event.network_id;
    if !seat_rows::insert_if_none(tx, network, &seat).await? {
        let held = seat_rows::find(tx, network, event.id, seat.member_id).await?;
        let held = held.ok_or_else(|| DbError::inconsistent("seat", "refused as a double, yet not there"))?;
        return Ok(TakeSeatOutcome::AlreadySeated(held, reloaded(tx, event.id).await?));
    }
    let is_free = event_rows::count_one_more_seat(tx, event).await?;
    let event = reloaded(tx, event.id).await?;
    if !is_free {
        seat_rows::take_back(tx, network, seat.id).await?;
        return Ok(TakeSeatOutcome::EventFull(event));
    }
    let fact = CloudEvent::new(&SeatConfirmed::from(&seat), network, Some(event.hub_id), op.world())?;
    tx.emit(fact).await?;
    if !op.is_member(seat.member_id) {
        tx.audit(op, audit::seat_taken_for_member(network, &seat)).await?;
    }
    Ok(TakeSeatOutcome::SeatTaken(seat, event))
}

async fn reloaded(tx: &Tx, id: EventId) -> Result<Event, DbError> {
    let event = event_rows::list(tx, &[id]).await?.pop();
    event.ok_or_else(|| DbError::inconsistent("event", format!("{id} is gone")))
}

fn whose_seat(op: &OpContext, named: Option<MemberId>) -> Result<MemberId, EventsError> {
    match (named, op.caller()) {
        (_, Caller::Anonymous) => Err(AuthError::Unauthenticated.into()),
        (Some(named), _) => Ok(named),
        (None, Caller::Person { member: Some(own), .. }) => Ok(*own),
        (None, _) => {
            Err(InvalidInput::new("memberId", "must say whose seat it is: you are not a member").into())
        }
    }
}
