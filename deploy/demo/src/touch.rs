//! The touches that the readers record: one or two for every visit, and a few of chips that are refused.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::dice::Dice;
use crate::person::Person;
use crate::place::Place;
use crate::population::Member;
use crate::upload::{Direction, LogLine};
use crate::visit::Visit;
use crate::window::Window;

/// The lines of each device ordered by time, by index of the hub and code of the device.
pub(crate) type DeviceLines = BTreeMap<(usize, &'static str), Vec<LogLine>>;

const MAIN_DEVICE_PERMILLE: i64 = 750;
const MAIN_CHIP_PERMILLE: i64 = 800;
/// Share of a hub's days on which an unknown chip is touched.
const STRANGER_PERMILLE: i64 = 30;
/// How often the finder of a lost chip tries it.
const FINDER_TRIES: usize = 3;

/// Generates the log of every device.
pub(crate) fn device_lines(
    places: &[Place],
    members: &[Member],
    visits: &[Visit],
    window: Window,
    dice: &mut Dice,
) -> DeviceLines {
    let mut readers = Readers { places, dice, touches: BTreeMap::new() };
    for visit in visits {
        readers.see_visit(visit, &members[visit.member].person);
    }
    for place in 0..places.len() {
        readers.see_strangers(place, window);
    }
    for member in members {
        readers.see_finder(member, window);
    }
    readers.touches.into_iter().map(|(device, touches)| (device, numbered(device.1, touches))).collect()
}

struct Touch {
    at: Timestamp,
    credential: String,
    direction: Direction,
}

struct Readers<'a> {
    places: &'a [Place],
    dice: &'a mut Dice,
    touches: BTreeMap<(usize, &'static str), Vec<Touch>>,
}

impl Readers<'_> {
    fn see_visit(&mut self, visit: &Visit, person: &Person) {
        let chip = self.chip_in_hand(person, visit.entered_at);
        self.see(
            visit.place,
            Touch { at: visit.entered_at, credential: chip.clone(), direction: Direction::In },
        );
        if let Some(at) = visit.left_at {
            self.see(visit.place, Touch { at, credential: chip, direction: Direction::Out });
        }
    }

    fn see_strangers(&mut self, place: usize, window: Window) {
        for day in window.days() {
            if self.dice.permille(STRANGER_PERMILLE) {
                let credential = self.dice.chip_number();
                self.see_attempt(place, day, credential);
            }
        }
    }

    /// Adds the finder of a lost chip, who tries it on the next days.
    fn see_finder(&mut self, member: &Member, window: Window) {
        for lost in &member.person.lost_chips {
            let place = &self.places[member.home];
            let is_after =
                |day: &Date| place.at(*day, 0) > lost.lost_at && !place.hub.hours_on(*day).is_empty();
            for day in window.days().filter(is_after).take(FINDER_TRIES) {
                self.see_attempt(member.home, day, lost.chip.clone());
            }
        }
    }

    fn see_attempt(&mut self, place: usize, day: Date, credential: String) {
        if let Some(span) = self.places[place].hub.hours_on(day).first() {
            let at = self.places[place].at(day, self.dice.between(span.opens, span.closes - 1));
            self.see(place, Touch { at, credential, direction: Direction::In });
        }
    }

    fn see(&mut self, place: usize, touch: Touch) {
        let devices = self.places[place].hub.devices;
        let device =
            if self.dice.permille(MAIN_DEVICE_PERMILLE) { devices[0] } else { self.dice.pick(devices) };
        self.touches.entry((place, device)).or_default().push(touch);
    }

    /// Returns the chip that a person carries: usually the first, never a lost one.
    fn chip_in_hand(&mut self, person: &Person, at: Timestamp) -> String {
        let is_lost =
            |chip: &str| person.lost_chips.iter().any(|lost| lost.chip == chip && lost.lost_at <= at);
        let chips: Vec<&String> = person.chips.iter().filter(|chip| !is_lost(chip)).collect();
        let main = self.dice.permille(MAIN_CHIP_PERMILLE);
        if main { chips[0].clone() } else { self.dice.pick(&chips).clone() }
    }
}

/// Numbers a device's touches in order of time; a device never uses a number twice.
fn numbered(device: &str, mut touches: Vec<Touch>) -> Vec<LogLine> {
    touches.sort_by(|a, b| (a.at, &a.credential).cmp(&(b.at, &b.credential)));
    let line = |(index, Touch { at, credential, direction }): (usize, Touch)| {
        let number = index + 1;
        LogLine { event_id: format!("{device}-{number:06}"), at, credential, direction }
    };
    touches.into_iter().enumerate().map(line).collect()
}
