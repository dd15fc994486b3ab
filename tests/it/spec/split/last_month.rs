//! Visits of last month. Processes have the machine's clock, and touches count for seven days; so, to settle a month
//! now, an application with a clock of its own runs through last month on the same database before they start.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date, tz::TimeZone};
use kernel::{ManualClock, OsEntropy, World};
use server::{App, Background, Config, FrontDoor, ServiceSet};
use testkit::{Json, json};

use crate::{
    support::front_desk::{Traveller, now, word},
    support::installation::Installation,
};

const CHIP: &str = "04A1B2C3";

/// Returns the month in the format of settlements.
pub(crate) fn name() -> String {
    first_day().strftime("%Y-%m").to_string()
}

/// Returns its first day.
pub(crate) fn first_day() -> Date {
    let today = now().to_zoned(TimeZone::UTC).date();
    today.first_of_month().checked_sub(1.month()).expect("a day")
}

/// A member of Humpolec who may roam spends 95 minutes in Piaseczno.
pub(crate) async fn a_visit_abroad(installation: &Installation) -> Traveller {
    let noon = first_day().checked_add(14.days()).expect("a day").at(11, 0, 0, 0);
    let noon = noon.to_zoned(TimeZone::UTC).expect("an instant").timestamp();
    let clock = Arc::new(ManualClock::at(noon));
    let world = World::new(clock.clone(), Arc::new(OsEntropy));
    let services =
        App::open(&config(installation), ServiceSet::All, world).await.expect("the application opens");
    let listening = Background::listen(&services);
    let door = FrontDoor::as_system(services.clone());
    let traveller = enrol(&services, &door).await;
    let hub = hub(&door, "piaseczno").await;
    let check_in = "mutation($input: TouchInput!) { touch: checkIn(input: $input) { __typename } }";
    assert_eq!(touch(&door, check_in, &hub, noon).await, "CheckedIn");
    let later = noon + SignedDuration::from_mins(95);
    clock.set(later);
    let check_out = "mutation($input: TouchInput!) { touch: checkOut(input: $input) { __typename } }";
    assert_eq!(touch(&door, check_out, &hub, later).await, "CheckedOut");
    services.drain().await.expect("events are carried on");
    listening.stop().await;
    traveller
}

async fn enrol(services: &App, door: &FrontDoor) -> Traveller {
    let email = "alena@example.org".to_owned();
    let input = json!({
        "hubId": hub(door, "humpolec").await, "name": "Alena", "email": email, "language": "cs",
        "category": "RESIDENT", "plan": "resident",
    });
    let document = "mutation($input: EnrollMemberInput!) { enrollMember(input: $input) { member { id } } }";
    let id = word(&put(door, document, input).await["enrollMember"]["member"]["id"]);
    let document = "mutation($input: IssueChipInput!) { issueChip(input: $input) { chip { id } } }";
    let chip = put(door, document, json!({ "memberId": id, "number": CHIP })).await;
    services.drain().await.expect("events are carried on");
    let document =
        "mutation($input: IssueRoamingPassInput!) { issueRoamingPass(input: $input) { pass { id } } }";
    put(door, document, json!({ "memberId": id })).await;
    services.drain().await.expect("events are carried on");
    Traveller { id, chip: CHIP.to_owned(), chip_id: word(&chip["issueChip"]["chip"]["id"]), email }
}

async fn touch(door: &FrontDoor, document: &str, hub: &str, at: Timestamp) -> String {
    let answer = put(door, document, json!({ "hubId": hub, "chip": CHIP, "at": at })).await;
    word(&answer["touch"]["__typename"])
}

async fn hub(door: &FrontDoor, slug: &str) -> String {
    let asked = "query($slug: String!) { hub(slug: $slug) { id } }";
    word(&door.ask(asked, json!({ "slug": slug })).await.expect("an answer")["hub"]["id"])
}

async fn put(door: &FrontDoor, document: &str, input: Json) -> Json {
    door.ask(document, json!({ "input": input })).await.expect("an answer")
}

/// Returns the configuration of an installation's processes, for an application in this process.
fn config(installation: &Installation) -> Config {
    let settings = installation.settings();
    let setting = |name: &str| {
        let found = settings.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.clone()).expect("a setting of this installation")
    };
    let mut config = Config { data_dir: installation.folder().to_owned(), ..Config::default() };
    config.database.url = Some(setting("HUBNET__DATABASE__URL").into());
    config.bus.url = Some(setting("HUBNET__BUS__URL").into());
    config.bus.prefix = setting("HUBNET__BUS__PREFIX");
    config.live.url = Some(setting("HUBNET__LIVE__URL").into());
    config.live.prefix = setting("HUBNET__LIVE__PREFIX");
    config
}
