//! Visit: a stay at one hub, read from a person's touches.
//!
//! Always true:
//! - [`read_visits`] is a pure function of the touches, ordered by their own time: whoever reads them, in whatever
//!   order they came, reads the same visits (R2).
//! - A person has at most one open visit; checking in elsewhere closes the earlier one at that moment (R1).
//! - A forgotten check-out closes at the latest evidence: a late check-out in the same night, a check-in elsewhere,
//!   and only for want of these the hub's closing time.

use jiff::Timestamp;
use kernel::{HubId, MemberId, NetworkId, PersonId, VisitId};

use crate::{Category, Direction, OpeningHours, Source, Touch};

/// A visit as it is stored: a stay, whose it is, and how often it has been told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// Where, from, until.
    pub stay: Stay,
    /// The network.
    pub network: NetworkId,
    /// Who.
    pub person: PersonId,
    /// By which membership.
    pub member: MemberId,
    /// The home hub of that membership.
    pub home: HubId,
    /// The category at the time of the visit.
    pub category: Category,
    /// Whether it never happened: a late touch showed that its check-in belongs to another visit.
    pub annulled: bool,
    /// Grows with each telling.
    pub revision: i64,
}

impl Visit {
    /// Whether it lasts.
    pub fn is_open(&self) -> bool {
        self.stay.end.is_none() && !self.annulled
    }

    /// Its length in whole minutes, rounded down; 0 while it lasts.
    pub fn minutes(&self) -> i64 {
        let length = |end: End| (end.at.as_second() - self.stay.started_at.as_second()) / 60;
        self.stay.end.map_or(0, length)
    }
}

/// Who visits, and by which membership.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visitor {
    /// The person.
    pub person: PersonId,
    /// The membership.
    pub member: MemberId,
    /// Its home hub.
    pub home: HubId,
    /// Its category.
    pub category: Category,
}

/// A stay, as touches tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stay {
    /// The id, that of the opening touch.
    pub id: VisitId,
    /// Where.
    pub hub: HubId,
    /// What reported the arrival.
    pub source: Source,
    /// From.
    pub started_at: Timestamp,
    /// Until when and by what evidence; nothing while it lasts.
    pub end: Option<End>,
}

/// The end of a stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    /// When.
    pub at: Timestamp,
    /// What proves it.
    pub by: EndedBy,
}

/// What proves the end of a stay.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, async_graphql::Enum, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum EndedBy {
    /// The member checked out.
    CheckOut,
    /// Nobody checked out; the hub closed.
    ClosingTime,
    /// The member checked in at another hub.
    CheckInElsewhere,
    /// The hub's staff checked the member out.
    Operator,
}

/// What a touch did to the stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It opened a stay.
    Opened(VisitId),
    /// The person was there already.
    AlreadyOpen(VisitId),
    /// It closed a stay.
    Closed(VisitId),
    /// There was nothing to close.
    NothingOpen,
}

/// Reads the stays of one person. `touches` are in order of time; `open` is the stay that lasts when they begin, if
/// one does; `hours` knows each hub's opening hours. Answers the stays, that one first, and each touch's effect.
pub fn read_visits<'h>(
    open: Option<Stay>,
    touches: &[Touch],
    now: Timestamp,
    hours: impl Fn(HubId) -> &'h OpeningHours,
) -> (Vec<Stay>, Vec<Effect>) {
    let mut reading = Reading { stays: Vec::new(), open: open.map(|stay| Stay { end: None, ..stay }) };
    let effects = touches.iter().map(|touch| reading.take(touch, &hours)).collect();
    if let Some(stay) = reading.open.take() {
        let closing = hours(stay.hub).closes_after(stay.started_at);
        let end = (now > closing).then_some(End { at: closing, by: EndedBy::ClosingTime });
        reading.stays.push(Stay { end, ..stay });
    }
    (reading.stays, effects)
}

struct Reading {
    stays: Vec<Stay>,
    open: Option<Stay>,
}

impl Reading {
    fn take<'h>(&mut self, touch: &Touch, hours: &impl Fn(HubId) -> &'h OpeningHours) -> Effect {
        self.forget_yesterday(touch.at, hours);
        match (touch.direction, &self.open) {
            (Direction::In, Some(stay)) if stay.hub == touch.hub => Effect::AlreadyOpen(stay.id),
            (Direction::In, _) => {
                self.leave_for_elsewhere(touch.at, hours);
                let id = VisitId::from(touch.id);
                let (hub, source, started_at) = (touch.hub, touch.source, touch.at);
                self.open = Some(Stay { id, hub, source, started_at, end: None });
                Effect::Opened(id)
            }
            (Direction::Out, Some(stay)) if stay.hub == touch.hub => {
                let id = stay.id;
                let by = if touch.source == Source::Operator { EndedBy::Operator } else { EndedBy::CheckOut };
                self.close(End { at: touch.at, by });
                Effect::Closed(id)
            }
            (Direction::Out, _) => Effect::NothingOpen,
        }
    }

    /// A stay nobody ended does not reach into the next day.
    fn forget_yesterday<'h>(&mut self, at: Timestamp, hours: &impl Fn(HubId) -> &'h OpeningHours) {
        if let Some(stay) = &self.open
            && at >= hours(stay.hub).night_ends_after(stay.started_at)
        {
            let closing = hours(stay.hub).closes_after(stay.started_at);
            self.close(End { at: closing, by: EndedBy::ClosingTime });
        }
    }

    fn leave_for_elsewhere<'h>(&mut self, at: Timestamp, hours: &impl Fn(HubId) -> &'h OpeningHours) {
        if let Some(stay) = &self.open {
            let closing = hours(stay.hub).closes_after(stay.started_at);
            self.close(if at < closing {
                End { at, by: EndedBy::CheckInElsewhere }
            } else {
                End { at: closing, by: EndedBy::ClosingTime }
            });
        }
    }

    fn close(&mut self, end: End) {
        if let Some(stay) = self.open.take() {
            self.stays.push(Stay { end: Some(end), ..stay });
        }
    }
}

#[cfg(test)]
mod tests {
    use kernel::{Id, TouchId, World};
    use proptest::prelude::*;

    use super::*;

    fn hours() -> OpeningHours {
        let zone = "Europe/Prague".parse().expect("a zone");
        let position = crate::Position { latitude: 49.into(), longitude: 15.into() };
        OpeningHours::parse("Mo-Su 08:00-20:00", zone, "CZ", position).expect("hours")
    }

    fn hubs() -> [HubId; 2] {
        let world = World::for_test(1);
        [HubId::generate(&world), HubId::generate(&world)]
    }

    fn touch(seed: u64, hub: HubId, at: &str, direction: Direction) -> Touch {
        let id = TouchId::generate(&World::for_test(seed));
        Touch { id, hub, at: at.parse().expect("an instant"), direction, source: Source::Chip }
    }

    fn read(touches: &[Touch], now: &str) -> (Vec<Stay>, Vec<Effect>) {
        let hours = hours();
        read_visits(None, touches, now.parse().expect("an instant"), |_| &hours)
    }

    #[test]
    fn checking_in_elsewhere_closes_the_earlier_visit_by_evidence() {
        let [home, away] = hubs();
        let (stays, _) = read(
            &[
                touch(1, home, "2026-11-02T08:00:00Z", Direction::In),
                touch(2, away, "2026-11-02T10:30:00Z", Direction::In),
            ],
            "2026-11-02T11:00:00Z",
        );
        let moved = "2026-11-02T10:30:00Z".parse().expect("an instant");
        assert_eq!(stays[0].end, Some(End { at: moved, by: EndedBy::CheckInElsewhere }));
        assert_eq!(stays[1].end, None);
    }

    #[test]
    fn a_forgotten_check_out_closes_at_closing_time() {
        let [hub, _] = hubs();
        let (stays, effects) = read(
            &[
                touch(1, hub, "2026-11-02T08:00:00Z", Direction::In),
                touch(2, hub, "2026-11-03T08:00:00Z", Direction::In),
            ],
            "2026-11-03T09:00:00Z",
        );
        let closing = "2026-11-02T19:00:00Z".parse().expect("an instant");
        assert_eq!(stays[0].end, Some(End { at: closing, by: EndedBy::ClosingTime }));
        assert!(matches!(effects[1], Effect::Opened(_)));
    }

    #[test]
    fn a_check_out_after_closing_time_is_better_evidence_than_closing_time() {
        let [hub, _] = hubs();
        let left = "2026-11-02T20:10:00Z";
        let (stays, _) = read(
            &[touch(1, hub, "2026-11-02T08:00:00Z", Direction::In), touch(2, hub, left, Direction::Out)],
            "2026-11-05T08:00:00Z",
        );
        assert_eq!(stays[0].end, Some(End { at: left.parse().expect("an instant"), by: EndedBy::CheckOut }));
    }

    #[test]
    fn a_check_out_without_a_check_in_changes_nothing() {
        let [hub, _] = hubs();
        let (stays, effects) =
            read(&[touch(1, hub, "2026-11-02T08:00:00Z", Direction::Out)], "2026-11-02T09:00:00Z");
        assert_eq!((stays, effects), (vec![], vec![Effect::NothingOpen]));
    }

    proptest! {
        #[test]
        fn stays_never_overlap_and_at_most_the_last_is_open(steps in proptest::collection::vec((0_u64..2, any::<bool>(), 1_i64..40_000), 1..40)) {
            let hubs = hubs();
            let mut at: Timestamp = "2026-10-20T06:00:00Z".parse().expect("an instant");
            let mut touches = Vec::new();
            for (place, (hub, comes, seconds)) in steps.into_iter().enumerate() {
                at += jiff::SignedDuration::from_secs(seconds);
                let direction = if comes { Direction::In } else { Direction::Out };
                let hub = hubs[usize::try_from(hub).expect("small")];
                let id = TouchId::generate(&World::for_test(u64::try_from(place).expect("small")));
                touches.push(Touch { id, hub, at, direction, source: Source::Chip });
            }
            let hours = hours();
            let (stays, effects) = read_visits(None, &touches, at, |_| &hours);
            prop_assert_eq!(effects.len(), touches.len());
            for pair in stays.windows(2) {
                let end = pair[0].end.expect("only the last may be open");
                prop_assert!(pair[0].started_at <= end.at && end.at <= pair[1].started_at);
            }
        }
    }
}
