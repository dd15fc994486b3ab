//! Calendars that we write, read back by two programs that others wrote: every event is at the same instants there and
//! here. One of them (icalendar and recurring-ical-events, Python) has a zone database of its own; it reads each calendar
//! a second time with a zone's name that it cannot know, and then has only what the calendar says of the zone. The other
//! (ical.js, which Thunderbird uses) never has more than that.

use std::{collections::BTreeMap, fs, process::Command};

use jiff::{
    Timestamp, ToSpan as _,
    civil::{Date, DateTime},
};
use kernel::{Language, Zone};
use platform_calendar::{
    Calendar, CivilSpan, Event, EventStatus, Moved, Occurrence, Recurrence, RecurrenceError, RecurrenceInput,
};
use private_servers::packages;
use rand::{Rng as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use testkit::Shape;

const PACKAGE: &str = include_str!("package.json");
const EXPAND_JS: &str = include_str!("expand.mjs");
const EXPAND_PY: &str = include_str!("expand.py");
const PYTHON: &str = "icalendar==7.3.2\nrecurring-ical-events==3.8.2\n";
/// How the names of calendars begin whose zone has a name that nobody knows.
const UNKNOWN_ZONE: &str = "unknown zone";
/// How many series are made up beside the chosen ones.
const MADE_UP: usize = 120;

#[test]
fn two_parsers_read_every_series_at_the_instants_at_which_we_expand_it() {
    if Shape::of_run() != Shape::Embedded {
        // What stands behind a server changes nothing here.
        return;
    }
    let cases = cases();
    let read = read_by_others(&cases.iter().map(Case::file).collect::<Vec<_>>());
    let mut expected: BTreeMap<&str, Json> =
        cases.iter().map(|it| (it.file.as_str(), it.expected())).collect();
    compare("icalendar", &expected, &read.by_icalendar);
    // It has no zones but those of the calendar; and it reads a time that the clock shows twice as the second of the two,
    // which RFC 5545 §3.3.5 says is the first.
    expected.retain(|file, _| !file.starts_with(UNKNOWN_ZONE) && !file.contains("in the fold"));
    compare("ical.js", &expected, &read.by_ical_js);
}

/// A calendar as a file, and the window in which it is read.
pub(super) struct File<'a> {
    pub(super) name: &'a str,
    pub(super) text: &'a str,
    pub(super) from: Timestamp,
    pub(super) until: Timestamp,
}

/// What others read in calendars: by the names of the files, the begin and the end of every event, in order; a time in
/// seconds since 1970, a day as it is written.
pub(super) struct ReadByOthers {
    pub(super) by_icalendar: Json,
    pub(super) by_ical_js: Json,
}

/// Has calendars read by both programs.
pub(super) fn read_by_others(files: &[File<'_>]) -> ReadByOthers {
    let folder = write(files);
    list(&folder, &files.iter().collect::<Vec<_>>());
    let environment = packages::ensure_pip("calendar", PYTHON).expect("icalendar is installed");
    let mut python = Command::new(environment.join("bin/python"));
    let by_icalendar = run(python.arg("expand.py").current_dir(folder.path()));
    let installed = packages::ensure_npm("calendar-js", PACKAGE).expect("ical.js is installed");
    std::os::unix::fs::symlink(installed.join("node_modules"), folder.path().join("node_modules"))
        .expect("linked");
    let known: Vec<&File<'_>> = files.iter().filter(|it| !it.name.starts_with(UNKNOWN_ZONE)).collect();
    list(&folder, &known);
    let by_ical_js = run(Command::new("node").arg("expand.mjs").current_dir(folder.path()));
    ReadByOthers { by_icalendar, by_ical_js }
}

/// A series in a calendar of its own, and the window in which it is compared.
struct Case {
    file: String,
    series: Recurrence,
    text: String,
    from: Timestamp,
    until: Timestamp,
}

impl Case {
    fn new(name: &str, input: RecurrenceInput<'_>, years: (i16, i16)) -> Self {
        let series = Recurrence::read(input).unwrap_or_else(|error| panic!("{name}: {error}"));
        let begin = |year| Zone::UTC.start_of(Date::constant(year, 1, 1));
        let file = format!("{name}.ics");
        Self { file, text: written(&series), series, from: begin(years.0), until: begin(years.1) }
    }

    /// The same with a name of the zone that no database has, and no other calendar: readers remember zones by name.
    fn with_unknown_zone(&self, number: usize) -> Self {
        let text = self.text.replace(self.series.zone().name(), &format!("hubnet-test-zone-{number}"));
        let file = format!("{UNKNOWN_ZONE} {}", self.file);
        Self { file, text, series: self.series.clone(), ..*self }
    }

    fn file(&self) -> File<'_> {
        File { name: &self.file, text: &self.text, from: self.from, until: self.until }
    }

    fn expected(&self) -> Json {
        let found = self.series.occurrences(self.from, self.until).expect("occurrences");
        let shown = |occurrence: &Occurrence| {
            let (span, interval) = (occurrence.span, occurrence.interval);
            if span.is_all_day() {
                json!([span.from().date().to_string(), span.until().date().to_string()])
            } else {
                json!([interval.from().as_second(), interval.until().as_second()])
            }
        };
        found.iter().filter(|it| it.interval.from() >= self.from).map(shown).collect()
    }
}

fn written(series: &Recurrence) -> String {
    let event = Event {
        uid: "evt_1@hubnet.example".into(),
        stamp: "2026-01-01T00:00:00Z".parse().expect("an instant"),
        sequence: 3,
        summary: "Kurz 3D tisku; \"Курс друку\", začátečníci\nvstup zdarma \\ dla członków ".repeat(3),
        description: Some("…".into()),
        location: Some("Dílna, 1. patro".into()),
        url: Some("https://hubnet.example/events/1".into()),
        status: EventStatus::Confirmed,
        is_busy: true,
        when: series.clone(),
    };
    let (name, description, language) = ("Kurzy; akce".into(), Some("Vše, co je".into()), Language::Cs);
    Calendar { name, description, language, refresh_every: None, events: vec![event] }.text()
}

fn cases() -> Vec<Case> {
    let mut cases = chosen();
    cases.extend(made_up());
    let zoned = cases.iter().filter(|it| it.text.contains("TZID")).enumerate();
    let unknown: Vec<Case> = zoned.map(|(number, it)| it.with_unknown_zone(number)).collect();
    cases.extend(unknown);
    cases
}

fn civil(text: &str) -> DateTime {
    text.parse().expect("a civil time")
}

fn timed(from: &str, until: &str) -> CivilSpan {
    CivilSpan::timed(civil(from), civil(until)).expect("a stretch")
}

fn whole_days(first: &str, until: &str) -> CivilSpan {
    let day = |text: &str| text.parse().expect("a day");
    CivilSpan::days(day(first), day(until)).expect("days")
}

fn series<'a>(first: CivilSpan, zone: &str, rule: &'a str) -> RecurrenceInput<'a> {
    let zone = zone.parse().expect("a zone");
    let rule = Some(rule).filter(|it| !it.is_empty());
    RecurrenceInput { first, zone, rule, except: vec![], extra: vec![], moved: vec![] }
}

fn chosen() -> Vec<Case> {
    let evening = timed("2026-03-18T18:00:00", "2026-03-18T20:00:00");
    let mut cases = vec![
        Case::new(
            "a course with changes",
            RecurrenceInput {
                except: vec![civil("2026-03-25T18:00:00")],
                extra: vec![civil("2026-03-27T18:00:00")],
                moved: vec![Moved {
                    original: civil("2026-04-01T18:00:00"),
                    to: timed("2026-03-29T09:00:00", "2026-03-29T10:00:00"),
                }],
                ..series(evening, "Europe/Prague", "FREQ=WEEKLY;COUNT=40;BYDAY=WE")
            },
            (2026, 2028),
        ),
        Case::new("once", series(evening, "Europe/Kyiv", ""), (2026, 2027)),
        Case::new("once in utc", series(evening, "UTC", "FREQ=DAILY;COUNT=5"), (2026, 2027)),
        Case::new(
            "one night of every month",
            series(
                timed("2026-01-31T22:00:00", "2026-02-01T06:00:00"),
                "Europe/Warsaw",
                "FREQ=MONTHLY;BYMONTHDAY=-1",
            ),
            (2026, 2029),
        ),
        Case::new(
            "whole days across the change of the clocks",
            RecurrenceInput {
                except: vec![civil("2026-10-24T00:00:00")],
                moved: vec![Moved {
                    original: civil("2026-10-25T00:00:00"),
                    to: whole_days("2026-11-01", "2026-11-03"),
                }],
                ..series(whole_days("2026-10-20", "2026-10-21"), "Europe/Prague", "FREQ=DAILY;UNTIL=20261027")
            },
            (2026, 2028),
        ),
        Case::new(
            "christmas",
            series(whole_days("2026-12-24", "2026-12-27"), "Europe/Prague", "FREQ=YEARLY"),
            (2026, 2040),
        ),
    ];
    let daily = |name, from: &str, until: &str, zone| {
        Case::new(name, series(timed(from, until), zone, "FREQ=DAILY;COUNT=4"), (2026, 2027))
    };
    cases.push(daily("in the fold", "2026-10-23T02:30:00", "2026-10-23T03:30:00", "Europe/Prague"));
    cases.push(daily("before the gap", "2026-03-27T01:30:00", "2026-03-27T04:30:00", "Europe/Prague"));
    for zone in [
        "Europe/Prague",
        "Europe/Dublin",
        "America/New_York",
        "America/Sao_Paulo",
        "Asia/Kolkata",
        "Australia/Lord_Howe",
        "Africa/Casablanca",
        "Pacific/Chatham",
    ] {
        let name = format!("without an end in {}", zone.replace('/', "-"));
        cases.push(Case::new(&name, series(evening, zone, "FREQ=WEEKLY"), (2026, 2042)));
        let name = format!("until in {}", zone.replace('/', "-"));
        let rule = "FREQ=WEEKLY;INTERVAL=2;UNTIL=20290601T120000Z";
        cases.push(Case::new(&name, series(evening, zone, rule), (2026, 2042)));
    }
    for (place, (first, rule)) in [
        ("2026-01-13", "FREQ=MONTHLY;BYDAY=2TU"),
        ("2026-01-30", "FREQ=MONTHLY;BYDAY=-1FR"),
        ("2026-01-31", "FREQ=MONTHLY;BYMONTHDAY=31"),
        ("2026-01-31", "FREQ=MONTHLY"),
        ("2026-01-30", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"),
        ("2026-02-13", "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13"),
        ("2028-02-28", "FREQ=YEARLY"),
        ("2026-02-28", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1"),
        ("2026-11-03", "FREQ=YEARLY;BYMONTH=11;BYDAY=1TU"),
        ("2026-01-05", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=SU"),
        ("2026-01-05", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=MO"),
        ("2026-01-05", "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR;BYMONTH=1,3,10"),
    ]
    .into_iter()
    .enumerate()
    {
        let first = timed(&format!("{first}T09:00:00"), &format!("{first}T10:30:00"));
        cases.push(Case::new(
            &format!("rule {place}"),
            series(first, "Europe/Prague", rule),
            (2026, if rule.contains("DAILY") { 2028 } else { 2040 }),
        ));
    }
    cases
}

/// Series that are made up from a seed: the same in every run.
fn made_up() -> Vec<Case> {
    let mut random = StdRng::seed_from_u64(5_545);
    let zones = ["Europe/Prague", "Europe/Warsaw", "Europe/Kyiv", "America/New_York", "Australia/Lord_Howe"];
    let mut cases = Vec::new();
    while cases.len() < MADE_UP {
        let zone = *zones.choose(&mut random).expect("one of them");
        let rule = some_rule(&mut random);
        // Neither begin nor end is in the hours that clocks skip or show twice: those are chosen above.
        let (hour, length) = (random.random_range(4..24), random.random_range(1_i64..30));
        if (1..4).contains(&((hour + length) % 24)) {
            continue;
        }
        let days = civil("2026-01-01T00:00:00").series(1.day()).take(400);
        let starts = days.map(|day| day.saturating_add(hour.hours()));
        let spans = starts
            .map(|from| CivilSpan::timed(from, from.saturating_add(length.hours())).expect("a stretch"));
        let read = spans.map(|first| (first, Recurrence::read(series(first, zone, &rule))));
        let first = read
            .take_while(|(_, read)| !matches!(read, Err(RecurrenceError::Rule { .. })))
            .find_map(|(first, read)| read.is_ok().then_some(first));
        // A rule that is refused, or that no day follows.
        let Some(first) = first else { continue };
        let name = format!("made up {:03} {}", cases.len(), rule.replace(';', " "));
        let is_seldom = rule.contains("YEARLY") && !rule.contains("BYDAY");
        let last = if is_seldom { 2040 } else { 2028 };
        cases.push(Case::new(&name, series(first, zone, &rule), (2026, last)));
    }
    cases
}

fn some_rule(random: &mut StdRng) -> String {
    let frequency = *["DAILY", "WEEKLY", "MONTHLY", "YEARLY"].choose(random).expect("one of them");
    let mut rule = format!("FREQ={frequency}");
    let mut part = |name: &str, often: f64, values: &[&str]| {
        if random.random_bool(often) {
            rule.extend([";", name, "=", values.choose(random).expect("one of them")]);
        }
    };
    part("INTERVAL", 0.4, &["1", "2", "3", "5"]);
    part("COUNT", 0.3, &["1", "7", "30"]);
    part("BYMONTH", 0.4, &["1", "3,10", "2", "1,6,12"]);
    part("BYMONTHDAY", 0.25, &["1", "15", "-1", "31", "10,20,-2"]);
    part("BYDAY", 0.5, &["MO", "TU,TH", "MO,TU,WE,TH,FR", "1TU", "-1FR", "1MO,-1MO", "SA,SU"]);
    part("BYSETPOS", 0.15, &["1", "-1", "2"]);
    part("WKST", 0.2, &["MO", "SU"]);
    rule
}

fn write(files: &[File<'_>]) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let put = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("written");
    put("expand.mjs", EXPAND_JS);
    put("expand.py", EXPAND_PY);
    for file in files {
        put(file.name, file.text);
    }
    folder
}

/// Says which files are to be read, and in which window.
fn list(folder: &TempDir, files: &[&File<'_>]) {
    let window = |it: &&File<'_>| json!({ "file": it.name, "from": it.from.as_second(), "until": it.until.as_second() });
    let list: Vec<Json> = files.iter().map(window).collect();
    fs::write(folder.path().join("cases.json"), Json::from(list).to_string()).expect("written");
}

fn compare(parser: &str, expected: &BTreeMap<&str, Json>, read: &Json) {
    let differ: Vec<String> = expected
        .iter()
        .filter(|(file, expected)| read[**file] != **expected)
        .map(|(file, expected)| difference(file, expected, &read[*file]))
        .collect();
    assert!(differ.is_empty(), "{parser} reads other instants than ours:\n{}", differ.join("\n"));
}

fn difference(file: &str, ours: &Json, theirs: &Json) -> String {
    let (none, count) = (Vec::new(), |list: &Json| list.as_array().map_or(0, Vec::len));
    let (all, read) = (ours.as_array().unwrap_or(&none), theirs.as_array().unwrap_or(&none));
    let place =
        all.iter().zip(read).position(|(one, other)| one != other).unwrap_or(all.len().min(read.len()));
    let at = |list: &[Json]| list.get(place).map_or("nothing".into(), Json::to_string);
    let (ours, theirs) = ((count(ours), at(all)), (count(theirs), at(read)));
    format!("{file}: ours {ours:?}, theirs {theirs:?}, at {place}")
}

fn run(command: &mut Command) -> Json {
    let ended = command.output().expect("it runs");
    let complaints = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{command:?} fails: {complaints}");
    serde_json::from_slice(&ended.stdout).expect("JSON")
}
