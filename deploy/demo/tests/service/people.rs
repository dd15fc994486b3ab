//! The people of the demo.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;

use crate::fixture::{DEMO, is_share, zones};
use crate::onboarding::onboarding;

#[test]
fn people_are_listed_by_the_time_they_joined_after_the_network_was_founded() {
    assert!(DEMO.people.is_sorted_by_key(|it| it.joined_at));
    assert!(DEMO.people.iter().all(|it| it.joined_at > DEMO.window.founded_at()));
    let zones = zones();
    let joined_on = |home: &str, at| zones[home].to_datetime(at).date();
    assert!(DEMO.people.iter().all(|it| joined_on(it.home, it.joined_at) < DEMO.window.until));
}

#[test]
fn most_people_are_founders_and_others_join_in_every_month() {
    let founded_on = DEMO.window.from.yesterday().unwrap();
    let zones = zones();
    let month = |day: Date| (day.year(), day.month());
    let joined: Vec<Date> =
        DEMO.people.iter().map(|it| zones[it.home].to_datetime(it.joined_at).date()).collect();
    let founders = joined.iter().filter(|it| **it == founded_on).count();
    assert!(is_share(founders, joined.len(), 580..=620));
    let months: HashSet<_> = joined.iter().map(|it| month(*it)).collect();
    assert_eq!(months.len(), 8, "the eve, six full months and the running one");
}

#[test]
fn every_plan_exists_at_home_and_admits_its_category() {
    let plans: HashMap<&str, _> = ["humpolec", "piaseczno", "pokrov", "nowa-huta", "poznan"]
        .map(|it| (it, onboarding(it).plans))
        .into();
    for person in &DEMO.people {
        let plan =
            plans[person.home].iter().find(|it| it.code == person.plan).expect("a plan of the home hub");
        let admits = plan.categories.is_empty() || plan.categories.iter().any(|it| it == person.category);
        assert!(admits, "{} does not admit {}", plan.code, person.category);
        assert!(plan.roaming || person.roaming_from.is_none());
    }
}

#[test]
fn emails_and_chips_are_unique_and_well_formed() {
    let mut emails = HashSet::new();
    let mut chips = HashSet::new();
    for person in &DEMO.people {
        assert!(emails.insert(&person.email), "{} twice", person.email);
        let (local, domain) = person.email.split_once('@').unwrap();
        assert_eq!(domain, "example.org");
        assert!(local.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'.'));
        for chip in &person.chips {
            assert!(chips.insert(chip), "{chip} twice");
            assert!(chip.len() == 14 && chip.bytes().all(|it| b"0123456789ABCDEF".contains(&it)));
        }
    }
}

#[test]
fn nobody_gets_a_roaming_pass_before_joining() {
    let mut passes = DEMO.people.iter().filter_map(|it| it.roaming_from.map(|from| (it, from)));
    assert!(passes.all(|(person, from)| from > person.joined_at));
}

#[test]
fn pass_holders_come_from_every_hub() {
    let homes: HashSet<_> =
        DEMO.people.iter().filter(|it| it.roaming_from.is_some()).map(|it| it.home).collect();
    assert_eq!(homes.len(), 5);
}

#[test]
fn some_seek_cooperation_in_their_language_and_most_stay_unseen() {
    let seekers = DEMO.people.iter().filter(|it| it.seeks.is_some()).count();
    assert!(is_share(seekers, DEMO.people.len(), 150..=300));
}

#[test]
fn whoever_loses_a_chip_has_another() {
    let losers: Vec<_> = DEMO.people.iter().filter(|it| !it.lost_chips.is_empty()).collect();
    assert!(!losers.is_empty());
    for loser in losers {
        assert!(loser.chips.len() > loser.lost_chips.len());
        assert!(loser.lost_chips.iter().all(|lost| loser.chips.contains(&lost.chip)));
    }
}
