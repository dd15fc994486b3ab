//! The true visits in the hubs, before any device records them. A member is in one hub a day at most, so never in two
//! at once, except if a check-out was forgotten.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::demand::demand;
use crate::dice::Dice;
use crate::hub_day::HubDay;
use crate::place::Place;
use crate::population::Member;
use crate::travel::Travel;
use crate::window::Window;

/// One stay of one member in one hub.
pub(crate) struct Visit {
    /// Index of the member.
    pub(crate) member: usize,
    /// Index of the hub.
    pub(crate) place: usize,
    pub(crate) entered_at: Timestamp,
    /// `None`: the check-out was forgotten.
    pub(crate) left_at: Option<Timestamp>,
}

/// Returns all visits of the window, by day and hub.
pub(crate) fn visits(places: &[Place], members: &[Member], window: Window, dice: &mut Dice) -> Vec<Visit> {
    let demands: Vec<Vec<i64>> = places.iter().map(|place| demand(place.hub, window, dice)).collect();
    let mut travel = Travel::new(members);
    let mut visits = Vec::new();
    for (number, day) in window.days().enumerate() {
        let open = |index: &usize| !places[*index].hub.hours_on(day).is_empty();
        let hub_day = |index: usize| HubDay::new(index, &places[index], day, demands[index][number]);
        let mut hub_days: Vec<HubDay> = (0..places.len()).filter(open).map(hub_day).collect();
        // Travellers come first: a member on a trip is not at home today.
        for hub_day in &mut hub_days {
            receive_guests(hub_day, &mut travel, day, dice);
        }
        for hub_day in &mut hub_days {
            receive_locals(hub_day, members, &travel, day, dice);
        }
        visits.extend(hub_days.into_iter().flat_map(HubDay::into_visits));
    }
    visits
}

fn receive_guests(hub_day: &mut HubDay, travel: &mut Travel, day: Date, dice: &mut Dice) {
    let wanted = hub_day.guests_wanted(dice);
    let mut staying = travel.staying_in(hub_day.index, day).into_iter();
    while hub_day.visit_count() < wanted {
        let next = staying.next().or_else(|| travel.arrive(hub_day.index, day, dice));
        let Some(guest) = next else { return };
        hub_day.receive(guest, dice);
    }
}

fn receive_locals(hub_day: &mut HubDay, members: &[Member], travel: &Travel, day: Date, dice: &mut Dice) {
    let at_home = |(index, member): &(usize, &Member)| {
        member.home == hub_day.index && member.joined_on < day && !travel.is_away(*index, day)
    };
    let mut locals: Vec<(usize, i64)> =
        members.iter().enumerate().filter(at_home).map(|(index, member)| (index, member.keenness)).collect();
    while hub_day.visit_count() < hub_day.wanted {
        let Some(drawn) = dice.weighted(locals.iter().map(|(_, keenness)| *keenness)) else { return };
        let (member, _) = locals.swap_remove(drawn);
        hub_day.receive(member, dice);
    }
}
