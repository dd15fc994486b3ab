use jiff::civil::{Date, Weekday};
use proptest::prelude::*;

use super::*;

fn zone(name: &str) -> Zone {
    name.parse().expect("a zone")
}

fn civil(text: &str) -> DateTime {
    text.parse().expect("a civil time")
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

fn span(from: &str, until: &str) -> CivilSpan {
    CivilSpan::timed(civil(from), civil(until)).expect("a stretch")
}

/// An evening course of Tuesdays, 18:00–20:00 in Prague, across the change to winter time.
fn course(rule: &str) -> RecurrenceInput<'_> {
    RecurrenceInput {
        first: span("2026-10-20T18:00:00", "2026-10-20T20:00:00"),
        zone: zone("Europe/Prague"),
        rule: Some(rule),
        except: Vec::new(),
        extra: Vec::new(),
        moved: Vec::new(),
    }
}

fn days(series: &Recurrence, from: &str, until: &str) -> Vec<String> {
    let found = series.occurrences(at(from), at(until)).expect("occurrences");
    found.iter().map(|it| it.span.from().to_string()).collect()
}

#[test]
fn a_course_takes_place_but_for_the_date_left_out_and_at_the_time_it_was_moved_to() {
    let series = Recurrence::read(RecurrenceInput {
        except: vec![civil("2026-10-27T18:00:00")],
        extra: vec![civil("2026-10-29T18:00:00")],
        moved: vec![Moved {
            original: civil("2026-11-03T18:00:00"),
            to: span("2026-11-04T09:00:00", "2026-11-04T10:00:00"),
        }],
        ..course("FREQ=WEEKLY;COUNT=4")
    })
    .expect("a series");
    assert_eq!(
        days(&series, "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),
        ["2026-10-20T18:00:00", "2026-10-29T18:00:00", "2026-11-04T09:00:00", "2026-11-10T18:00:00"]
    );
    let moved = series.occurrences(at("2026-11-04T00:00:00Z"), at("2026-11-05T00:00:00Z")).expect("one");
    assert_eq!(moved[0].original, civil("2026-11-03T18:00:00"), "it keeps its name");
    assert_eq!(moved[0].interval.seconds(), 3_600);
}

#[test]
fn a_window_excludes_its_end_and_holds_what_is_still_going_on_at_its_begin() {
    let series = Recurrence::read(course("FREQ=WEEKLY")).expect("a series");
    let count = |from, until| days(&series, from, until).len();
    assert_eq!(count("2026-10-20T17:59:59Z", "2026-10-27T17:00:00Z"), 1, "the next begins at the end");
    assert_eq!(count("2026-10-20T18:00:00Z", "2026-10-27T17:00:00Z"), 0, "the first is over");
    assert_eq!(count("2026-10-20T18:00:00Z", "2026-10-27T17:00:01Z"), 1);
}

#[test]
fn the_end_of_a_rule_is_an_instant_a_time_on_the_clock_or_a_whole_day() {
    for (until, expected) in [
        ("20261103T170000Z", 3),
        ("20261103T165959Z", 2),
        ("20261103T180000", 3),
        ("20261103T175959", 2),
        ("20261103", 3),
        ("20261102", 2),
    ] {
        let rule = format!("FREQ=WEEKLY;UNTIL={until}");
        let series = Recurrence::read(course(&rule)).expect("a series");
        assert_eq!(days(&series, "2026-01-01T00:00:00Z", "2028-01-01T00:00:00Z").len(), expected, "{until}");
    }
}

#[test]
fn an_occurrence_in_the_gap_is_at_the_instant_of_the_offset_before_it() {
    let night = RecurrenceInput {
        first: span("2026-03-28T02:30:00", "2026-03-28T02:45:00"),
        ..course("FREQ=DAILY;COUNT=3")
    };
    let found = Recurrence::read(night).expect("a series");
    let found = found.occurrences(at("2026-03-01T00:00:00Z"), at("2026-04-01T00:00:00Z")).expect("three");
    let starts: Vec<Timestamp> = found.iter().map(|it| it.interval.from()).collect();
    assert_eq!(starts, [at("2026-03-28T01:30:00Z"), at("2026-03-29T01:30:00Z"), at("2026-03-30T00:30:00Z")]);
    assert!(found.iter().all(|it| it.interval.seconds() == 15 * 60), "{found:?}");
}

#[test]
fn what_is_refused_is_named() {
    for (rule, named) in [
        ("FREQ=HOURLY", "FREQ=HOURLY"),
        ("INTERVAL=2", "FREQ"),
        ("FREQ=WEEKLY;INTERVAL=0", "INTERVAL=0"),
        ("FREQ=WEEKLY;COUNT=100000", "COUNT=100000"),
        ("FREQ=WEEKLY;BYDAY=2TU", "BYDAY=2TU"),
        ("FREQ=YEARLY;BYDAY=20TU", "BYDAY=20TU"),
        ("FREQ=MONTHLY;BYDAY=TU;BYHOUR=9", "BYHOUR=9"),
        ("FREQ=YEARLY;BYWEEKNO=43", "BYWEEKNO=43"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY=32"),
        ("FREQ=DAILY;BYMONTHDAY=-1", "BYMONTHDAY=-1"),
        ("FREQ=YEARLY;BYMONTHDAY=20", "BYMONTHDAY=20"),
        ("FREQ=YEARLY;BYMONTH=2,10;BYMONTHDAY=20,30", "BYMONTHDAY=20,30"),
        ("FREQ=MONTHLY;INTERVAL=5;BYMONTH=10", "BYMONTH=10"),
        ("FREQ=MONTHLY;BYSETPOS=1", "BYSETPOS=1"),
        ("FREQ=WEEKLY;COUNT=2;UNTIL=20261231", "COUNT"),
        ("FREQ=WEEKLY;UNTIL=tomorrow", "UNTIL=TOMORROW"),
        ("FREQ=WEEKLY;FREQ=DAILY", "FREQ=DAILY"),
        ("FREQ=WEEKLY;EVERY", "EVERY"),
        ("", ""),
    ] {
        let refused = Recurrence::read(course(rule)).expect_err(rule);
        assert!(matches!(&refused, RecurrenceError::Rule { part, .. } if part == named), "{rule}: {refused}");
        assert_eq!((refused.code(), refused.field()), (ErrorCode::InvalidInput, Some("rule")));
    }
    for rule in [
        "FREQ=WEEKLY;BYDAY=WE",
        "FREQ=MONTHLY;BYMONTHDAY=21",
        "FREQ=MONTHLY;BYDAY=2TU",
        "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=28",
        "FREQ=WEEKLY;UNTIL=20261019",
    ] {
        let refused = Recurrence::read(course(rule)).expect_err(rule);
        assert_eq!(refused, RecurrenceError::StartNotInRule(civil("2026-10-20T18:00:00")), "{rule}");
    }
    let leap_day = span("2028-02-29T18:00:00", "2028-02-29T20:00:00");
    let yearly = RecurrenceInput { first: leap_day, ..course("FREQ=YEARLY") };
    assert!(matches!(Recurrence::read(yearly), Err(RecurrenceError::Rule { .. })), "not in every year");
    let original = civil("2026-10-21T18:00:00");
    let nothing = Moved { original, to: span("2026-10-22T18:00:00", "2026-10-22T19:00:00") };
    let moved = RecurrenceInput { moved: vec![nothing], ..course("FREQ=WEEKLY") };
    assert_eq!(Recurrence::read(moved).expect_err("none"), RecurrenceError::NoOccurrence(original));
}

#[test]
fn a_window_with_too_many_occurrences_is_refused_and_one_far_away_is_not() {
    let series = Recurrence::read(course("FREQ=DAILY")).expect("a series");
    let far = series.occurrences(at("2150-01-01T00:00:00Z"), at("2150-02-01T00:00:00Z"));
    assert_eq!(far.expect("a month").len(), 31);
    assert_eq!(
        series.occurrences(Timestamp::MIN, Timestamp::MAX),
        Err(RecurrenceError::TooManyOccurrences { most: MOST_OCCURRENCES })
    );
}

#[test]
fn whole_days_are_days_of_the_zone() {
    let day = |text: &str| text.parse::<Date>().expect("a day");
    let series = Recurrence::read(RecurrenceInput {
        first: CivilSpan::days(day("2026-10-24"), day("2026-10-25")).expect("a day"),
        ..course("FREQ=DAILY;COUNT=3")
    })
    .expect("a series");
    let found = series.occurrences(at("2026-10-01T00:00:00Z"), at("2026-11-01T00:00:00Z")).expect("three");
    let hours: Vec<i64> = found.iter().map(|it| it.interval.seconds() / 3_600).collect();
    assert_eq!(hours, [24, 25, 24], "the day on which the clocks go back has twenty-five hours");
}

prop_compose! {
    fn some_zone()(name in prop::sample::select(vec![
        "Europe/Prague", "Europe/Warsaw", "Europe/Kyiv", "Europe/Dublin", "America/New_York", "Asia/Kolkata",
        "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia", "UTC",
    ])) -> Zone {
        zone(name)
    }
}

proptest! {
    /// Every Tuesday at 18:00 by the hub's clock is at 18:00 by the hub's clock, summer and winter.
    #[test]
    fn every_tuesday_at_six_is_at_six_by_the_clock_of_the_place(
        zone in some_zone(), week in 0_i32..1_500, weeks in 1_i32..200,
    ) {
        let tuesday = civil("2001-01-02T18:00:00").saturating_add(week.weeks());
        let first = CivilSpan::timed(tuesday, tuesday.saturating_add(2.hours())).expect("an evening");
        let series = Recurrence::read(RecurrenceInput { first, zone: zone.clone(), ..course("FREQ=WEEKLY;BYDAY=TU") });
        let series = series.expect("a series");
        let until = crate::instant_of(tuesday.saturating_add(weeks.weeks()), &zone);
        let found = series.occurrences(Timestamp::MIN, until).expect("occurrences");
        prop_assert_eq!(i32::try_from(found.len()).expect("few"), weeks);
        for occurrence in &found {
            let shown = zone.tz().to_datetime(occurrence.interval.from());
            prop_assert_eq!((shown.weekday(), shown.hour(), shown.minute()), (Weekday::Tuesday, 18, 0));
            prop_assert_eq!(zone.tz().to_datetime(occurrence.interval.until()).hour(), 20);
        }
    }

    /// What a week's calendar shows is what the month's calendar shows of that week.
    #[test]
    fn windows_side_by_side_show_what_one_window_over_both_shows(
        zone in some_zone(), rule in some_rule(), hour in 0_i8..24, cut in 0_i64..400, length in 1_i64..100,
    ) {
        let first = civil("2026-01-06T00:30:00").with().hour(hour).build().expect("a time");
        let first = CivilSpan::timed(first, first.saturating_add(length.hours())).expect("a stretch");
        let input = RecurrenceInput { first, zone, ..course(&rule) };
        let Ok(series) = Recurrence::read(input) else { return Ok(()) };
        let (from, until) = (at("2026-01-01T00:00:00Z"), at("2027-03-01T00:00:00Z"));
        let middle = from + (cut * 24).hours();
        let mut parts = series.occurrences(from, middle).expect("occurrences");
        for late in series.occurrences(middle, until).expect("occurrences") {
            if !parts.contains(&late) {
                parts.push(late);
            }
        }
        prop_assert_eq!(parts, series.occurrences(from, until).expect("occurrences"));
    }

    /// Nobody's text of a rule brings the calendar down, and what is accepted is written so that it is accepted again.
    #[test]
    fn any_text_of_a_rule_is_read_or_refused(rule in prop_oneof![some_rule(), "[A-Z0-9=;,+-]{0,60}", any::<String>()]) {
        if let Ok(series) = Recurrence::read(course(&rule)) {
            let written = series.rule_text().expect("a rule");
            let again = Recurrence::read(course(&written)).expect("the same rule");
            let window = (at("2026-10-01T00:00:00Z"), at("2028-10-01T00:00:00Z"));
            prop_assert_eq!(series.occurrences(window.0, window.1), again.occurrences(window.0, window.1));
        }
    }

    /// No occurrence ends before it begins, whatever the clock does.
    #[test]
    fn an_occurrence_ends_after_it_begins(zone in some_zone(), minutes in 0_i64..1_440, length in 1_i64..300) {
        let first = civil("2026-01-01T00:00:00").saturating_add(minutes.minutes());
        let first = CivilSpan::timed(first, first.saturating_add(length.minutes())).expect("a stretch");
        let series = Recurrence::read(RecurrenceInput { first, zone, ..course("FREQ=DAILY;COUNT=700") }).expect("a series");
        let found = series.occurrences(Timestamp::MIN, Timestamp::MAX).expect("occurrences");
        prop_assert_eq!(found.len(), 700);
        prop_assert!(found.iter().all(|it| it.interval.until() > it.interval.from()), "{:?}", found);
    }
}

prop_compose! {
    fn some_rule()(
        frequency in prop::sample::select(vec!["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
        interval in prop::option::of(1_u8..5),
        count in prop::option::of(1_u8..30),
        day in prop::option::of(prop::sample::select(vec!["TU", "MO,TU", "1TU", "-1FR", "3TU", "TU,FR"])),
        of_month in prop::option::of(prop::sample::select(vec!["6", "20", "-1", "1,15"])),
        month in prop::option::of(prop::sample::select(vec!["1", "10", "1,10"])),
        week_start in prop::option::of(prop::sample::select(vec!["MO", "SU"])),
    ) -> String {
        let number = |name: &str, value: Option<u8>| value.map(|value| format!("{name}={value}"));
        let text = |name: &str, value: Option<&str>| value.map(|value| format!("{name}={value}"));
        let parts = [
            Some(format!("FREQ={frequency}")), number("INTERVAL", interval), number("COUNT", count),
            text("BYDAY", day), text("BYMONTHDAY", of_month), text("BYMONTH", month), text("WKST", week_start),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(";")
    }
}
