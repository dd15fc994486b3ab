//! The split shape: each service is a process of its own with a login of its own, behind the federation router, over
//! PostgreSQL, RabbitMQ and Redis. A client sees one graph, the same as in every shape.
//!
//! These tests are named `split_…`: only `cargo xtask test --split` runs them, because they need the router.

mod last_month;
mod region;
mod watching;

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp, ToSpan, tz::TimeZone};
use testkit::{Json, Phone, json};

use self::{region::Region, watching::Watching};
use crate::{
    support::front_desk::{HUBS, now},
    support::installation::Installation,
    support::provider::{APP, Browser, Provider, url_parameter},
    support::remote::Remote,
};

/// One query to all services that know hubs.
const EVERYTHING: &str = "query($month: Period!, $next: Period!) { hubs { nodes { slug network { slug } \
    occupancy { present capacity } guestTariff { pricePerHour } upcomingEvents(first: 1) { title seatsFree hub { slug } } \
    metrics(from: $month, until: $next, by: MONTH) { visits roamingVisits } } } }";
const CHECK_IN: &str = "mutation($input: TouchInput!) { checkIn(input: $input) { __typename } }";
const CHECK_OUT: &str = "mutation($input: TouchInput!) { checkOut(input: $input) { __typename \
    ... on CheckedOut { visit { minutes } } } }";
const CHARGES: &str = "{ me { member { email charges(first: 5) { nodes { minutes amount { minor currency } \
    hub { slug } homeHub { slug } } } } } }";

/// How long an event may take from one service to another, on a busy machine and after a restart.
const ARRIVES_WITHIN: Duration = Duration::from_secs(15);

#[tokio::test(flavor = "multi_thread")]
async fn split_a_traveller_pays_abroad_the_hubs_settle_and_a_killed_service_changes_no_figure() {
    let mut alena = None;
    let region = Region::open_after("story", async |installation| {
        alena = Some(last_month::a_visit_abroad(installation).await);
    })
    .await;
    let alena = alena.expect("she travelled");
    let coordinator = region.signed_in(&["coordinator", "--hub", HUBS[0]]);
    let month = last_month::name();

    let input = json!({ "input": { "month": month } });
    let close = "mutation($input: CloseSettlementInput!) { closeSettlement(input: $input) { settlement { month \
        positions { hub { slug } earned { minor } net { minor currency } } } } }";
    let settled = coordinator.ask(close, input.clone()).await["closeSettlement"]["settlement"].clone();
    // 95 minutes are seven begun quarters: 21.00 zł, less 5 % for the home hub and 2 % for the network.
    let abroad = position(&settled, "piaseczno");
    assert_eq!(abroad["earned"]["minor"], 2100);
    assert_eq!(abroad["net"], json!({ "minor": 2100 - 105 - 42, "currency": "PLN" }));
    assert_eq!(position(&settled, "humpolec")["net"]["currency"], "CZK");
    assert_eq!(coordinator.ask(close, input).await["closeSettlement"]["settlement"], settled);

    let asked = "query($month: Period!, $next: Period!) { network { metrics(from: $month, until: $next, by: MONTH) { \
        visits roamingVisits minutes } } }";
    let seen = coordinator.ask(asked, months()).await;
    assert_eq!(seen["network"]["metrics"], json!({ "visits": [1], "roamingVisits": [1], "minutes": [95] }));

    let member = region.signed_in(&["member", "--hub", "humpolec", "--name", &alena.email]);
    let reader = region.signed_in(&["device", "--hub", "piaseczno"]);
    let hub = region.hub("piaseczno").await;
    let (from, until) = (now() - SignedDuration::from_mins(95), now());
    let touch = |way: &str, at: Timestamp| json!({ "input": { "hubId": hub, "chip": alena.chip, "eventId": way, "at": at } });
    assert_eq!(reader.ask(CHECK_IN, touch("in", from)).await["checkIn"]["__typename"], "CheckedIn");
    region.kill("roaming");
    let answer = reader.ask(CHECK_OUT, touch("out", until)).await;
    assert_eq!(answer["checkOut"]["visit"]["minutes"], 95, "the door needs only membership");
    let answer = member.response(CHARGES, json!({})).await;
    assert_eq!(answer["data"]["me"]["member"], json!({ "email": alena.email, "charges": null }));
    region.restart("roaming");

    let charge = |minor: i64| {
        json!({
            "minutes": 95, "amount": { "minor": minor, "currency": "PLN" }, "hub": { "slug": "piaseczno" },
            "homeHub": { "slug": "humpolec" },
        })
    };
    let both = json!([charge(300 * begun_quarters(from, until)), charge(2100)]);
    becomes(&member, CHARGES, json!({}), "/me/member/charges/nodes", &both).await;
    assert_eq!(region.unbalanced(), "0\n", "the ledger sums to zero");
}

#[tokio::test(flavor = "multi_thread")]
async fn split_one_query_reaches_all_services_and_a_dead_service_fails_only_its_own_fields() {
    let region = Region::open("nested").await;
    let operator = region.signed_in(&["operator", "--hub", "humpolec"]);
    let publish = "mutation($input: PublishEventInput!) { publishEvent(input: $input) { event { title hub { name } } } }";
    let starts_at = now() + SignedDuration::from_hours(48);
    let event = json!({
        "hubId": region.hub("humpolec").await, "title": "Daně", "summary": "U kávy.", "kind": "LECTURE",
        "language": "cs", "startsAt": starts_at, "endsAt": starts_at + SignedDuration::from_hours(2), "capacity": 12,
    });
    operator.ask(publish, json!({ "input": event })).await;

    let coordinator = region.signed_in(&["coordinator", "--hub", "humpolec"]);
    let whole = json!({
        "slug": "humpolec", "network": { "slug": "central" }, "occupancy": { "present": 0, "capacity": 80 },
        "guestTariff": { "pricePerHour": "60.00" },
        "upcomingEvents": [{ "title": "Daně", "seatsFree": 12, "hub": { "slug": "humpolec" } }],
        "metrics": { "visits": [0], "roamingVisits": [0] },
    });
    becomes(&coordinator, EVERYTHING, months(), "/hubs/nodes/0", &whole).await;
    // One service finds a node, and the others add to it.
    let node = "query($id: ID!) { node(id: $id) { __typename id ... on Hub { slug upcomingEvents(first: 1) { title } } \
        ... on Member { name } } }";
    let hub = region.hub("humpolec").await;
    let found = operator.ask(node, json!({ "id": hub })).await;
    let wanted = json!({ "__typename": "Hub", "id": hub, "slug": "humpolec", "upcomingEvents": [{ "title": "Daně" }] });
    assert_eq!(found["node"], wanted);
    let nobody = json!({ "id": "mem_0192f0c1000070008000000000000000" });
    assert_eq!(operator.ask(node, nobody).await, json!({ "node": null }));

    for (service, field) in
        [("roaming", "guestTariff"), ("events", "upcomingEvents"), ("monitoring", "metrics")]
    {
        region.kill(service);
        let answer = coordinator.response(EVERYTHING, months()).await;
        let mut without = whole.clone();
        without[field] = Json::Null;
        assert_eq!(answer["data"]["hubs"]["nodes"][0], without, "{service} is down: {answer:#}");
        let error = &answer["errors"][0]["extensions"];
        assert!(error["code"].is_string(), "{answer:#}");
        assert_eq!(error["service"], service, "{answer:#}");
        region.restart(service);
        becomes(&coordinator, EVERYTHING, months(), "/hubs/nodes/0", &whole).await;
    }
    // Only membership knows whose hubs they are.
    region.kill("membership");
    let answer = coordinator.response(EVERYTHING, months()).await;
    assert_eq!(answer["errors"][0]["extensions"]["service"], "membership", "{answer:#}");
    region.restart("membership");
    becomes(&coordinator, EVERYTHING, months(), "/hubs/nodes/0", &whole).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn split_a_job_is_started_watched_and_found_through_the_router_by_whoever_started_it() {
    const JOB: &str = "query($id: ID!) { job(id: $id) { kind state done total } }";
    let region = Region::open("jobs").await;
    let coordinator = region.signed_in(&["coordinator", "--hub", HUBS[0]]);
    let settle = "mutation($input: SettleMonthsInput!) { settleMonths(input: $input) { job { id } } }";
    let input = json!({ "input": { "through": last_month::name() } });
    let started = coordinator.ask(settle, input).await;
    let id = json!({ "id": started["settleMonths"]["job"]["id"] });
    let watch = "subscription($id: ID!) { jobProgress(id: $id) { state done total } }";
    let mut watching = Watching::by_events(&coordinator, watch, &id).await;
    watching.sees(&json!({ "jobProgress": { "state": "DONE", "done": 1, "total": 1 } })).await;
    let done = json!({ "kind": "settle_months", "state": "DONE", "done": 1, "total": 1 });
    assert_eq!(coordinator.ask(JOB, id.clone()).await["job"], done);
    let operator = region.signed_in(&["operator", "--hub", HUBS[0]]);
    let refused = operator.response(JOB, id).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "NOT_FOUND", "{refused:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn split_occupancy_is_seen_live_through_the_router_by_websocket_and_by_events() {
    let region = Region::open("live").await;
    let reader = region.signed_in(&["device", "--hub", "humpolec"]);
    let bohdan = region.front_desk().await.enrol("humpolec", "Bohdan", "04D4E5F6").await;
    let hub = region.hub("humpolec").await;
    let document = "subscription($hub: ID!) { hubOccupancy(hubId: $hub) { present capacity free } }";
    let variables = json!({ "hub": hub });
    let mut socket = Watching::by_websocket(&region.router_url(), document, &variables).await;
    let mut events = Watching::by_events(&region.anonymous(), document, &variables).await;
    let empty = json!({ "hubOccupancy": { "present": 0, "capacity": 80, "free": 80 } });
    let taken = json!({ "hubOccupancy": { "present": 1, "capacity": 80, "free": 79 } });
    socket.sees(&empty).await;
    events.sees(&empty).await;

    let touch =
        |event_id: &str| json!({ "input": { "hubId": hub, "chip": bohdan.chip, "eventId": event_id } });
    assert_eq!(reader.ask(CHECK_IN, touch("in")).await["checkIn"]["__typename"], "CheckedIn");
    socket.sees(&taken).await;
    events.sees(&taken).await;
    assert_eq!(reader.ask(CHECK_OUT, touch("out")).await["checkOut"]["__typename"], "CheckedOut");
    socket.sees(&empty).await;
    events.sees(&empty).await;
}

/// Repeats a query until a part of the response is as expected.
async fn becomes(somebody: &Remote, document: &str, variables: Json, pointer: &str, expected: &Json) {
    let deadline = Instant::now() + ARRIVES_WITHIN;
    loop {
        let answer = somebody.response(document, variables.clone()).await;
        if answer["data"].pointer(pointer) == Some(expected) {
            return;
        }
        assert!(Instant::now() < deadline, "{pointer} does not become {expected:#}: {answer:#}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn position(settlement: &Json, slug: &str) -> Json {
    let positions = settlement["positions"].as_array().expect("positions");
    positions.iter().find(|it| it["hub"]["slug"] == slug).expect("a position of each hub").clone()
}

/// Returns the variables of a query about last month.
fn months() -> Json {
    let first = last_month::first_day();
    let next = first.checked_add(1.month()).expect("a day");
    json!({ "month": first.strftime("%Y-%m").to_string(), "next": next.strftime("%Y-%m").to_string() })
}

/// Returns the number of quarters of an hour begun in Piaseczno; a day that ends between them ends a quarter too.
fn begun_quarters(from: Timestamp, until: Timestamp) -> i64 {
    let zone = TimeZone::get("Europe/Warsaw").expect("a time zone");
    let midnight = until.to_zoned(zone).start_of_day().expect("a day").timestamp().clamp(from, until);
    let quarters = |from: Timestamp, until: Timestamp| (until.as_second() - from.as_second() + 899) / 900;
    quarters(from, midnight) + quarters(midnight, until)
}

#[tokio::test(flavor = "multi_thread")]
async fn split_a_sign_out_reaches_every_process_within_a_minute() {
    let region = Region::open("revocation").await;
    let code = region.invite("coordinator", "cyril@example.org");
    let accept =
        "mutation($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { accessToken } }";
    let input = json!({ "input": { "code": code, "password": "correct horse battery" } });
    let accepted = region.anonymous().ask(accept, input).await;
    let token = accepted["acceptInvitation"]["accessToken"].as_str().expect("a token").to_owned();
    let somebody = region.anonymous().with_token(&token);
    // One query that identity, membership and roaming answer together.
    let asked = "{ me { roles { role } network { slug settlements(first: 1) { nodes { month } } } } }";
    let seen = somebody.ask(asked, json!({})).await;
    assert_eq!(seen["me"]["roles"], json!([{ "role": "COORDINATOR" }]));
    assert_eq!(seen["me"]["network"]["slug"], "central");
    somebody.ask("mutation { signOut { signedOut } }", json!({})).await;
    let deadline = Instant::now() + Duration::from_mins(1);
    for process in region.at_every_process(&token) {
        loop {
            let answer = process.response("{ __typename }", json!({})).await;
            if answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED" {
                break;
            }
            assert!(Instant::now() < deadline, "a process still lets in whoever has signed out: {answer}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn split_identity_builds_a_members_export_from_every_service_through_the_router() {
    let region = Region::open("export").await;
    let alena = region.front_desk().await.enrol("humpolec", "Alena", "04A1B2C3").await;
    let reader = region.signed_in(&["device", "--hub", "humpolec"]);
    let hub = region.hub("humpolec").await;
    let touch = |way: &str| json!({ "input": { "hubId": hub, "chip": alena.chip, "eventId": way } });
    assert_eq!(reader.ask(CHECK_IN, touch("in")).await["checkIn"]["__typename"], "CheckedIn");
    assert_eq!(reader.ask(CHECK_OUT, touch("out")).await["checkOut"]["__typename"], "CheckedOut");
    let member = region.signed_in(&["member", "--hub", "humpolec", "--name", &alena.email]);
    let minor = "{ me { member { charges(first: 1) { nodes { minutes } } } } }";
    becomes(&member, minor, json!({}), "/me/member/charges/nodes/0/minutes", &json!(0)).await;

    let identity = region.url_of("identity");
    let (status, _, bytes) = member.export(&identity).await;
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&bytes));
    let export = crate::spec::privacy::export::Export::unzip(bytes);
    let of = |part: &str, table: &str| export.json(part)[table].as_array().map_or(0, Vec::len);
    assert_eq!(export.json("membership.json")["person"][0]["email"], json!(alena.email));
    assert_eq!((of("membership.json", "visit"), of("membership.json", "touch")), (1, 2));
    assert_eq!((of("roaming.json", "charge"), of("events.json", "events_member")), (1, 1));
    assert_eq!(export.json("identity.json")["identity_member"][0]["member_id"], json!(alena.id));

    assert_eq!(member.export(&region.url_of("roaming")).await.0, 404, "the others make none");
    region.kill("roaming");
    let (status, headers, _) = member.export(&identity).await;
    assert_eq!((status, headers.contains_key("retry-after")), (503, true), "no export without a part of it");
    region.restart("roaming");
}

#[tokio::test(flavor = "multi_thread")]
async fn split_an_account_with_a_second_factor_signs_in_with_both_behind_the_router() {
    let region = Region::open("factor").await;
    let code = region.invite("coordinator", "cyril@example.org");
    let accept =
        "mutation($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { accessToken } }";
    let password = "correct horse battery";
    let accepting = json!({ "input": { "code": code, "password": password } });
    let accepted = region.anonymous().ask(accept, accepting).await;
    let token = accepted["acceptInvitation"]["accessToken"].as_str().expect("a token").to_owned();
    let cyril = region.anonymous().with_token(&token);

    let enroll =
        "mutation($input: EnrollSecondFactorInput!) { enrollSecondFactor(input: $input) { secret } }";
    let enrolled = cyril.ask(enroll, json!({ "input": { "password": password } })).await;
    let phone = Phone::new(&enrolled["enrollSecondFactor"]["secret"], kernel::World::real());
    let confirm =
        "mutation($code: String!) { confirmSecondFactor(input: { code: $code }) { recoveryCodes } }";
    let confirmed = cyril.ask(confirm, json!({ "code": phone.code() })).await;
    let paper = confirmed["confirmSecondFactor"]["recoveryCodes"][0].clone();

    let sign_in = "mutation($input: SignInInput!) { signIn(input: $input) { __typename \
        ... on SecondFactorNeeded { challenge } ... on SignedIn { sessionId } } }";
    let input = json!({ "input": { "email": "cyril@example.org", "password": password } });
    let waiting = region.anonymous().ask(sign_in, input).await["signIn"].clone();
    assert_eq!(waiting["__typename"], "SecondFactorNeeded");
    let complete = "mutation($input: CompleteSignInInput!) { completeSignIn(input: $input) { accessToken } }";
    let input = json!({ "input": { "challenge": waiting["challenge"], "code": paper } });
    let signed_in = region.anonymous().ask(complete, input).await["completeSignIn"].clone();
    let cyril = region.anonymous().with_token(signed_in["accessToken"].as_str().expect("a token"));
    // One query that identity, membership and roaming answer together.
    let asked = "{ me { secondFactor { recoveryCodesLeft } network { slug settlements(first: 1) { nodes { month } } } } }";
    let seen = cyril.ask(asked, json!({})).await["me"].clone();
    assert_eq!(seen["secondFactor"]["recoveryCodesLeft"], 9);
    assert_eq!(seen["network"]["slug"], "central");
}

#[tokio::test(flavor = "multi_thread")]
async fn split_people_sign_in_by_identitys_process_with_their_organisations_account() {
    let mut town = None;
    let configured = |identity: &str, installation: &Installation| {
        let provider = town.insert(Provider::start(identity, "town"));
        let config = format!(
            "identity.public_url = \"{identity}\"\n[[identity.single_sign_on]]\nkey = \"town\"\nname = \"Town\"\n\
             network = \"central\"\nissuer = \"{}\"\nclient_id = \"hubnet\"\n\
             client_secret = \"kept by the town hall\"\nreturn_to = [\"{APP}\"]\n",
            provider.issuer()
        );
        vec![("HUBNET_CONFIG".to_owned(), installation.file("hubnet.toml", &config))]
    };
    let region = Region::open_configured("sign_on", configured, async |_installation| {}).await;
    let code = region.invite("coordinator", "cyril@example.org");
    let verifier = "an-app-keeps-this-to-itself-until-the-very-end";
    let challenge = "2_zGGov7L6iOaCQlGZ07lFSCoTV9b0v7RLI0gkwoQTw";
    let identity = region.url_of("identity");
    let start = format!("{identity}/sign-in/town?return_to={APP}&code_challenge={challenge}");
    let back = Browser::new().sign_in_as(&start, "cyril").await;
    let complete = "mutation($input: CompleteSingleSignOnInput!) { completeSingleSignOn(input: $input) { \
        ... on SignedIn { accessToken } } }";
    let handover = url_parameter(&back, "code").expect("a handover");
    let input = json!({ "input": { "code": handover, "codeVerifier": verifier, "invitation": code } });
    let signed_in = region.anonymous().ask(complete, input).await["completeSingleSignOn"].clone();
    let cyril = region.anonymous().with_token(signed_in["accessToken"].as_str().expect("a token"));
    // One query that identity, membership and roaming answer together.
    let asked =
        "{ me { signInLinks { provider } network { slug settlements(first: 1) { nodes { month } } } } }";
    let seen = cyril.ask(asked, json!({})).await["me"].clone();
    assert_eq!(seen["signInLinks"], json!([{ "provider": "Town" }]));
    assert_eq!(seen["network"]["slug"], "central");
    let elsewhere = Browser::new().open(&start.replace(&identity, &region.url_of("roaming"))).await;
    assert_eq!(elsewhere.status, 404, "the others send nobody anywhere");
}
