//! The figures of visits: what one visit adds, and the sum of many. Always true: figures are whole numbers, and the
//! figures of a whole are the sum of the figures of its parts.

use std::ops::{AddAssign, SubAssign};

/// The figures of some visits; in a difference, any figure may be negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Figures {
    /// The number of visits that began.
    pub visits: i64,
    /// The number of whole minutes they lasted; an open visit has none yet.
    pub minutes: i64,
    /// The number of visits by members of another hub.
    pub roaming_visits: i64,
    /// The number of minutes of visits by members of another hub.
    pub roaming_minutes: i64,
}

impl Figures {
    /// No visits.
    pub const ZERO: Self = Self { visits: 0, minutes: 0, roaming_visits: 0, roaming_minutes: 0 };

    /// Returns whether all figures are zero.
    pub fn is_zero(&self) -> bool {
        *self == Self::ZERO
    }
}

impl AddAssign for Figures {
    fn add_assign(&mut self, more: Self) {
        self.visits += more.visits;
        self.minutes += more.minutes;
        self.roaming_visits += more.roaming_visits;
        self.roaming_minutes += more.roaming_minutes;
    }
}

impl SubAssign for Figures {
    fn sub_assign(&mut self, less: Self) {
        self.visits -= less.visits;
        self.minutes -= less.minutes;
        self.roaming_visits -= less.roaming_visits;
        self.roaming_minutes -= less.roaming_minutes;
    }
}
