//! The visits behind the logs: sufficient in number, and plausible.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDateTime;
use demo_data::{Direction, generate};
use jiff::civil::{DateTime, Weekday, date};
use jiff::{Timestamp, ToSpan};

use crate::fixture::{DEMO, Visit, count_by, is_share, touches, visits, zones};
use crate::onboarding::onboardings;

fn chrono(local: DateTime) -> NaiveDateTime {
    local.to_string().parse().expect("both read ISO 8601")
}

fn open_hubs() -> HashMap<String, impl Fn(NaiveDateTime) -> bool> {
    onboardings().into_iter().map(|it| (it.hub.slug.clone(), it.hub.is_open())).collect()
}

fn is_roaming(visit: &Visit) -> bool {
    visit.hub != visit.person.home
}

#[test]
fn same_seed_and_day_give_the_same_demo_and_another_seed_another() {
    let demo = generate(7, date(2026, 4, 11));
    assert!(demo == *DEMO);
    assert!(generate(8, date(2026, 4, 11)).uploads != demo.uploads);
}

#[test]
fn whatever_the_day_there_are_at_least_twenty_thousand_check_ins() {
    for until in [date(2025, 8, 1), date(2026, 1, 7), date(2026, 3, 1), date(2026, 10, 31), date(2027, 6, 30)]
    {
        let demo = generate(1, until);
        let visits = visits(&demo);
        assert!((20_000..27_000).contains(&visits.len()), "{} before {until}", visits.len());
        assert!(demo.uploads.len() < 1_100, "{} uploads before {until}", demo.uploads.len());
    }
}

#[test]
fn every_hub_is_visited_in_every_full_month_and_pokrov_about_150_times() {
    let month = |visit: &Visit| (visit.hub, visit.entered.year(), visit.entered.month());
    let counts = count_by(visits(&DEMO), month);
    let full = counts.iter().filter(|((_, year, month), _)| (*year, *month) < (2026, 4));
    let full: Vec<_> = full.collect();
    assert_eq!(full.len(), 5 * 6);
    for ((hub, year, month), count) in full {
        let expected = if *hub == "pokrov" { 115..=185 } else { 400..=1500 };
        assert!(expected.contains(count), "{count} visits at {hub} in {year}-{month:02}");
    }
}

#[test]
fn network_grows_over_the_months() {
    let by_month = count_by(visits(&DEMO), |it| (it.entered.year(), it.entered.month()));
    assert!(by_month[&(2026, 3)] * 10 > by_month[&(2025, 10)] * 11, "{by_month:?}");
}

#[test]
fn days_around_christmas_are_quiet_and_public_holidays_silent() {
    let by_day = count_by(visits(&DEMO), |it| it.entered.date());
    assert!(by_day[&date(2025, 12, 22)] * 3 < by_day[&date(2025, 12, 8)] * 2);
    let christmas = by_day.get(&date(2025, 12, 25));
    assert_eq!(christmas, None);
}

#[test]
fn everybody_checks_in_while_the_hub_is_open() {
    let is_open = open_hubs();
    for touch in touches(&DEMO).iter().filter(|it| it.line.direction == Direction::In) {
        assert!(is_open[touch.hub](chrono(touch.local)), "{} at {}", touch.hub, touch.local);
    }
}

#[test]
fn some_stay_past_closing_but_only_by_minutes() {
    let is_open = open_hubs();
    let visits = visits(&DEMO);
    let left = visits.iter().filter_map(|it| it.left.map(|left| (it.hub, left)));
    let late: Vec<_> = left.filter(|(hub, left)| !is_open[*hub](chrono(*left))).collect();
    assert!(is_share(late.len(), visits.len(), 10..=100));
    for (hub, left) in late {
        assert!(is_open[hub](chrono(left - 10.minutes())), "{hub} at {left}");
    }
}

#[test]
fn nobody_comes_before_joining_or_roams_before_the_pass() {
    for visit in visits(&DEMO) {
        assert!(visit.entered_at > visit.person.joined_at);
        if is_roaming(&visit) {
            assert!(visit.person.roaming_from.is_some_and(|from| from < visit.entered_at));
        }
    }
}

#[test]
fn nobody_is_in_two_places_unless_a_check_out_was_forgotten() {
    let mut last: HashMap<&str, (&str, Option<Timestamp>)> = HashMap::new();
    for visit in visits(&DEMO) {
        if let Some((hub, Some(left_at))) = last.insert(&visit.person.email, (visit.hub, visit.left_at)) {
            assert!(left_at < visit.entered_at, "{} in {hub} and {}", visit.person.email, visit.hub);
        }
    }
}

#[test]
fn capacity_is_never_exceeded_even_if_the_forgetful_stay_until_closing() {
    let capacities: HashMap<String, usize> =
        onboardings().into_iter().map(|it| (it.hub.slug, it.hub.capacity)).collect();
    let is_open = open_hubs();
    let mut changes: BTreeMap<(&str, DateTime), isize> = BTreeMap::new();
    for visit in visits(&DEMO) {
        let until = visit.left.unwrap_or_else(|| closing(&is_open[visit.hub], visit.entered));
        *changes.entry((visit.hub, visit.entered)).or_default() += 1;
        *changes.entry((visit.hub, until)).or_default() -= 1;
    }
    let mut present: HashMap<&str, isize> = HashMap::new();
    for ((hub, at), change) in changes {
        let present = present.entry(hub).or_default();
        *present += change;
        assert!(
            usize::try_from(*present).is_ok_and(|it| it <= capacities[hub]),
            "{present} in {hub} at {at}"
        );
    }
}

/// Returns the last minute of the local day at which the hub is open.
fn closing(is_open: &impl Fn(NaiveDateTime) -> bool, day: DateTime) -> DateTime {
    let quarters = (0..24 * 4).rev().map(|quarter: i64| day.date().at(0, 0, 0, 0) + (15 * quarter).minutes());
    let last_open = quarters.into_iter().find(|it| is_open(chrono(*it))).expect("open on the day");
    last_open + 15.minutes()
}

#[test]
fn at_least_one_visit_in_twenty_is_roaming_and_no_month_goes_without() {
    let visits = visits(&DEMO);
    let roaming: Vec<&Visit> = visits.iter().filter(|it| is_roaming(it)).collect();
    assert!(is_share(roaming.len(), visits.len(), 60..=120), "{} of {}", roaming.len(), visits.len());
    let months = count_by(&roaming, |it| (it.entered.year(), it.entered.month()));
    assert_eq!(months.len(), 7);
}

#[test]
fn people_travel_between_all_countries_in_both_directions() {
    let country = |hub: &str| match hub {
        "humpolec" => "CZ",
        "pokrov" => "UA",
        _ => "PL",
    };
    let routes: HashSet<_> = visits(&DEMO)
        .iter()
        .filter(|it| is_roaming(it))
        .map(|it| (country(it.person.home), country(it.hub)))
        .collect();
    assert_eq!(routes.len(), 7, "six between countries and one within Poland: {routes:?}");
}

#[test]
fn many_go_out_for_lunch() {
    let visits = visits(&DEMO);
    let days = count_by(&visits, |it| (it.person.email.clone(), it.entered.date()));
    let twice = days.values().filter(|count| **count == 2).count();
    assert!(is_share(twice, days.len(), 150..=450), "{twice} of {}", days.len());
    assert!(days.values().all(|count| *count <= 2));
}

#[test]
fn about_three_in_a_hundred_forget_to_check_out() {
    let visits = visits(&DEMO);
    let forgotten = visits.iter().filter(|it| it.left.is_none()).count();
    assert!(is_share(forgotten, visits.len(), 22..=40), "{forgotten} of {}", visits.len());
}

#[test]
fn hubs_keep_their_local_hours_across_a_clock_change_and_some_visits_stay_open_over_it() {
    let zone = &zones()["humpolec"];
    let offset = |visit: &Visit| zone.to_offset(visit.entered_at);
    let visits = visits(&DEMO);
    for change in [date(2025, 10, 26), date(2026, 3, 29)] {
        let near = |it: &&Visit| it.hub == "humpolec" && (it.entered.date() - change).get_days().abs() <= 5;
        let offsets: HashSet<_> = visits.iter().filter(near).map(offset).collect();
        assert_eq!(offsets.len(), 2, "clocks change on {change}");
        let eve =
            |it: &&Visit| it.left.is_none() && (1..=2).contains(&(change - it.entered.date()).get_days());
        assert!(visits.iter().any(|it| eve(&it)));
    }
}

#[test]
fn library_rests_on_sunday_and_monday() {
    let weekdays = count_by(visits(&DEMO).iter().filter(|it| it.hub == "pokrov"), |it| {
        it.entered.weekday().to_monday_zero_offset()
    });
    let tuesday = Weekday::Tuesday.to_monday_zero_offset();
    assert_eq!(weekdays.keys().copied().collect::<Vec<_>>(), (tuesday..tuesday + 5).collect::<Vec<_>>());
}
