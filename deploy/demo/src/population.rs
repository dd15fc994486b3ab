//! The members of the network: founders who join on its eve, and those who join over the months.

use std::collections::HashSet;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::dice::Dice;
use crate::hub::Group;
use crate::latin::latin;
use crate::names::{Names, names_in};
use crate::person::{LostChip, Person};
use crate::place::Place;
use crate::window::Window;

/// A person with data that only the simulation uses.
pub(crate) struct Member {
    pub(crate) person: Person,
    /// Index of the home hub.
    pub(crate) home: usize,
    /// Weight among the members of a hub when a day's visitors are drawn.
    pub(crate) keenness: i64,
    /// Local day of joining.
    pub(crate) joined_on: Date,
    /// Local day of the roaming pass.
    pub(crate) pass_on: Option<Date>,
}

const FOUNDERS_PERMILLE: i64 = 600;
const PASS_PERMILLE: i64 = 300;
const PASS_ON_JOINING_PERMILLE: i64 = 600;
const SECOND_CHIP_PERMILLE: i64 = 80;
const SEEKS_PERMILLE: i64 = 220;
/// Most people come occasionally, a few nearly every day.
const KEENNESS: [i64; 8] = [1, 1, 2, 2, 3, 4, 6, 9];

/// Returns all members, ordered by the time they joined.
pub(crate) fn population(places: &[Place], window: Window, dice: &mut Dice) -> Vec<Member> {
    let mut taken_emails = HashSet::new();
    let mut members = Vec::new();
    for (home, place) in places.iter().enumerate() {
        let mut office = Enrolment { place, home, window, dice, taken_emails: &mut taken_emails };
        members.extend(office.enrol_all());
    }
    lose_a_chip(&mut members, places, window, dice);
    members.sort_by(|a, b| (a.person.joined_at, &a.person.email).cmp(&(b.person.joined_at, &b.person.email)));
    members
}

/// Enrols the members of one hub.
struct Enrolment<'a> {
    place: &'a Place,
    home: usize,
    window: Window,
    dice: &'a mut Dice,
    taken_emails: &'a mut HashSet<String>,
}

impl Enrolment<'_> {
    fn enrol_all(&mut self) -> Vec<Member> {
        let hub = self.place.hub;
        let founders = hub.members * FOUNDERS_PERMILLE / 1000;
        let open_days: Vec<Date> = self.window.days().filter(|day| !hub.hours_on(*day).is_empty()).collect();
        let enrol = |number| {
            let joined_at = if number < founders { self.on_the_eve() } else { self.on_one_of(&open_days) };
            self.enrol(joined_at, &open_days)
        };
        (0..hub.members).map(enrol).collect()
    }

    fn on_the_eve(&mut self) -> Timestamp {
        self.window.founded_at() + SignedDuration::from_secs(self.dice.between(30 * 60, 10 * 3600))
    }

    fn on_one_of(&mut self, days: &[Date]) -> Timestamp {
        let day = self.dice.pick(days);
        let opens = self.place.hub.hours_on(day)[0].opens;
        self.place.at(day, opens + self.dice.between(10 * 60, 3 * 3600))
    }

    fn enrol(&mut self, joined_at: Timestamp, open_days: &[Date]) -> Member {
        let group = self.group();
        let language = if group.category == "displaced" { "uk" } else { self.place.hub.language };
        let names = names_in(language);
        let (first, surname) = self.name(names);
        let roaming_from = self.dice.permille(PASS_PERMILLE).then(|| self.pass_at(joined_at, open_days));
        let person = Person {
            name: format!("{first} {surname}"),
            email: self.email(first, surname),
            home: self.place.hub.slug,
            category: group.category,
            plan: group.plan,
            language,
            chips: self.chips(),
            lost_chips: Vec::new(),
            joined_at,
            roaming_from,
            seeks: self.dice.permille(SEEKS_PERMILLE).then(|| self.dice.pick(names.headlines)),
        };
        Member {
            person,
            home: self.home,
            keenness: self.dice.pick(&KEENNESS),
            joined_on: self.place.day_of(joined_at),
            pass_on: roaming_from.map(|at| self.place.day_of(at)),
        }
    }

    fn group(&mut self) -> &'static Group {
        let groups = self.place.hub.groups;
        let index = self.dice.weighted(groups.iter().map(|group| group.share));
        &groups[index.expect("every hub has groups with a share")]
    }

    fn name(&mut self, names: &'static Names) -> (&'static str, &'static str) {
        if self.dice.permille(520) {
            (self.dice.pick(names.women), self.dice.pick(names.women_surnames))
        } else {
            (self.dice.pick(names.men), self.dice.pick(names.men_surnames))
        }
    }

    /// Returns an address; namesakes get a number.
    fn email(&mut self, first: &str, surname: &str) -> String {
        let name = format!("{}.{}", latin(first), latin(surname));
        let plain = format!("{name}@example.org");
        let numbered = (2..).map(|number: u32| format!("{name}{number}@example.org"));
        let mut free = std::iter::once(plain).chain(numbered).filter(|it| !self.taken_emails.contains(it));
        let email = free.next().expect("numbers do not run out");
        self.taken_emails.insert(email.clone());
        email
    }

    fn chips(&mut self) -> Vec<String> {
        let mut chips = vec![self.dice.chip_number()];
        if self.dice.permille(SECOND_CHIP_PERMILLE) {
            chips.push(self.dice.chip_number());
        }
        chips
    }

    /// Returns when a member gets the pass: mostly on joining, otherwise when they first need it.
    fn pass_at(&mut self, joined_at: Timestamp, open_days: &[Date]) -> Timestamp {
        let soon = joined_at + SignedDuration::from_secs(self.dice.between(5 * 60, 3600));
        if self.dice.permille(PASS_ON_JOINING_PERMILLE) { soon } else { soon.max(self.on_one_of(open_days)) }
    }
}

/// Gives the most frequent founder of the first hub a lost chip, on an evening in the middle of the window.
fn lose_a_chip(members: &mut [Member], places: &[Place], window: Window, dice: &mut Dice) {
    let founders = members.iter_mut().filter(|it| it.home == 0 && it.joined_on < window.from);
    let loser = founders.max_by_key(|it| it.keenness).expect("the first hub has founders");
    if loser.person.chips.len() < 2 {
        loser.person.chips.push(dice.chip_number());
    }
    let evening = places[0].at(window.from.saturating_add(100.days()), 21 * 3600 + 15 * 60);
    loser.person.lost_chips = vec![LostChip { chip: loser.person.chips[0].clone(), lost_at: evening }];
}
