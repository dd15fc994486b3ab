//! Travel: trips of one to three days by pass-holders to another hub of the network.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::dice::Dice;
use crate::population::Member;

/// The last trip of every member.
pub(crate) struct Travel<'a> {
    members: &'a [Member],
    trips: Vec<Option<Trip>>,
}

struct Trip {
    /// Index of the hub visited.
    to: usize,
    /// First day not away.
    until: Date,
}

impl<'a> Travel<'a> {
    pub(crate) fn new(members: &'a [Member]) -> Self {
        Self { members, trips: members.iter().map(|_| None).collect() }
    }

    /// Returns whether a member is away from home on a day.
    pub(crate) fn is_away(&self, member: usize, day: Date) -> bool {
        self.trips[member].as_ref().is_some_and(|trip| day < trip.until)
    }

    /// Returns the members whose trip to a hub has begun and goes on.
    pub(crate) fn staying_in(&self, hub: usize, day: Date) -> Vec<usize> {
        let stays = |trip: &Option<Trip>| trip.as_ref().is_some_and(|it| it.to == hub && day < it.until);
        (0..self.trips.len()).filter(|member| stays(&self.trips[*member])).collect()
    }

    /// Sends a pass-holder of another hub here; `None` if nobody can come.
    pub(crate) fn arrive(&mut self, hub: usize, day: Date, dice: &mut Dice) -> Option<usize> {
        let can_come = |index: usize, member: &Member| {
            member.home != hub && member.pass_on.is_some_and(|on| on < day) && !self.is_away(index, day)
        };
        let weight = |(index, member)| i64::from(can_come(index, member));
        let traveller = dice.weighted(self.members.iter().enumerate().map(weight))?;
        let until = day.saturating_add(dice.between(1, 3).days());
        self.trips[traveller] = Some(Trip { to: hub, until });
        Some(traveller)
    }
}
