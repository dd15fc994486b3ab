//! The price of a stay, who pays it, and the format of amounts, as a client of the graph sees them.

use testkit::{Json, TestApp, TestHub, TestMember, json};

/// Onboards a hub that never closes: 60 an hour by the quarter, ten minutes free, at most 350 a day; two readers.
async fn always_open(app: &TestApp, network: &testkit::TestNetwork) -> TestHub {
    const PUBLISH: &str =
        "mutation($input: PublishTariffInput!) { publishTariff(input: $input) { tariff { id } } }";
    let devices =
        json!([{ "code": "reception", "kind": "READER" }, { "code": "backdoor", "kind": "READER" }]);
    let hub = app.hub_with(network, "always", json!({ "openingHours": "24/7", "devices": devices })).await;
    let input = json!({
        "hubId": hub.id, "name": "Guests", "pricePerHour": "60.00", "graceMinutes": 10,
        "billingStepSeconds": 900, "maximumPerDay": "350.00", "validFrom": "2026-01-01T00:00:00Z",
    });
    app.system().ask(PUBLISH, json!({ "input": input })).await;
    app.drain().await;
    hub
}

async fn upload(
    app: &TestApp,
    hub: &TestHub,
    device: &str,
    guest: &TestMember,
    lines: &[(&str, &str, &str)],
) {
    const UPLOAD: &str = "mutation($input: UploadDeviceLogInput!) { uploadDeviceLog(input: $input) { taken refused { line } } }";
    let line = |(event_id, direction, at): &(&str, &str, &str)| json!({ "eventId": event_id, "at": at, "credential": guest.chip, "direction": direction });
    let lines: Vec<Json> = lines.iter().map(line).collect();
    let input = json!({ "hubId": hub.id, "device": device, "lines": lines });
    let outcome = app.operator(hub).ask(UPLOAD, json!({ "input": input })).await;
    assert_eq!(outcome["uploadDeviceLog"]["refused"], json!([]), "{outcome}");
    app.drain().await;
}

/// Returns the amounts of all charges and credits of a member, the latest first.
async fn amounts(app: &TestApp, member: &TestMember) -> Vec<i64> {
    let asked = "{ me { member { charges(first: 100) { edges { node { amount { minor } } } } } } }";
    let mine = app.as_member(member).ask(asked, json!({})).await;
    let edges = mine["me"]["member"]["charges"]["edges"].as_array().expect("charges").clone();
    edges.iter().map(|edge| edge["node"]["amount"]["minor"].as_i64().expect("a number")).collect()
}

const TOUCHES: [(&str, &str, &str); 4] = [
    ("a", "IN", "2026-10-30T08:00:00Z"),
    ("b", "OUT", "2026-10-30T16:00:00Z"),
    ("c", "IN", "2026-10-30T17:00:00Z"),
    ("d", "OUT", "2026-10-30T19:10:00Z"),
];
const AT_THE_BACK: [(&str, &str, &str); 1] = [("e", "OUT", "2026-10-30T08:05:00Z")];

/// The guest left through another exit after five minutes; its reader was offline.
#[tokio::test(flavor = "multi_thread")]
async fn r20_a_late_correction_re_rates_the_whole_day_of_a_guest() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let (home, always) = (app.hub(&network, "humpolec").await, always_open(&app, &network).await);
    app.set_clock("2026-10-29T12:00:00Z");
    let guest = app.roaming_member(&home, "Guest").await;
    app.set_clock("2026-11-02T12:00:00Z");
    upload(&app, &always, "reception", &guest, &TOUCHES).await;
    assert_eq!(amounts(&app, &guest).await.iter().sum::<i64>(), 35_000, "the day's maximum");
    upload(&app, &always, "backdoor", &guest, &AT_THE_BACK).await;
    let amounts = amounts(&app, &guest).await;
    assert_eq!(amounts.iter().sum::<i64>(), 12_000, "two hours of the evening: {amounts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn r20_a_day_costs_the_same_whichever_reader_reports_first() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let (home, always) = (app.hub(&network, "humpolec").await, always_open(&app, &network).await);
    app.set_clock("2026-10-29T12:00:00Z");
    let guest = app.roaming_member(&home, "Guest").await;
    app.set_clock("2026-11-02T12:00:00Z");
    upload(&app, &always, "backdoor", &guest, &AT_THE_BACK).await;
    for touch in [2, 3, 0, 1] {
        upload(&app, &always, "reception", &guest, &TOUCHES[touch..=touch]).await;
    }
    assert_eq!(amounts(&app, &guest).await.iter().sum::<i64>(), 12_000);
}

const CHARGES: &str =
    "{ me { member { plan { code roaming } charges { nodes { reason amount { minor } } } } } }";
const PASS: &str =
    "mutation($input: IssueRoamingPassInput!) { issueRoamingPass(input: $input) { pass { status } } }";

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_decides_whether_its_member_may_roam_and_what_covers_them_at_home() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let plan = |code: &str, roaming: bool| json!({ "code": code, "name": code, "monthlyFee": "900.00", "includedMinutes": 600, "roaming": roaming });
    let plans = json!([plan("here", false), plan("everywhere", true)]);
    let home = app.hub_with(&network, "home", json!({ "plans": plans })).await;
    for (name, plan, shown, pass, reason) in [
        ("Eva", None, Json::Null, "ACTIVE", "NO_PLAN"),
        (
            "Jan",
            Some("here"),
            json!({ "code": "here", "roaming": false }),
            "PLAN_WITHOUT_ROAMING",
            "COVERED_BY_HOME_PLAN",
        ),
        (
            "Ola",
            Some("everywhere"),
            json!({ "code": "everywhere", "roaming": true }),
            "ACTIVE",
            "COVERED_BY_HOME_PLAN",
        ),
    ] {
        let member = app.member_with_plan(&home, name, plan).await;
        let input = json!({ "input": { "memberId": member.id } });
        if pass == "ACTIVE" {
            let issued = app.operator(&home).ask(PASS, input).await;
            assert_eq!(issued["issueRoamingPass"]["pass"]["status"], "ACTIVE");
        } else {
            assert_eq!(app.operator(&home).refused(PASS, input).await, pass, "{name}");
        }
        app.check_in(&home, &member).await;
        app.pass_minutes(30);
        app.check_out(&home, &member).await;
        app.drain().await;
        let mine = app.as_member(&member).ask(CHARGES, json!({})).await["me"]["member"].clone();
        let charges = json!({ "nodes": [{ "reason": reason, "amount": { "minor": 0 } }] });
        assert_eq!((&mine["plan"], &mine["charges"]), (&shown, &charges), "{name}");
    }
}

const SETTLE: &str = "mutation($input: CloseSettlementInput!) { closeSettlement(input: $input) { settlement { \
    rates { currency perUnit on } } } }";

/// Opens a network in which a guest from a hub in crowns owes a hub in złotys, with a production's rates.
async fn in_two_currencies(rates: Option<&str>) -> (TestApp, Json) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("rates.csv");
    std::fs::write(&file, rates.unwrap_or_default()).expect("written");
    let app = TestApp::configured(|config| {
        config.environment = Some(server::Environment::Production);
        config.roaming.rates_file = rates.map(|_| file.clone());
    })
    .await;
    let network = app.network("n").await;
    let home = app.hub(&network, "home").await;
    let zloty = json!({ "currency": "PLN", "timeZone": "Europe/Warsaw", "language": "pl" });
    let host = app.hub_with(&network, "host", zloty).await;
    app.tariff(&host, "12.00").await;
    let guest = app.roaming_member(&home, "Alena").await;
    app.check_in(&host, &guest).await;
    app.pass_minutes(60);
    app.check_out(&host, &guest).await;
    app.drain().await;
    app.set_clock("2026-12-01T08:00:00Z");
    let input = json!({ "input": { "networkId": network.id, "month": "2026-11" } });
    let settled = app.coordinator(&network).response(SETTLE, input).await;
    app.drain().await;
    (app, settled)
}

fn code(response: &Json) -> &str {
    response["errors"][0]["extensions"]["code"].as_str().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_production_without_a_rates_file_does_not_settle_with_invented_rates() {
    let (_app, settled) = in_two_currencies(None).await;
    assert_eq!(code(&settled), "RATE_MISSING", "{settled}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rate_that_is_too_old_settles_nothing() {
    let rates = "on,currency,per_eur\n2026-11-30,CZK,24.2\n2026-11-22,PLN,4.24\n";
    let (_app, settled) = in_two_currencies(Some(rates)).await;
    assert_eq!(code(&settled), "RATE_STALE", "{settled}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_settlement_shows_the_day_of_each_rate_it_was_made_with() {
    let rates = "on,currency,per_eur\n2026-11-27,CZK,24.2\n2026-12-01,CZK,99\n2026-11-23,PLN,4.24\n";
    let (_app, settled) = in_two_currencies(Some(rates)).await;
    let used = &settled["data"]["closeSettlement"]["settlement"]["rates"];
    let day = |currency: &str| {
        let rates = used.as_array().expect("rates").iter();
        rates.clone().find(|rate| rate["currency"] == currency).map(|rate| rate["on"].clone())
    };
    assert_eq!((day("CZK"), day("PLN")), (Some(json!("2026-11-27")), Some(json!("2026-11-23"))), "{settled}");
}

const ONBOARD: &str = "mutation($input: OnboardHubInput!) { onboardHub(input: $input) { hub { id } } }";

#[tokio::test(flavor = "multi_thread")]
async fn an_amount_beyond_32_bits_is_shown_as_it_is() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let plan = |fee: &str| {
        json!([{ "code": "office", "name": "Private office", "monthlyFee": fee, "includedMinutes": 60000,
                 "roaming": true, "categories": [] }])
    };
    let rupiah = |fee: &str| json!({ "currency": "IDR", "timeZone": "Asia/Jakarta", "plans": plan(fee) });
    app.hub_with(&network, "idr", rupiah("25000000.00")).await;
    let fee = "{ hub(slug: \"idr\") { plans { monthlyFee { minor display } } } }";
    let shown = app.anonymous().ask(fee, json!({})).await["hub"]["plans"][0]["monthlyFee"].clone();
    assert_eq!(shown, json!({ "minor": 2_500_000_000_i64, "display": "25000000.00 IDR" }));
    let kind = "{ __type(name: \"Money\") { fields { name type { ofType { name specifiedByURL } } } } }";
    let fields = app.anonymous().ask(kind, json!({})).await["__type"]["fields"].clone();
    let minor =
        fields.as_array().expect("fields").iter().find(|field| field["name"] == "minor").expect("a field");
    assert_eq!(minor["type"]["ofType"]["name"], "SafeInt");
    assert!(
        minor["type"]["ofType"]["specifiedByURL"].as_str().is_some_and(|url| url.starts_with("https://"))
    );
    // The largest amount that clients represent exactly, and one more.
    app.hub_with(&network, "most", rupiah("90071992547409.91")).await;
    let mut input = TestApp::hub_input(&network, "too-much");
    let more = rupiah("90071992547409.92");
    if let (Some(input), Some(but)) = (input.as_object_mut(), more.as_object()) {
        input.extend(but.clone());
    }
    assert_eq!(app.system().refused(ONBOARD, json!({ "input": input })).await, "INVALID_INPUT");
}

fn merged(one: &Json, other: Json) -> Json {
    let mut all = one.as_object().cloned().unwrap_or_default();
    all.extend(other.as_object().cloned().unwrap_or_default());
    Json::Object(all)
}

/// Every `Int` of a response, and its bound far below 2^31. A number that grows with use is a `SafeInt`.
const BOUNDED: &[(&str, &str)] = &[
    ("ChangeHubPayload.version", "counts changes that people make to one hub"),
    ("DeniedLine.line", "a log has at most 500 lines"),
    ("Event.capacity", "checked when the event is published"),
    ("Event.seatsFree", "at most the capacity"),
    ("Event.seatsTaken", "at most the capacity"),
    ("Hub.catchmentPopulation", "checked when the hub is onboarded"),
    ("Hub.distance", "metres: at most half way around the earth"),
    ("Hub.version", "counts changes that people make to one hub"),
    ("HubVersion.capacity", "at most 100000"),
    ("HubVersion.version", "counts changes that people make to one hub"),
    ("Member.version", "counts changes that people make to one membership"),
    ("Occupancy.capacity", "at most 100000"),
    ("Occupancy.free", "at most the capacity"),
    ("Occupancy.present", "people in one building"),
    ("Plan.includedMinutes", "checked when the hub is onboarded"),
    ("RefusedLine.line", "a log has at most 500 lines"),
    ("SecondFactor.recoveryCodesLeft", "at most ten"),
    ("Space.capacity", "at most 100000"),
    ("Tariff.billingStepSeconds", "at most a day"),
    ("Tariff.graceMinutes", "at most a day"),
    ("Tariff.version", "counts versions of one hub's prices"),
    ("UploadDeviceLogPayload.taken", "a log has at most 500 lines"),
];

#[test]
fn every_int_of_the_graph_has_a_stated_bound() {
    let sdl = server::cli::sdl();
    let (mut kind, mut found) = (None, Vec::new());
    let mut with_arguments = "";
    for line in sdl.lines() {
        if let Some(rest) = line.strip_prefix("type ") {
            kind = rest.split([' ', '{']).next().map(str::to_owned);
        } else if line.starts_with('}') {
            kind = None;
        }
        // The arguments of a field are on lines of their own, between its name and its type.
        if let Some(name) = line.strip_prefix('\t').and_then(|line| line.strip_suffix('(')) {
            with_arguments = name;
        }
        let Some((field, answer)) = line.trim().rsplit_once(": ") else { continue };
        let name = if field == ")" { with_arguments } else { field.split('(').next().unwrap_or_default() };
        let is_int = answer.trim_matches(['[', ']', '!']) == "Int";
        // Arguments are indented by two tabs.
        if let (Some(kind), true, false) = (&kind, is_int, line.starts_with("\t\t")) {
            found.push(format!("{kind}.{name}"));
        }
    }
    found.sort();
    let known: Vec<&str> = BOUNDED.iter().map(|(field, _)| *field).collect();
    assert_eq!(found, known, "make it a SafeInt, or say here what bounds it");
}

/// Invalid prices, positions, currencies and months, in every field that takes one.
#[tokio::test(flavor = "multi_thread")]
async fn unclear_decimals_dead_currencies_and_far_months_are_refused_by_field() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let hub = app.hub(&network, "home").await;
    let refused = async |document: &str, input: Json| {
        let response = app.system().response(document, json!({ "input": input })).await;
        let field = response["errors"][0]["message"].as_str().unwrap_or_default();
        (code(&response).to_owned(), field.split(':').next().unwrap_or_default().to_owned())
    };
    let invalid = |field: &str| ("INVALID_INPUT".to_owned(), field.to_owned());
    let onboarding = |but: Json| merged(&TestApp::hub_input(&network, "other"), but);
    let publish = "mutation($input: PublishTariffInput!) { publishTariff(input: $input) { tariff { id } } }";
    for unclear in ["1.", ".5", "+1", "1_000", "1e2", " 1", "1 ", "", "１", "0x1"] {
        let plan = json!([{ "code": "p", "name": "P", "monthlyFee": unclear, "includedMinutes": 1, "roaming": true }]);
        assert_eq!(
            refused(ONBOARD, onboarding(json!({ "plans": plan }))).await,
            invalid("plans[0].monthlyFee"),
            "{unclear:?}"
        );
        let position = json!({ "latitude": unclear, "longitude": "15" });
        let answer = refused(ONBOARD, onboarding(json!({ "position": position }))).await;
        assert_eq!(answer, invalid("position.latitude"), "{unclear:?}");
        let tariff =
            json!({ "hubId": hub.id, "name": "G", "pricePerHour": unclear, "billingStepSeconds": 60 });
        assert_eq!(refused(publish, tariff.clone()).await, invalid("pricePerHour"), "{unclear:?}");
        for limit in ["minimumPerDay", "maximumPerDay"] {
            let limited = merged(&tariff, json!({ "pricePerHour": "1", limit: unclear }));
            assert_eq!(refused(publish, limited).await, invalid(limit), "{unclear:?}");
        }
    }
    let found = "mutation($input: FoundNetworkInput!) { foundNetwork(input: $input) { network { id } } }";
    for dead in ["XXX", "XTS", "XAU", "HRK", "BGN", "CHW", "czk", ""] {
        assert_eq!(
            refused(ONBOARD, onboarding(json!({ "currency": dead }))).await,
            invalid("currency"),
            "{dead}"
        );
        let network = json!({
            "slug": "other", "name": "N", "clearingCurrency": dead, "timeZone": "Europe/Warsaw",
            "homeCommissionBp": 500, "networkCommissionBp": 200,
        });
        assert_eq!(refused(found, network).await.0, "INVALID_INPUT", "{dead}");
    }
    let coordinator = app.coordinator(&network);
    for far in ["0000-01", "1900-01", "1999-12", "2200-01", "9999-11"] {
        let input = json!({ "input": { "networkId": network.id, "month": far } });
        assert_eq!(coordinator.refused(SETTLE, input).await, "INVALID_INPUT", "{far}");
        let settlement = format!("{{ network {{ settlement(month: \"{far}\") {{ id }} }} }}");
        let metrics = format!(
            "{{ network {{ metrics(from: \"{far}\", until: \"2026-12\", by: MONTH) {{ visits }} }} }}"
        );
        for asked in [settlement, metrics] {
            assert_eq!(coordinator.refused(&asked, json!({})).await, "INVALID_INPUT", "{asked}");
        }
    }
}

/// Returns a visit event as membership publishes it.
fn ended(app: &TestApp, hub: &TestHub, guest: &TestMember, from: &str, until: &str) -> kernel::CloudEvent {
    let world = app.services().world();
    let hub_id = hub.id.parse().expect("a hub");
    let fact = membership::events::VisitEnded {
        visit_id: kernel::Id::generate(world),
        hub_id,
        home_hub_id: guest.home.id.parse().expect("a hub"),
        member_id: guest.id.parse().expect("a member"),
        category: kernel::Category::Resident,
        started_at: from.parse().expect("an instant"),
        ended_at: until.parse().expect("an instant"),
        ended_by: membership::EndedBy::CheckOut,
        revision: 2,
    };
    let network = hub.network.parse().expect("a network");
    kernel::CloudEvent::new(&fact, network, Some(hub_id), world).expect("an event")
}

#[tokio::test(flavor = "multi_thread")]
async fn r20_two_processes_that_consume_visits_of_one_day_at_once_charge_it_as_one_would() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let (home, always) = (app.hub(&network, "humpolec").await, always_open(&app, &network).await);
    let guest = app.roaming_member(&home, "Guest").await;
    let world = app.services().world().clone();
    let other =
        server::App::open(app.config(), server::ServiceSet::All, world).await.expect("a second process");
    let of_roaming = |services: &server::App| {
        services
            .handlers()
            .into_iter()
            .find(|handler| handler.consumer() == "roaming")
            .expect("roaming runs here")
    };
    let handlers = [of_roaming(app.services()), of_roaming(&other)];
    for day in 10..20 {
        let at = |time: &str| format!("2026-10-{day}T{time}:00Z");
        let long = ended(&app, &always, &guest, &at("08:00"), &at("16:00"));
        let evening = ended(&app, &always, &guest, &at("17:00"), &at("19:10"));
        let (one, two) = tokio::join!(
            platform_bus::deliver(handlers[0].as_ref(), std::slice::from_ref(&long)),
            platform_bus::deliver(handlers[1].as_ref(), std::slice::from_ref(&evening)),
        );
        assert_eq!((one.expect("taken in"), two.expect("taken in")), (1, 1));
    }
    app.drain().await;
    let waiting = platform_bus::postponed_events(handlers[0].db(), handlers[0].consumer()).await;
    assert_eq!(waiting.expect("the postponed events").0, 0, "neither waits");
    assert_eq!(amounts(&app, &guest).await.iter().sum::<i64>(), 10 * 35_000, "each day at its maximum");
}
