//! The fixture of the demo's tests: one generated network, and the visits derived from its logs.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::LazyLock;

use demo_data::{Demo, Direction, LogLine, Person, generate};
use jiff::civil::{Date, DateTime, date};
use jiff::tz::{TimeZone, TimeZoneDatabase};

use crate::onboarding::onboardings;

/// A window with two clock changes, Christmas, Easter and a running month: October to the tenth of April.
pub(crate) static DEMO: LazyLock<Demo> = LazyLock::new(|| generate(7, date(2026, 4, 11)));

/// A touch with the places and people it concerns, each counted once.
#[derive(Debug, Clone)]
pub(crate) struct Touch<'a> {
    pub(crate) hub: &'static str,
    pub(crate) line: &'a LogLine,
    /// Local to the hub.
    pub(crate) local: DateTime,
    /// `None` for an unknown or a lost chip.
    pub(crate) person: Option<&'a Person>,
}

/// A stay derived from the logs; `left` is `None` if the check-out was forgotten.
#[derive(Debug)]
pub(crate) struct Visit<'a> {
    pub(crate) hub: &'static str,
    pub(crate) person: &'a Person,
    pub(crate) entered: DateTime,
    pub(crate) left: Option<DateTime>,
    pub(crate) entered_at: jiff::Timestamp,
    pub(crate) left_at: Option<jiff::Timestamp>,
}

pub(crate) fn zones() -> HashMap<String, TimeZone> {
    let zones = TimeZoneDatabase::bundled();
    onboardings()
        .into_iter()
        .map(|it| (it.hub.slug, zones.get(&it.hub.time_zone).expect("a known zone")))
        .collect()
}

/// Returns all touches ordered by time, without repeats.
pub(crate) fn touches(demo: &Demo) -> Vec<Touch<'_>> {
    let zones = zones();
    let owners: HashMap<&str, &Person> =
        demo.people.iter().flat_map(|it| it.chips.iter().map(move |chip| (&**chip, it))).collect();
    let mut seen = HashSet::new();
    let mut touches = Vec::new();
    for upload in &demo.uploads {
        for line in &upload.lines {
            if seen.insert((upload.hub, upload.device, &line.event_id)) {
                let owner = owners.get(&*line.credential).copied();
                let person = owner.filter(|it| !is_lost(it, line));
                let local = zones[upload.hub].to_datetime(line.at);
                touches.push(Touch { hub: upload.hub, line, local, person });
            }
        }
    }
    touches.sort_by_key(|it| it.line.at);
    touches
}

fn is_lost(person: &Person, line: &LogLine) -> bool {
    person.lost_chips.iter().any(|lost| lost.chip == line.credential && lost.lost_at <= line.at)
}

/// Returns all visits ordered by check-in. A check-out belongs to the person's last check-in at that hub and day.
pub(crate) fn visits(demo: &Demo) -> Vec<Visit<'_>> {
    let mut visits: Vec<Visit> = Vec::new();
    let mut open: HashMap<(&str, &str, Date), usize> = HashMap::new();
    for touch in touches(demo) {
        let Some(person) = touch.person else { continue };
        let key = (&*person.email, touch.hub, touch.local.date());
        match touch.line.direction {
            Direction::In => {
                let visit = Visit {
                    hub: touch.hub,
                    person,
                    entered: touch.local,
                    left: None,
                    entered_at: touch.line.at,
                    left_at: None,
                };
                let earlier = open.insert(key, visits.len());
                assert!(earlier.is_none(), "{} checks in twice at {}", person.email, touch.local);
                visits.push(visit);
            }
            Direction::Out => {
                let index = open.remove(&key).expect("a check-out follows a check-in of the same day");
                visits[index].left = Some(touch.local);
                visits[index].left_at = Some(touch.line.at);
            }
        }
    }
    visits
}

/// Counts items by a key.
pub(crate) fn count_by<K: Ord, T>(
    items: impl IntoIterator<Item = T>,
    key: impl Fn(&T) -> K,
) -> BTreeMap<K, usize> {
    let mut counts = BTreeMap::new();
    for item in items {
        *counts.entry(key(&item)).or_insert(0) += 1;
    }
    counts
}

/// Returns whether a count is between two shares of a whole, in thousandths.
pub(crate) fn is_share(part: usize, whole: usize, permille: std::ops::RangeInclusive<usize>) -> bool {
    permille.contains(&(part * 1000 / whole))
}
