//! Tests rating by example, and against a model that walks a visit minute by minute.

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan, civil::Date};
use kernel::{Currency, Interval, Money, Zone, round_half_even};
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::{DayTotal, Rated, SECONDS_PER_HOUR, Stay, rate, wall_time};
use crate::{Category, ChargeReason, ElementDraft, Terms, TermsDraft, Weekday};

fn czk() -> Currency {
    "CZK".parse().expect("a currency")
}

fn prague() -> Zone {
    "Europe/Prague".parse().expect("a zone")
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

fn draft() -> TermsDraft {
    TermsDraft {
        name: "Guests".into(),
        price_per_hour: "60".into(),
        billing_step_seconds: 1,
        ..TermsDraft::default()
    }
}

fn window(from: &str, until: &str, price: &str) -> ElementDraft {
    ElementDraft {
        from: Some(from.into()),
        until: Some(until.into()),
        price_per_hour: price.into(),
        ..ElementDraft::default()
    }
}

fn terms(draft: &TermsDraft) -> Terms {
    Terms::check(draft, czk()).expect("a good draft")
}

fn rated(draft: &TermsDraft, from: &str, until: &str) -> Rated {
    rated_after(draft, from, until, DayTotal::default())
}

fn rated_after(draft: &TermsDraft, from: &str, until: &str, so_far: DayTotal) -> Rated {
    let interval = Interval::new(at(from), at(until)).expect("forward");
    let stay = Stay { interval, zone: &prague(), category: Category::Student };
    rate(stay, &terms(draft), |_| so_far).expect("in range")
}

#[test]
fn an_hour_costs_the_price_of_an_hour() {
    assert_eq!(
        rated(&draft(), "2026-11-02T10:00:00Z", "2026-11-02T11:00:00Z").amount,
        Money::new(6_000, czk())
    );
}

#[test]
fn a_visit_within_grace_is_free_even_where_a_day_has_a_minimum() {
    let draft = TermsDraft { grace_minutes: 10, minimum_per_day: Some("50".into()), ..draft() };
    let free = rated(&draft, "2026-11-02T10:00:00Z", "2026-11-02T10:10:00Z");
    assert_eq!((free.amount.minor, free.reason, free.lines.len()), (0, ChargeReason::WithinGrace, 0));
    let paid = rated(&draft, "2026-11-02T10:00:00Z", "2026-11-02T10:10:01Z");
    assert_eq!((paid.amount.minor, paid.reason), (5_000, ChargeReason::RatedByTariff));
}

#[test]
fn the_grace_minutes_of_a_long_visit_are_free_too() {
    let draft = TermsDraft { grace_minutes: 10, ..draft() };
    assert_eq!(rated(&draft, "2026-11-02T10:00:00Z", "2026-11-02T11:10:00Z").amount.minor, 6_000);
}

#[test]
fn the_time_of_a_day_is_rounded_up_to_the_billing_step() {
    let draft = TermsDraft { billing_step_seconds: 900, ..draft() };
    let line = rated(&draft, "2026-11-02T10:00:00Z", "2026-11-02T10:15:01Z").lines[0];
    assert_eq!((line.billed_seconds, line.amount.minor), (1_800, 3_000));
}

#[test]
fn a_visit_over_midnight_is_two_billing_days_of_the_hosts_zone() {
    let draft = TermsDraft { billing_step_seconds: 3_600, ..draft() };
    // Midnight in Prague is 23:00 UTC in winter: half an hour before it, ten minutes after.
    let lines = rated(&draft, "2026-11-02T22:30:00Z", "2026-11-02T23:10:00Z").lines;
    let days: Vec<(String, i64)> =
        lines.iter().map(|line| (line.day.to_string(), line.billed_seconds)).collect();
    assert_eq!(days, [("2026-11-02".into(), 3_600), ("2026-11-03".into(), 3_600)]);
}

#[test]
fn a_visit_that_crosses_a_windows_boundary_is_split_to_the_second() {
    let draft = TermsDraft { elements: vec![window("09:00", "13:00", "30")], ..draft() };
    // 12:30 to 13:30 in Prague: half an hour at 30, half an hour at 60.
    assert_eq!(rated(&draft, "2026-11-02T11:30:00Z", "2026-11-02T12:30:00Z").amount.minor, 1_500 + 3_000);
}

#[test]
fn the_seconds_added_by_rounding_cost_what_the_last_stretch_costs() {
    let draft =
        TermsDraft { billing_step_seconds: 3_600, elements: vec![window("09:00", "13:00", "30")], ..draft() };
    // 12:30 to 13:10: half an hour at 30; ten minutes, made half an hour, at 60.
    assert_eq!(rated(&draft, "2026-11-02T11:30:00Z", "2026-11-02T12:10:00Z").amount.minor, 1_500 + 3_000);
}

#[test]
fn a_window_inside_the_repeated_hour_counts_twice() {
    let draft = TermsDraft { elements: vec![window("02:00", "02:30", "0")], ..draft() };
    // The night of 25 October 2026 shows 02:00 to 03:00 twice: the window is free twice over.
    let line = rated(&draft, "2026-10-25T00:00:00Z", "2026-10-25T02:00:00Z").lines[0];
    assert_eq!((line.billed_seconds, line.amount.minor), (7_200, 6_000));
}

#[test]
fn a_window_inside_the_skipped_hour_never_comes() {
    let draft = TermsDraft { elements: vec![window("02:00", "03:00", "0")], ..draft() };
    assert_eq!(rated(&draft, "2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z").amount.minor, 6_000);
}

#[test]
fn a_day_costs_at_most_its_maximum_over_all_its_visits() {
    let draft = TermsDraft { maximum_per_day: Some("350".into()), ..draft() };
    let so_far = DayTotal { gross_minor: 30_000, amount_minor: 30_000 };
    let line = rated_after(&draft, "2026-11-02T10:00:00Z", "2026-11-02T12:00:00Z", so_far).lines[0];
    assert_eq!((line.gross.minor, line.amount.minor), (12_000, 5_000));
}

#[test]
fn a_day_costs_at_least_its_minimum_once_not_per_visit() {
    let draft = TermsDraft { minimum_per_day: Some("50".into()), ..draft() };
    let so_far = DayTotal { gross_minor: 2_000, amount_minor: 5_000 };
    let rated = |until| rated_after(&draft, "2026-11-02T10:00:00Z", until, so_far).amount.minor;
    assert_eq!(rated("2026-11-02T10:20:00Z"), 0);
    assert_eq!(rated("2026-11-02T10:40:00Z"), 1_000);
}

#[test]
fn a_free_category_pays_no_minimum() {
    let free = ElementDraft {
        categories: vec![Category::Student],
        price_per_hour: "0".into(),
        ..ElementDraft::default()
    };
    let draft = TermsDraft { minimum_per_day: Some("50".into()), elements: vec![free], ..draft() };
    assert_eq!(rated(&draft, "2026-11-02T10:00:00Z", "2026-11-02T12:00:00Z").amount.minor, 0);
}

#[test]
fn a_line_is_never_negative_when_credits_left_its_day_too_dear() {
    let so_far = DayTotal { gross_minor: 1_000, amount_minor: 16_000 };
    assert_eq!(rated_after(&draft(), "2026-11-02T10:00:00Z", "2026-11-02T10:05:00Z", so_far).amount.minor, 0);
}

/// Returns the price of a visit between two whole minutes, computed minute by minute.
fn walk(
    terms: &Terms,
    category: Category,
    zone: &Zone,
    from: Timestamp,
    minutes: i64,
) -> BTreeMap<Date, i64> {
    let mut days: BTreeMap<Date, (i64, Decimal, Decimal)> = BTreeMap::new();
    for minute in i64::from(terms.grace_minutes)..minutes {
        let at = from + minute.minutes();
        let day = zone.day_of(at);
        let price = terms.price_at(day, wall_time(zone, at), category);
        let (seconds, cost, last) = days.entry(day).or_default();
        (*seconds, *cost, *last) = (*seconds + 60, *cost + price * Decimal::from(60), price);
    }
    let step = i64::from(terms.billing_step_seconds);
    let bill = |(seconds, cost, last): (i64, Decimal, Decimal)| {
        let missing = Decimal::from((step - seconds % step) % step);
        let gross = round_half_even((cost + missing * last) * Decimal::ONE_HUNDRED / SECONDS_PER_HOUR)
            .expect("in range");
        let at_least = if gross > 0 { gross.max(terms.minimum_per_day.minor) } else { 0 };
        terms.maximum_per_day.map_or(at_least, |maximum| at_least.min(maximum.minor))
    };
    days.into_iter().map(|(day, sums)| (day, bill(sums))).collect()
}

prop_compose! {
    fn any_element()(
        weekday in prop::option::of(prop::sample::select(vec![Weekday::Fri, Weekday::Sat, Weekday::Sun, Weekday::Mon])),
        bounds in prop::option::of((0_u16..1_440, 0_u16..1_440).prop_filter("a window", |(a, b)| a != b)),
        students in any::<bool>(),
        price in 0_u32..20_000,
    ) -> ElementDraft {
        let wall = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
        ElementDraft {
            weekdays: weekday.into_iter().collect(),
            from: bounds.map(|(a, b)| wall(a.min(b))),
            until: bounds.map(|(a, b)| wall(a.max(b))),
            categories: if students { vec![Category::Student] } else { vec![] },
            price_per_hour: Decimal::new(price.into(), 2).to_string(),
        }
    }
}

prop_compose! {
    fn any_terms()(
        price in 0_u32..20_000,
        grace_minutes in 0_i64..30,
        billing_step_seconds in prop::sample::select(vec![1_i64, 60, 420, 900, 3_600, 86_400]),
        minimum in 0_u32..5_000,
        above in prop::option::of(0_u32..50_000),
        elements in prop::collection::vec(any_element(), 0..4),
    ) -> Terms {
        terms(&TermsDraft {
            name: "Guests".into(),
            price_per_hour: Decimal::new(price.into(), 2).to_string(),
            grace_minutes,
            billing_step_seconds,
            minimum_per_day: Some(Decimal::new(minimum.into(), 2).to_string()),
            maximum_per_day: above.map(|above| Decimal::new(i64::from(minimum) + i64::from(above), 2).to_string()),
            elements,
        })
    }
}

/// Weekends in which the clocks change, and one in which they do not.
const WEEKENDS: [&str; 3] = ["2026-03-28T20:00:00Z", "2026-10-24T20:00:00Z", "2026-11-13T20:00:00Z"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_visit_costs_the_sum_of_its_minutes(
        terms in any_terms(),
        category in prop::sample::select(vec![Category::Student, Category::Resident]),
        weekend in prop::sample::select(WEEKENDS.to_vec()),
        start in 0_i64..600,
        minutes in 0_i64..2_000,
    ) {
        let zone = prague();
        let from = at(weekend) + start.minutes();
        let interval = Interval::new(from, from + minutes.minutes()).expect("forward");
        let rated = rate(Stay { interval, zone: &zone, category }, &terms, |_| DayTotal::default()).expect("in range");
        let lines: BTreeMap<Date, i64> = rated.lines.iter().map(|line| (line.day, line.amount.minor)).collect();
        prop_assert_eq!(lines, walk(&terms, category, &zone, from, minutes));
        prop_assert_eq!(rated.amount.minor, rated.lines.iter().map(|line| line.amount.minor).sum::<i64>());
    }

    #[test]
    fn a_day_costs_the_same_in_whatever_order_its_visits_become_known(
        terms in any_terms(),
        visits in prop::collection::vec((0_i64..600, 1_i64..200), 2..5),
        seed in any::<prop::sample::Index>(),
    ) {
        let zone = prague();
        let day_cost = |visits: &[(i64, i64)]| {
            let mut total = DayTotal::default();
            for (start, minutes) in visits {
                let from = at("2026-11-13T08:00:00Z") + start.minutes();
                let interval = Interval::new(from, from + minutes.minutes()).expect("forward");
                let stay = Stay { interval, zone: &zone, category: Category::Student };
                for line in rate(stay, &terms, |_| total).expect("in range").lines {
                    total = total.plus(&line).expect("in range");
                }
            }
            total.amount_minor
        };
        let mut turned = visits.clone();
        turned.rotate_left(seed.index(visits.len()));
        prop_assert_eq!(day_cost(&visits), day_cost(&turned));
    }
}
