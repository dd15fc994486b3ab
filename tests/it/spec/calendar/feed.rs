//! The calendar of a hub's opening hours, as a phone that subscribes to it asks for it.

use std::sync::Arc;

use jiff::{Timestamp, ToSpan as _, civil::date};
use kernel::{Position, Zone};
use platform_calendar::OpeningHours;
use platform_http::{Edge, Rate};
use reqwest::{Response, StatusCode, header};
use server::{AppAuthenticator, AppProbe};
use testkit::{TestApp, TestHub, json};
use tokio::sync::oneshot;

use super::round_trip::{File, read_by_others};

/// Everybody who has the address of a hub's calendar sees when it is open, by its own clock and in its own language.
#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_subscribes_to_the_opening_hours_of_a_hub() {
    let stage = Stage::set("Mo-Fr 08:00-12:00,13:00-20:00; Sa 20:00-02:00; PH off", |_edge| {}).await;
    let calendar = stage.get(&stage.hub.id, None).await;
    assert_eq!(calendar.status(), StatusCode::OK);
    assert_eq!(calendar.headers()[header::CONTENT_TYPE], "text/calendar; charset=utf-8");
    assert_eq!(calendar.headers()[header::CACHE_CONTROL], "public, max-age=3600");
    let text = calendar.text().await.expect("a text").replace("\r\n ", "");
    for line in [
        "X-WR-CALNAME:Hub humpolec: otevírací doba",
        "TZID:Europe/Prague",
        // The Monday of this week, which began in winter time.
        "DTSTAMP:20261101T230000Z",
        "DTSTART;TZID=Europe/Prague:20261102T080000",
        "DTEND;TZID=Europe/Prague:20261102T120000",
        "DTSTART;TZID=Europe/Prague:20261102T130000",
        // A night is one event.
        "DTSTART;TZID=Europe/Prague:20261107T200000",
        "DTEND;TZID=Europe/Prague:20261108T020000",
        // Two months ahead.
        "DTSTART;TZID=Europe/Prague:20261231T080000",
        "TRANSP:TRANSPARENT",
    ] {
        assert!(text.contains(&format!("{line}\r\n")), "{line} is not in {text}");
    }
    assert!(!text.contains(":20261117T"), "it is closed on a public holiday: {text}");
    let uids: Vec<&str> = text.lines().filter(|line| line.starts_with("UID:")).collect();
    let mut unique = uids.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), uids.len(), "two events have the same name");
    stage.app.drain().await;
}

/// What people see in their calendars is when the hub is open: nights, lunch, holidays and the change of the clocks.
#[tokio::test(flavor = "multi_thread")]
async fn two_parsers_read_in_the_calendar_when_the_hub_is_open() {
    const HOURS: &str = "Mo-Fr 08:00-12:00,13:00-20:00; Sa 20:00-05:00; PH off";
    let stage = Stage::set(HOURS, |_edge| {}).await;
    stage.app.set_clock("2026-09-30T10:00:00Z");
    let text = stage.get(&stage.hub.id, None).await.text().await.expect("a text");
    let zone: Zone = "Europe/Prague".parse().expect("a zone");
    let (monday, end) = (date(2026, 9, 28), date(2026, 11, 30));
    let (from, until) = (zone.start_of(monday), zone.start_of(end));
    let file = File { name: "hours.ics", text: &text, from, until };
    let read = read_by_others(&[file]);
    assert_eq!(read.by_icalendar, read.by_ical_js);
    let position = Position { latitude: 49.into(), longitude: 15.into() };
    let hours = OpeningHours::parse(HOURS, zone, "CZ", position).expect("hours");
    let stretches = read.by_icalendar["hours.ics"].as_array().expect("a list").clone();
    let is_shown = |at: Timestamp| {
        let second = json!(at.as_second()).as_i64();
        stretches.iter().any(|it| it[0].as_i64() <= second && second < it[1].as_i64())
    };
    let mut at = from;
    while at < until {
        assert_eq!(is_shown(at), hours.is_open_at(at), "{at}");
        at += 15.minutes();
    }
    stage.app.drain().await;
}

/// A phone that asks twice a day gets the calendar again only when it has changed.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_the_calendar_already_is_not_sent_it_again_until_it_changes() {
    let stage = Stage::set("24/7", |_edge| {}).await;
    let first = stage.get(&stage.hub.id, None).await;
    let version = first.headers()[header::ETAG].to_str().expect("a version").to_owned();
    for known in [version.clone(), format!("\"other\", W/{version}"), "*".to_owned()] {
        let again = stage.get(&stage.hub.id, Some(&known)).await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{known}");
        assert_eq!(again.headers()[header::ETAG], version.as_str());
        assert_eq!(again.text().await.expect("no body"), "");
    }
    stage.app.set_clock("2026-11-08T22:00:00Z");
    assert_eq!(stage.get(&stage.hub.id, Some(&version)).await.status(), StatusCode::NOT_MODIFIED);
    stage.app.set_clock("2026-11-08T23:00:00Z");
    assert_eq!(stage.get(&stage.hub.id, Some(&version)).await.status(), StatusCode::OK, "a new week");
    stage.app.drain().await;
}

/// What is no hub has no calendar, and is refused as everywhere else.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_hub_has_no_calendar() {
    let stage = Stage::set("24/7", |_edge| {}).await;
    let unknown = "hub_019d0000000070008000000000000000";
    let network = &stage.hub.network;
    for key in [unknown, network.as_str(), "humpolec", "..", "%00", "hub_"] {
        let refused = stage.get(key, None).await;
        assert_eq!(refused.status(), StatusCode::NOT_FOUND, "{key}");
        assert_eq!(refused.headers()[header::CACHE_CONTROL], "no-store", "{key}");
        let problem: serde_json::Value = refused.json().await.expect("a problem");
        assert_eq!(problem["code"], "NOT_FOUND", "{key}");
    }
    let posted = reqwest::Client::new().post(stage.address(&stage.hub.id)).send().await.expect("an answer");
    assert_eq!(posted.status(), StatusCode::METHOD_NOT_ALLOWED);
    stage.app.drain().await;
}

/// Strangers ask for calendars no more often than for anything else.
#[tokio::test(flavor = "multi_thread")]
async fn calendars_are_asked_for_at_the_pace_of_strangers() {
    let stage = Stage::set("24/7", |edge| {
        edge.limits.traffic.per_address = Rate { per_second: 1, burst: 3 };
    })
    .await;
    let mut refused = 0;
    for _asked in 0..5 {
        let answer = stage.get(&stage.hub.id, None).await;
        if answer.status() == StatusCode::TOO_MANY_REQUESTS {
            assert!(answer.headers().contains_key(header::RETRY_AFTER));
            refused += 1;
        }
    }
    assert!(refused >= 1, "five at once are more than three");
    stage.app.drain().await;
}

/// A hub behind a socket.
struct Stage {
    app: TestApp,
    hub: TestHub,
    url: String,
    closing: Option<oneshot::Sender<()>>,
}

impl Stage {
    async fn set(opening_hours: &str, change: impl FnOnce(&mut Edge)) -> Self {
        let app = TestApp::new().await;
        app.set_clock("2026-11-04T10:00:00Z");
        let network = app.network("n").await;
        let hub = app.hub_with(&network, "humpolec", json!({ "openingHours": opening_hours })).await;
        let services = app.services().clone();
        let authenticator = Arc::new(AppAuthenticator::new(services.clone()));
        let mut edge = Edge::new(
            Arc::clone(services.schema()),
            authenticator,
            Arc::new(AppProbe::new(services.clone())),
        );
        edge.public_files = server::public_files(&services);
        change(&mut edge);
        let listener = platform_http::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr());
        let (closing, closed) = oneshot::channel::<()>();
        let closed = async {
            let _closed_or_dropped = closed.await;
        };
        tokio::spawn(async move { platform_http::serve(edge, listener, closed).await.expect("it serves") });
        Self { app, hub, url, closing: Some(closing) }
    }

    fn address(&self, key: &str) -> String {
        format!("{}/hubs/{key}/opening-hours.ics", self.url)
    }

    async fn get(&self, key: &str, known: Option<&str>) -> Response {
        let mut request = reqwest::Client::new().get(self.address(key));
        if let Some(known) = known {
            request = request.header(header::IF_NONE_MATCH, known);
        }
        request.send().await.expect("an answer")
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if let Some(closing) = self.closing.take() {
            // Whoever served may have stopped by itself.
            let _closed = closing.send(());
        }
    }
}
