//! The uploads: late, repeated and disordered like those of real devices, and printed in both formats.

use std::collections::{HashMap, HashSet};

use demo_data::Direction;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::fixture::{DEMO, Visit, is_share, touches, visits, zones};
use crate::onboarding::onboardings;

const DAY: SignedDuration = SignedDuration::from_hours(24);

#[test]
fn uploads_arrive_in_order_before_the_end_of_the_window() {
    let zones = zones();
    assert!(DEMO.uploads.is_sorted_by_key(|it| it.at));
    let local_day = |it: &demo_data::Upload| zones[it.hub].to_datetime(it.at).date();
    assert!(DEMO.uploads.iter().all(|it| local_day(it) < DEMO.window.until && !it.lines.is_empty()));
}

#[test]
fn uploads_come_from_devices_of_the_hub() {
    let devices: HashSet<(String, String)> = onboardings()
        .into_iter()
        .flat_map(|it| it.devices.into_iter().map(move |device| (it.hub.slug.clone(), device.code)))
        .collect();
    let sent: HashSet<_> = DEMO.uploads.iter().map(|it| (it.hub.to_owned(), it.device.to_owned())).collect();
    assert_eq!(sent, devices);
}

#[test]
fn most_lines_arrive_the_same_day_some_days_late_and_none_after_six() {
    let delays = DEMO
        .uploads
        .iter()
        .flat_map(|upload| upload.lines.iter().map(|line| upload.at.duration_since(line.at)));
    let delays: Vec<SignedDuration> = delays.collect();
    assert!(delays.iter().all(|it| (SignedDuration::ZERO..DAY * 6).contains(it)));
    let late = delays.iter().filter(|it| **it > DAY).count();
    assert!(is_share(late, delays.len(), 10..=100), "{late} of {}", delays.len());
    assert!(delays.iter().any(|it| *it > DAY * 4));
}

#[test]
fn about_one_line_in_a_hundred_is_sent_twice_unchanged() {
    let mut seen = HashMap::new();
    let (mut lines, mut repeated, mut across) = (0, 0, 0);
    for (number, upload) in DEMO.uploads.iter().enumerate() {
        for line in &upload.lines {
            lines += 1;
            if let Some((earlier, upload_number)) =
                seen.insert((upload.hub, upload.device, &line.event_id), (line, number))
            {
                assert_eq!(line, earlier);
                repeated += 1;
                across += usize::from(upload_number != number);
            }
        }
    }
    assert!(is_share(repeated, lines, 5..=20), "{repeated} of {lines}");
    assert!(across > 0 && across < repeated);
}

#[test]
fn lines_come_out_of_order_within_uploads_and_between_them() {
    let within = DEMO.uploads.iter().filter(|it| !it.lines.is_sorted_by_key(|line| line.at)).count();
    assert!(within > 50);
    let mut newest: HashMap<(&str, &str), Timestamp> = HashMap::new();
    let mut seen = HashSet::new();
    let mut between = 0;
    for upload in &DEMO.uploads {
        let device = (upload.hub, upload.device);
        let earlier = newest.get(&device).copied().unwrap_or(Timestamp::MIN);
        for line in &upload.lines {
            if seen.insert((device, &line.event_id)) && line.at < earlier {
                between += 1;
            }
            let newest = newest.entry(device).or_insert(line.at);
            *newest = (*newest).max(line.at);
        }
    }
    assert!(between > 20, "{between}");
}

#[test]
fn a_few_unknown_chips_and_one_lost_chip_try_to_get_in() {
    let touches = touches(&DEMO);
    let denied: Vec<_> = touches.iter().filter(|it| it.person.is_none()).collect();
    assert!(denied.iter().all(|it| it.line.direction == Direction::In));
    let lost: HashSet<&String> =
        DEMO.people.iter().flat_map(|it| &it.lost_chips).map(|it| &it.chip).collect();
    let (found, unknown): (Vec<_>, Vec<_>) =
        denied.into_iter().partition(|it| lost.contains(&it.line.credential));
    assert_eq!(found.len(), 3);
    assert!((5..=60).contains(&unknown.len()), "{}", unknown.len());
}

#[test]
fn lost_chip_was_in_use_before_and_its_owner_still_comes_after() {
    let loser = DEMO.people.iter().find(|it| !it.lost_chips.is_empty()).expect("somebody lost a chip");
    let lost = &loser.lost_chips[0];
    let visits = visits(&DEMO);
    let of_loser: Vec<&Visit> = visits.iter().filter(|it| it.person == loser).collect();
    assert!(of_loser.iter().any(|it| it.entered_at < lost.lost_at));
    assert!(of_loser.iter().any(|it| it.entered_at > lost.lost_at));
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    event_id: String,
    at: Timestamp,
    device: String,
    credential: String,
    direction: String,
}

fn rows(upload: &demo_data::Upload) -> Vec<Row> {
    let row = |line: &demo_data::LogLine| Row {
        event_id: line.event_id.clone(),
        at: line.at,
        device: upload.device.to_owned(),
        credential: line.credential.clone(),
        direction: line.direction.to_string(),
    };
    upload.lines.iter().map(row).collect()
}

#[test]
fn both_printed_forms_read_back_as_the_same_lines() {
    for upload in DEMO.uploads.iter().step_by(50) {
        let csv = upload.to_csv();
        let from_csv: Vec<Row> =
            csv::Reader::from_reader(csv.as_bytes()).deserialize().map(Result::unwrap).collect();
        let from_json: Vec<Row> =
            upload.to_json_lines().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(from_csv, rows(upload));
        assert_eq!(from_json, rows(upload));
    }
}

#[test]
fn event_ids_fit_the_format() {
    let ids = DEMO.uploads.iter().flat_map(|it| &it.lines).map(|line| &line.event_id);
    assert!(ids.into_iter().all(|it| (1..=64).contains(&it.len())));
}
