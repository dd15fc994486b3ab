//! `hubnet replay`: a device's offline log is loaded beside a running server, and every line is accounted for.

use jiff::{SignedDuration, Timestamp};
use private_servers::Hubnet;
use testkit::{Json, json};

use crate::{
    support::front_desk::{FrontDesk, Traveller, now},
    support::installation::{HUMPOLEC, Installation},
};

/// An installation with its server and two members of Humpolec, the first of whom may roam.
struct Place {
    installation: Installation,
    _server: Hubnet,
    front_desk: FrontDesk,
    alena: Traveller,
    bohdan: Traveller,
}

impl Place {
    async fn new() -> Self {
        let installation = Installation::embedded();
        installation.onboard();
        // A hub that never opens.
        let closed = HUMPOLEC.replace("24/7", "off").replace("slug = \"humpolec\"", "slug = \"ledec\"");
        installation.succeed(&["onboard", &installation.file("ledec.toml", &closed)]);
        let server = installation.launch().start().expect("hubnet serves");
        let front_desk = FrontDesk::open(&installation, &server.url()).await;
        let alena = front_desk.enrol("humpolec", "Alena", "04A1B2C3").await;
        let bohdan = front_desk.enrol("humpolec", "Bohdan", "04D4E5F6").await;
        front_desk.give_pass(&alena).await;
        Self { installation, _server: server, front_desk, alena, bohdan }
    }

    /// Replays a log; returns its output. The exit code is zero exactly if no line was refused.
    fn replay(&self, hub: &str, log: &str) -> String {
        let file = self.installation.file("reader.log", log);
        let ran = self.installation.run(&["replay", &file, "--hub", hub]);
        let is_all_taken = ran.printed.contains(", 0 refused");
        assert_eq!(ran.code, Some(if is_all_taken { 0 } else { 65 }), "{ran:?}");
        ran.printed
    }

    async fn visits(&self) -> Vec<Json> {
        let mut visits = self.front_desk.visits("humpolec").await;
        for visit in &mut visits {
            let fields = visit.as_object_mut().expect("a visit");
            fields
                .retain(|field, _| ["startedAt", "endedAt", "minutes", "endedBy"].contains(&field.as_str()));
        }
        visits
    }
}

/// Returns a line of a log, a number of minutes after its beginning five days ago.
fn line(event_id: &str, minute: i64, chip: &str, direction: &str) -> String {
    format!("{event_id},{},reception,{chip},{direction}", at(minute))
}

fn at(minute: i64) -> Timestamp {
    let hour = now().as_second() / 3600 * 3600;
    let beginning = Timestamp::from_second(hour).expect("an instant") - SignedDuration::from_hours(24 * 5);
    beginning + SignedDuration::from_mins(minute)
}

fn csv(lines: &[String]) -> String {
    format!("event_id,at,device,credential,direction\n{}\n", lines.join("\n"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_line_is_reported_by_its_number_and_the_rest_goes_in() {
    let place = Place::new().await;
    let log = csv(&[
        line("1", 0, &place.alena.chip, "in"),
        "2,yesterday,reception,04A1B2C3,out".to_owned(),
        "3,2026-11-02T09:00:00Z".to_owned(),
        line("4", 10, &place.alena.chip, "sideways"),
        line("5", 95, &place.alena.chip, "out"),
    ]);
    let printed = place.replay("humpolec", &log);
    assert!(printed.contains("2 lines taken, 0 denied, 3 refused"), "{printed}");
    for number in [3, 4, 5] {
        assert!(printed.contains(&format!("line {number}: refused: MALFORMED_LINE")), "{printed}");
    }
    let visit = json!({ "startedAt": at(0), "endedAt": at(95), "minutes": 95, "endedBy": "CHECK_OUT" });
    assert_eq!(place.visits().await, [visit]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_twice_or_out_of_order_gives_the_visits_of_a_log_once_in_order() {
    let place = Place::new().await;
    let (alena, bohdan) = (&place.alena.chip, &place.bohdan.chip);
    let lines = [
        line("1", 0, alena, "in"),
        line("2", 30, bohdan, "in"),
        line("3", 95, alena, "out"),
        line("4", 100, alena, "in"),
        line("5", 160, bohdan, "out"),
        line("6", 220, alena, "out"),
    ];
    let in_order = csv(&lines);
    place.replay("humpolec", &in_order);
    let visits = place.visits().await;
    assert_eq!(visits.len(), 3, "{visits:#?}");
    let printed = place.replay("humpolec", &in_order);
    assert!(printed.contains("6 lines taken, 0 denied, 0 refused"), "{printed}");
    assert_eq!(place.visits().await, visits, "the same log again changes nothing");

    let elsewhere = Place::new().await;
    let mut disorder = lines.to_vec();
    disorder.reverse();
    disorder.swap(0, 3);
    disorder.push(lines[2].clone());
    elsewhere.replay("humpolec", &csv(&disorder));
    assert_eq!(elsewhere.visits().await, visits, "the order of lines does not matter");
}

#[tokio::test(flavor = "multi_thread")]
async fn json_lines_give_the_same_result_as_csv() {
    let place = Place::new().await;
    let touch = |id: &str, minute, direction: &str| {
        json!({
            "event_id": id, "at": at(minute), "device": "reception", "credential": place.alena.chip,
            "direction": direction,
        })
    };
    let log = format!("{}\n{{\"event_id\":\n\n{}\n", touch("1", 0, "in"), touch("2", 61, "out"));
    let printed = place.replay("humpolec", &log);
    assert!(printed.contains("2 lines taken, 0 denied, 1 refused"), "{printed}");
    assert!(printed.contains("line 2: refused: MALFORMED_LINE"), "{printed}");
    assert_eq!(place.visits().await[0]["minutes"], 61);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_denied_line_is_reported_with_its_reason() {
    let place = Place::new().await;
    let unknown = csv(&[line("1", 0, "04FFFFFF", "in"), line("2", 0, &place.alena.chip, "in")]);
    let printed = place.replay("humpolec", &unknown);
    assert!(printed.contains("1 lines taken, 1 denied"), "{printed}");
    assert!(printed.contains("line 2: denied: UNKNOWN_CREDENTIAL"), "{printed}");

    let printed = place.replay("ledec", &csv(&[line("1", 0, &place.alena.chip, "in")]));
    assert!(printed.contains("line 2: denied: HUB_CLOSED"), "{printed}");
    let printed = place.replay("piaseczno", &csv(&[line("1", 0, &place.bohdan.chip, "in")]));
    assert!(printed.contains("line 2: denied: NO_ROAMING_PASS"), "{printed}");

    let revoke = "mutation($id: ID!) { revokeChip(input: { chipId: $id }) { chip { revokedAt } } }";
    place.front_desk.remote().ask(revoke, json!({ "id": place.bohdan.chip_id })).await;
    let after = now() + SignedDuration::from_secs(1);
    let printed = place.replay(
        "humpolec",
        &csv(&[
            line("11", 0, &place.bohdan.chip, "in"),
            line("12", 30, &place.bohdan.chip, "out"),
            format!("13,{after},reception,{},in", place.bohdan.chip),
        ]),
    );
    assert!(printed.contains("2 lines taken, 1 denied"), "what happened before counts: {printed}");
    assert!(printed.contains("line 4: denied: REVOKED_CREDENTIAL"), "{printed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_of_an_unknown_hub_and_a_file_without_lines_are_refused() {
    let place = Place::new().await;
    let log = place.installation.file("reader.csv", &csv(&[line("1", 0, &place.alena.chip, "in")]));
    let prose = place.installation.file("prose.csv", "Dear reader,\nnothing of this is a log.\n");
    for (file, hub, named) in [
        (log.as_str(), "nowhere", "nowhere"),
        ("missing.csv", "humpolec", "missing.csv"),
        (prose.as_str(), "humpolec", "no line of"),
    ] {
        let refused = place.installation.run(&["replay", file, "--hub", hub]);
        assert_eq!(refused.code, Some(65), "{refused:?}");
        assert!(refused.complained.contains(named), "{refused:?}");
    }
}

/// An unknown device is a fault of its lines, not of the log, whatever its name and its position in the order of
/// names.
#[tokio::test(flavor = "multi_thread")]
async fn lines_of_an_unknown_device_are_refused_by_number_and_all_others_go_in() {
    let place = Place::new().await;
    let chip = &place.alena.chip;
    for (round, device) in ["old-door", "side-door", "a", "zzz"].into_iter().enumerate() {
        let from = i64::try_from(round).expect("a number") * 100;
        let stray = line(&format!("{round}-stray"), from + 30, chip, "in").replace("reception", device);
        let log = csv(&[
            line(&format!("{round}-in"), from, chip, "in"),
            stray,
            line(&format!("{round}-out"), from + 60, chip, "out"),
        ]);
        let printed = place.replay("humpolec", &log.replace('\n', "\r\n"));
        assert!(printed.contains("2 lines taken, 0 denied, 1 refused"), "{printed}");
        assert!(printed.contains("line 3: refused: NOT_FOUND"), "{printed}");
        assert!(printed.contains(device), "{printed}");
    }
    let visits = place.visits().await;
    assert_eq!(visits.iter().map(|visit| visit["minutes"].clone()).collect::<Vec<_>>(), [60, 60, 60, 60]);

    let json_line = |id: &str, minute, device: &str, direction: &str| json!({ "event_id": id, "at": at(minute), "device": device, "credential": chip, "direction": direction });
    let log = format!(
        "{}\r\n\r\n{}\r\n{}\r\n",
        json_line("j-1", 500, "reception", "in"),
        json_line("j-2", 510, "balcony", "in"),
        json_line("j-3", 530, "reception", "out"),
    );
    let printed = place.replay("humpolec", &log);
    assert!(printed.contains("2 lines taken, 0 denied, 1 refused"), "{printed}");
    assert!(printed.contains("line 3: refused: NOT_FOUND"), "{printed}");

    let nobodys = csv(&[line("n", 600, chip, "in").replace("reception", "balcony")]);
    let printed = place.replay("humpolec", &nobodys);
    assert!(printed.contains("0 lines taken, 0 denied, 1 refused"), "{printed}");
}
