//! Visit: a stay at one hub, read from a person's touches.
//!
//! Always true:
//! - [`read_visits`] is a pure function of the touches, ordered by their own time: the result does not depend on the
//!   order in which they arrived (R2).
//! - A person has at most one open visit; checking in elsewhere closes the earlier one at that moment (R1).
//! - A forgotten check-out closes at the latest evidence: a late check-out in the same night, a check-in elsewhere,
//!   and only without these at the hub's closing time.
//! - Touches of one instant are read in the order that fits the touches before and after them: a person inside goes
//!   out before coming in again, a person outside comes in before going out, and a person who goes out later that
//!   night was inside. A reader that records only minutes loses nobody's second hour.
//! - Clocks of two devices may differ by as much as is tolerated: if one device saw a person leave just before
//!   another saw them come, and nothing else ended that visit, it was the visit they left. It lasted no time; it does
//!   not extend to closing time.

use jiff::Timestamp;
use kernel::{HubId, MemberId, NetworkId, PersonId, VisitId};
use platform_calendar::DatedHours;

use crate::{Category, Direction, Source, Touch, admission::CLOCK_MAY_LEAD};

/// A stored visit: a stay, its visitor, and its revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// The hub, start and end.
    pub stay: Stay,
    /// The network.
    pub network: NetworkId,
    /// The visitor.
    pub person: PersonId,
    /// The membership used.
    pub member: MemberId,
    /// The home hub of that membership.
    pub home: HubId,
    /// The category at the time of the visit.
    pub category: Category,
    /// Whether the visit never happened: a late touch showed that its check-in belongs to another visit.
    pub annulled: bool,
    /// Increases with every event about the visit.
    pub revision: i64,
}

impl Visit {
    /// Returns whether the visit is open.
    pub fn is_open(&self) -> bool {
        self.stay.end.is_none() && !self.annulled
    }

    /// Returns the length in whole minutes, rounded down; 0 while the visit is open.
    pub fn minutes(&self) -> i64 {
        let length = |end: End| (end.at.as_second() - self.stay.started_at.as_second()) / 60;
        self.stay.end.map_or(0, length)
    }
}

/// The visitor and the membership used.
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

/// A stay, as derived from touches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stay {
    /// The id, equal to that of the opening touch.
    pub id: VisitId,
    /// The hub.
    pub hub: HubId,
    /// The source of the arrival.
    pub source: Source,
    /// The start.
    pub started_at: Timestamp,
    /// The end and its evidence; `None` while the stay is open.
    pub end: Option<End>,
}

/// The end of a stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    /// The time of the end.
    pub at: Timestamp,
    /// The evidence for the end.
    pub by: EndedBy,
}

/// The evidence for the end of a visit.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, async_graphql::Enum, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum EndedBy {
    /// The member checked out.
    CheckOut,
    /// The member did not check out; the hub closed.
    ClosingTime,
    /// The member checked in at another hub.
    CheckInElsewhere,
    /// The hub's staff checked the member out.
    Operator,
}

/// The effect of a touch on the stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// The touch opened a stay.
    Opened(VisitId),
    /// The person was present already.
    AlreadyOpen(VisitId),
    /// The touch closed a stay.
    Closed(VisitId),
    /// There was no stay to close.
    NothingOpen,
}

/// Reads the stays of one person. `touches` are in order of time; `open` is the stay that is open before the first
/// touch, if any; `hours` returns each hub's opening hours. Returns the stays, that one first, and each touch's
/// effect.
pub fn read_visits<'h>(
    open: Option<Stay>,
    touches: &[Touch],
    now: Timestamp,
    hours: impl Fn(HubId) -> &'h DatedHours,
) -> (Vec<Stay>, Vec<Effect>) {
    let open = open.map(|stay| Stay { end: None, ..stay });
    let mut reading = Reading { stays: Vec::new(), open, had_left: false, departures: Vec::new() };
    let mut effects = Vec::with_capacity(touches.len());
    let mut rest = touches;
    while let Some(first) = rest.first() {
        let (instant, later) = rest.split_at(rest.iter().take_while(|touch| touch.at == first.at).count());
        effects.extend(reading.take_together(instant, later, &hours));
        rest = later;
    }
    if let Some(stay) = reading.open.take() {
        let closing = forgotten_at(hours(stay.hub), stay.started_at, now);
        let end = closing.map(|closing| reading.forgotten(&stay, closing));
        reading.stays.push(Stay { end, ..stay });
    }
    (reading.stays, effects)
}

/// Returns the closing time of a visit that began at `started_at` and is still open at `now`, if it is over then: the
/// closing time has passed, or a pause or the end of the hub begins at this very instant.
pub(crate) fn forgotten_at(hours: &DatedHours, started_at: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let closing = hours.closes_after(started_at);
    (now > closing || now == closing && hours.is_shut_at(now)).then_some(closing)
}

#[derive(Clone)]
struct Reading<'t> {
    stays: Vec<Stay>,
    open: Option<Stay>,
    /// Whether another device saw the person leave just before the open stay began.
    had_left: bool,
    /// Check-outs without an open stay since the last stay began.
    departures: Vec<&'t Touch>,
}

impl<'t> Reading<'t> {
    /// Takes the touches of one instant in the order that fits the following ones. Returns their effects in the order
    /// of the touches.
    fn take_together<'h>(
        &mut self,
        touches: &'t [Touch],
        later: &[Touch],
        hours: &impl Fn(HubId) -> &'h DatedHours,
    ) -> Vec<Effect> {
        if let Some(first) = touches.first() {
            self.forget_yesterday(first.at, hours);
        }
        let Some(ends_inside) = self.should_end_inside(touches, later, hours) else {
            return self.take_as_expected(touches, hours);
        };
        // A person who goes in, out and in again leaves touches that alternate; repeated touches leave the others.
        let mut alternating = self.clone();
        let effects = alternating.take_as_expected(touches, hours);
        if alternating.open.is_some() == ends_inside {
            *self = alternating;
            return effects;
        }
        let last = if ends_inside { Direction::In } else { Direction::Out };
        let mut order: Vec<usize> = (0..touches.len()).collect();
        order.sort_by_key(|place| touches[*place].direction == last);
        let mut effects = vec![Effect::NothingOpen; touches.len()];
        for place in order {
            effects[place] = self.take(&touches[place], hours);
        }
        effects
    }

    /// Decides whether the person is inside after touches of one instant that leave it undecided. The next instant of
    /// the same night with more touches in one direction than in the other decides. If nothing follows, a person who
    /// was inside came in again, unless they went out more often, and a person who was outside went out again: a
    /// repeated touch keeps nobody inside. Returns `None` if the touches leave nothing undecided, or if the following
    /// ones leave it undecided as well.
    fn should_end_inside<'h>(
        &self,
        touches: &[Touch],
        later: &[Touch],
        hours: &impl Fn(HubId) -> &'h DatedHours,
    ) -> Option<bool> {
        let went = |direction: Direction| touches.iter().filter(move |touch| touch.direction == direction);
        let came_and_left = |came: &Touch| went(Direction::Out).any(|left| left.hub == came.hub);
        let came = went(Direction::In).find(|came| came_and_left(came))?;
        let night_ends = hours(came.hub).night_ends_after(came.at);
        let in_the_night = later.iter().take_while(|touch| touch.at < night_ends).count();
        let later = &later[..in_the_night];
        if later.is_empty() {
            return Some(self.open.is_some() && went(Direction::Out).count() <= went(Direction::In).count());
        }
        later.chunk_by(|one, next| one.at == next.at).find_map(|instant| {
            let is_here = |touch: &&Touch| touch.hub == came.hub;
            let (left, more): (Vec<&Touch>, Vec<&Touch>) =
                instant.iter().filter(is_here).partition(|touch| touch.direction == Direction::Out);
            let is_open = left.len() == more.len() && !left.is_empty();
            (!is_open).then_some(left.len() > more.len())
        })
    }

    /// Takes the touches of one instant, each time the first that changes where the person is without a
    /// contradiction.
    fn take_as_expected<'h>(
        &mut self,
        touches: &'t [Touch],
        hours: &impl Fn(HubId) -> &'h DatedHours,
    ) -> Vec<Effect> {
        let mut effects = vec![Effect::NothingOpen; touches.len()];
        let mut waiting: Vec<(usize, &Touch)> = touches.iter().enumerate().collect();
        while !waiting.is_empty() {
            let expected = waiting.iter().position(|(_, touch)| self.expects(touch));
            let (place, touch) = waiting.remove(expected.unwrap_or(0));
            effects[place] = self.take(touch, hours);
        }
        effects
    }

    fn expects(&self, touch: &Touch) -> bool {
        match (touch.direction, &self.open) {
            (Direction::Out, Some(stay)) => stay.hub == touch.hub,
            (Direction::In, None) => true,
            (Direction::Out, None) | (Direction::In, Some(_)) => false,
        }
    }

    fn take<'h>(&mut self, touch: &'t Touch, hours: &impl Fn(HubId) -> &'h DatedHours) -> Effect {
        match (touch.direction, &self.open) {
            (Direction::In, Some(stay)) if stay.hub == touch.hub => Effect::AlreadyOpen(stay.id),
            (Direction::In, _) => {
                self.leave_for_elsewhere(touch.at, hours);
                self.had_left =
                    self.departures.drain(..).any(|departure| shows_a_leading_clock(departure, touch));
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
            (Direction::Out, _) => {
                self.departures.push(touch);
                Effect::NothingOpen
            }
        }
    }

    /// Returns the end of a stay without a later check-out.
    fn forgotten(&self, stay: &Stay, closing: Timestamp) -> End {
        if self.had_left {
            return End { at: stay.started_at, by: EndedBy::CheckOut };
        }
        End { at: closing, by: EndedBy::ClosingTime }
    }

    /// Closes a stay without an end at the turn of the day.
    fn forget_yesterday<'h>(&mut self, at: Timestamp, hours: &impl Fn(HubId) -> &'h DatedHours) {
        if let Some(stay) = &self.open
            && at >= hours(stay.hub).night_ends_after(stay.started_at)
        {
            let closing = hours(stay.hub).closes_after(stay.started_at);
            self.close(self.forgotten(stay, closing));
        }
    }

    fn leave_for_elsewhere<'h>(&mut self, at: Timestamp, hours: &impl Fn(HubId) -> &'h DatedHours) {
        if let Some(stay) = &self.open {
            let closing = hours(stay.hub).closes_after(stay.started_at);
            self.close(if at < closing && !self.had_left {
                End { at, by: EndedBy::CheckInElsewhere }
            } else {
                self.forgotten(stay, closing)
            });
        }
    }

    fn close(&mut self, end: End) {
        if let Some(stay) = self.open.take() {
            self.stays.push(Stay { end: Some(end), ..stay });
        }
    }
}

/// Returns whether the clock of the device that saw the arrival runs ahead of the one that saw the departure.
fn shows_a_leading_clock(departure: &Touch, arrival: &Touch) -> bool {
    departure.hub == arrival.hub
        && departure.reporter != arrival.reporter
        && departure.at >= arrival.at - CLOCK_MAY_LEAD
}

/// Returns whether a reading may begin with a visit: no check-out is so close before it that it could affect it.
pub(crate) fn is_quiet_beginning<'t>(began: Timestamp, touches: impl IntoIterator<Item = &'t Touch>) -> bool {
    let matters = |touch: &Touch| {
        touch.direction == Direction::Out && (began - CLOCK_MAY_LEAD..=began).contains(&touch.at)
    };
    !touches.into_iter().any(matters)
}

#[cfg(test)]
mod tests {
    use kernel::{Id, TouchId, World};
    use proptest::prelude::*;

    use super::*;

    fn hours() -> DatedHours {
        let zone = "Europe/Prague".parse().expect("a zone");
        let position = crate::Position { latitude: 49.into(), longitude: 15.into() };
        platform_calendar::OpeningHours::parse("Mo-Su 08:00-20:00", zone, "CZ", position)
            .expect("hours")
            .into()
    }

    fn hubs() -> [HubId; 2] {
        let world = World::for_test(1);
        [HubId::generate(&world), HubId::generate(&world)]
    }

    fn touch(seed: u64, hub: HubId, at: &str, direction: Direction) -> Touch {
        let id = TouchId::generate(&World::for_test(seed));
        let (at, reporter) = (at.parse().expect("an instant"), "reception".to_owned());
        Touch { id, hub, at, direction, source: Source::Chip, reporter }
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

    /// Sums the minutes of ended stays.
    fn minutes(stays: &[Stay]) -> i64 {
        let length = |stay: &Stay| stay.end.map_or(0, |end| end.at.as_second() - stay.started_at.as_second());
        stays.iter().map(length).sum::<i64>() / 60
    }

    #[test]
    fn out_and_in_again_in_one_instant_are_two_visits() {
        let [hub, _] = hubs();
        let (stays, effects) = read(
            &[
                touch(1, hub, "2026-11-02T08:00:00Z", Direction::In),
                touch(2, hub, "2026-11-02T09:00:00Z", Direction::In),
                touch(3, hub, "2026-11-02T09:00:00Z", Direction::Out),
                touch(4, hub, "2026-11-02T10:00:00Z", Direction::Out),
            ],
            "2026-11-02T11:00:00Z",
        );
        assert_eq!((stays.len(), minutes(&stays)), (2, 120));
        assert!(matches!(effects[1], Effect::Opened(_)), "{effects:?}");
        assert!(matches!(effects[2], Effect::Closed(id) if id == stays[0].id), "{effects:?}");
    }

    #[test]
    fn in_and_out_in_one_instant_is_a_visit_of_no_time() {
        let [hub, _] = hubs();
        let at = "2026-11-02T09:00:00Z";
        let (stays, _) = read(
            &[touch(1, hub, at, Direction::Out), touch(2, hub, at, Direction::In)],
            "2026-11-05T09:00:00Z",
        );
        assert_eq!((stays.len(), minutes(&stays)), (1, 0));
    }

    #[test]
    fn a_touch_that_is_repeated_in_one_instant_keeps_nobody_inside() {
        let [hub, _] = hubs();
        let at = "2026-11-02T09:00:00Z";
        let mut touches = vec![
            touch(1, hub, at, Direction::In),
            touch(2, hub, at, Direction::In),
            touch(3, hub, at, Direction::Out),
        ];
        let (stays, _) = read(&touches, "2026-11-05T09:00:00Z");
        assert_eq!((stays.len(), minutes(&stays)), (1, 0));
        touches.push(touch(4, hub, "2026-11-02T10:00:00Z", Direction::Out));
        let (stays, _) = read(&touches, "2026-11-05T09:00:00Z");
        assert_eq!(minutes(&stays), 60, "who goes out later has come in again");
    }

    #[test]
    fn who_left_before_they_came_by_another_clock_is_not_billed_until_closing() {
        let [hub, _] = hubs();
        let left = |minute: &str| Touch {
            reporter: "backdoor".into(),
            ..touch(1, hub, &format!("2026-11-02T10:{minute}:00Z"), Direction::Out)
        };
        let came = touch(2, hub, "2026-11-02T10:04:00Z", Direction::In);
        let (stays, _) = read(&[left("02"), came.clone()], "2026-11-04T10:00:00Z");
        assert_eq!((minutes(&stays), stays[0].end.map(|end| end.by)), (0, Some(EndedBy::CheckOut)));
        let (stays, _) = read(&[left("02"), came.clone()], "2026-11-02T12:00:00Z");
        assert_eq!(stays[0].end, None, "they may still be seen leaving");

        let far = [left("02"), Touch { at: came.at + jiff::SignedDuration::from_mins(4), ..came.clone() }];
        let alone = [Touch { reporter: "reception".into(), ..left("02") }, came.clone()];
        for touches in [far, alone] {
            let (stays, _) = read(&touches, "2026-11-04T10:00:00Z");
            assert_eq!(
                stays[0].end.map(|end| end.by),
                Some(EndedBy::ClosingTime),
                "clocks do not explain it"
            );
        }

        let left_later = touch(3, hub, "2026-11-02T12:04:00Z", Direction::Out);
        let (stays, _) = read(&[left("02"), came, left_later], "2026-11-04T10:00:00Z");
        assert_eq!(minutes(&stays), 120, "a later check-out is better evidence");
    }

    proptest! {
        /// A person who goes in and out all day at a reader that records only minutes is present, by the visits read,
        /// exactly as long as by that reader's own record.
        #[test]
        fn a_reader_that_keeps_minutes_loses_no_minute_of_presence(pauses in proptest::collection::vec(0_i64..4, 2..40)) {
            let [hub, _] = hubs();
            let beginning: Timestamp = "2026-11-02T08:00:00Z".parse().expect("an instant");
            let (mut minute, mut present, mut touches) = (0, 0, Vec::new());
            for (place, pause) in pauses.iter().enumerate() {
                minute += pause;
                let comes = place % 2 == 0;
                present += if comes { 0 } else { *pause };
                let seed = u64::try_from(pauses.len() - place).expect("small");
                let direction = if comes { Direction::In } else { Direction::Out };
                let at = beginning + jiff::SignedDuration::from_mins(minute);
                touches.push(Touch { at, ..touch(seed, hub, "2026-11-02T08:00:00Z", direction) });
            }
            touches.sort_by_key(|touch| (touch.at, touch.direction == Direction::Out, touch.id));
            let hours = hours();
            let (stays, _) = read_visits(None, &touches, beginning, |_| &hours);
            prop_assert_eq!(minutes(&stays), present);
        }

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
                let reporter = "reception".to_owned();
                touches.push(Touch { id, hub, at, direction, source: Source::Chip, reporter });
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
