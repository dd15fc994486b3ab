//! Simulates one hub on one day, minute by minute: a visit happens only if a seat is free.

use jiff::civil::Date;

use crate::dice::Dice;
use crate::hub::Span;
use crate::place::Place;
use crate::stay::{Stay, stays};
use crate::visit::Visit;

/// The day's visits and the seats they take.
pub(crate) struct HubDay<'a> {
    /// Index of the hub.
    pub(crate) index: usize,
    /// Visits that the day draws.
    pub(crate) wanted: usize,
    place: &'a Place,
    day: Date,
    hours: &'static [Span],
    forgetful_permille: i64,
    /// Seats taken in each minute of the local day.
    taken: Vec<usize>,
    visits: Vec<Visit>,
}

/// Only the last stay of a person's day can lack its check-out; this share gives about 3 % of all visits.
const FORGETFUL_PERMILLE: i64 = 42;
/// More people forget before a clock change, so that open visits span the change.
const FORGETFUL_BEFORE_CLOCK_CHANGE_PERMILLE: i64 = 300;
/// A forgotten visit keeps its seat until the hub is tidied up after closing.
const TIDY_UP_SECONDS: i64 = 15 * 60;
const MINUTES_PER_DAY: usize = 24 * 60;
const TRIES: usize = 4;

impl<'a> HubDay<'a> {
    /// Creates an empty hub on an open day.
    pub(crate) fn new(index: usize, place: &'a Place, day: Date, wanted: i64) -> Self {
        let forgetful_permille = if place.clocks_change_soon(day) {
            FORGETFUL_BEFORE_CLOCK_CHANGE_PERMILLE
        } else {
            FORGETFUL_PERMILLE
        };
        Self {
            index,
            wanted: usize::try_from(wanted).expect("demand is never negative"),
            place,
            day,
            hours: place.hub.hours_on(day),
            forgetful_permille,
            taken: vec![0; MINUTES_PER_DAY],
            visits: Vec::new(),
        }
    }

    /// Returns how many of the day's visits are by travellers; fractions are rounded at random.
    pub(crate) fn guests_wanted(&self, dice: &mut Dice) -> usize {
        (0..self.wanted).filter(|_| dice.permille(self.place.hub.guests_permille)).count()
    }

    pub(crate) fn visit_count(&self) -> usize {
        self.visits.len()
    }

    pub(crate) fn into_visits(self) -> Vec<Visit> {
        self.visits
    }

    /// Places a member's day here. If no seat is free at their time, they try another time, then give up.
    pub(crate) fn receive(&mut self, member: usize, dice: &mut Dice) {
        let before = self.visits.len();
        for _ in 0..TRIES {
            let stays = stays(self.hours, &self.place.hub.habits, dice);
            if let Some((last, earlier)) = stays.split_last() {
                for stay in earlier {
                    self.admit(member, *stay, false);
                }
                self.admit(member, *last, dice.permille(self.forgetful_permille));
            }
            if self.visits.len() > before {
                return;
            }
        }
    }

    fn admit(&mut self, member: usize, stay: Stay, forgotten: bool) {
        let closes = self.hours.last().map_or(stay.leaves, |span| span.closes);
        let seat_until = if forgotten { closes + TIDY_UP_SECONDS } else { stay.leaves };
        if self.take_seat(stay.arrives, seat_until) {
            self.visits.push(Visit {
                member,
                place: self.index,
                entered_at: self.place.at(self.day, stay.arrives),
                left_at: (!forgotten).then(|| self.place.at(self.day, stay.leaves)),
            });
        }
    }

    /// Takes a seat for every minute of the stay, or none at all.
    fn take_seat(&mut self, from_second: i64, until_second: i64) -> bool {
        let minute = |second: i64| usize::try_from(second / 60).unwrap_or(0).min(MINUTES_PER_DAY - 1);
        let stay = &mut self.taken[minute(from_second)..=minute(until_second)];
        let is_free = stay.iter().all(|taken| *taken < self.place.hub.seats);
        if is_free {
            for taken in stay {
                *taken += 1;
            }
        }
        is_free
    }
}
