//! Tests roaming's part of the graph through its federation subgraph.

use async_graphql::{Request, Response, Variables};
use kernel::OpContext;
use platform_module::Module as _;
use serde_json::{Value, json};

use crate::app::{TestApp, at};

async fn ask(app: &TestApp, op: &OpContext, query: &str, variables: Value) -> Response {
    let op = op.afresh();
    let request = Request::new(query).variables(Variables::from_json(variables)).data(op.clone());
    roaming::split::schema().execute(app.roaming.with_request_data(request, &op)).await
}

async fn data(app: &TestApp, op: &OpContext, query: &str, variables: Value) -> Value {
    let response = ask(app, op, query, variables).await;
    assert!(response.errors.is_empty(), "{:?}", response.errors);
    response.data.into_json().expect("JSON")
}

async fn code(app: &TestApp, op: &OpContext, query: &str, variables: Value) -> Option<Value> {
    let response = ask(app, op, query, variables).await;
    let extensions = response.errors.first()?.extensions.as_ref()?;
    extensions.get("code").cloned().and_then(|code| code.into_json().ok())
}

const PUBLISH: &str = "mutation ($input: PublishTariffInput!) { publishTariff(input: $input) { tariff {
    version currency pricePerHour graceMinutes minimumPerDay { minor } maximumPerDay { display }
    elements { weekdays from until categories pricePerHour } } } }";
const ISSUE: &str = "mutation ($member: ID!) { issueRoamingPass(input: { memberId: $member }) {
    pass { status member { id } homeHub { id } } } }";
const CLOSE: &str = "mutation ($month: Month!) { closeSettlement(input: { month: $month }) { settlement {
    month rates { currency perUnit on } networkCommission { display }
    positions { hub { id } earned { display } net { display } } } } }";
const ENTITIES: &str = "query ($of: [_Any!]!) { _entities(representations: $of) {
    ... on Hub { guestTariff { name } }
    ... on Member { roamingPass { status } charges(first: 1) { edges { cursor node { reason period amount { display }
        lines { day billedSeconds } hub { id } } } pageInfo { hasNextPage } } }
    ... on Network { settlement(month: \"2026-10\") { positions { net { display } } }
        settlements { edges { node { month } } } } } }";

#[tokio::test]
async fn a_tariff_is_published_and_shown_to_everybody() {
    let app = TestApp::open().await;
    let input = json!({
        "hubId": app.piaseczno, "name": "Guests", "pricePerHour": "60.00", "graceMinutes": 10,
        "billingStepSeconds": 900, "maximumPerDay": "350.00",
        "elements": [{ "weekdays": ["SAT"], "from": "09:00", "until": "13:00", "categories": ["STUDENT"],
            "pricePerHour": "30.00" }],
    });
    let op = app.administrator_of(app.piaseczno);
    let published = data(&app, &op, PUBLISH, json!({ "input": input })).await;
    assert_eq!(
        published["publishTariff"]["tariff"],
        json!({
            "version": 1, "currency": "PLN", "pricePerHour": "60.00", "graceMinutes": 10,
            "minimumPerDay": { "minor": 0 }, "maximumPerDay": { "display": "350.00 PLN" },
            "elements": [{ "weekdays": ["SAT"], "from": "09:00", "until": "13:00", "categories": ["STUDENT"],
                "pricePerHour": "30.00" }],
        })
    );
    let hub = json!({ "of": [{ "__typename": "Hub", "id": app.piaseczno }] });
    let shown = data(&app, &app.anonymous(), ENTITIES, hub).await;
    assert_eq!(shown["_entities"][0]["guestTariff"]["name"], "Guests");
}

#[tokio::test]
async fn a_member_sees_their_pass_and_their_charges() {
    let app = TestApp::with_prices().await;
    let issued = data(&app, &app.operator_of(app.humpolec), ISSUE, json!({ "member": app.jana })).await;
    assert_eq!(issued["issueRoamingPass"]["pass"]["homeHub"]["id"], app.humpolec.to_string());
    app.receive(app.ended(app.jana_at_piaseczno("2026-11-02T10:00:00Z", "2026-11-02T12:00:00Z"))).await;
    let of = json!({ "of": [{ "__typename": "Member", "id": app.jana }] });
    let shown = data(&app, &app.member(app.jana, app.humpolec), ENTITIES, of.clone()).await;
    let member = &shown["_entities"][0];
    assert_eq!(member["roamingPass"]["status"], "ACTIVE");
    let charge = &member["charges"]["edges"][0]["node"];
    assert_eq!(
        (&charge["reason"], &charge["amount"]["display"]),
        (&json!("RATED_BY_TARIFF"), &json!("120.00 PLN"))
    );
    assert_eq!(charge["lines"], json!([{ "day": "2026-11-02", "billedSeconds": 7_200 }]));
    let other = app.operator_of(app.piaseczno);
    assert_eq!(code(&app, &other, ENTITIES, of).await, Some(json!("NOT_FOUND")));
    assert_eq!(code(&app, &other, ISSUE, json!({ "member": app.jana })).await, Some(json!("NOT_FOUND")));
}

#[tokio::test]
async fn the_coordinator_closes_a_month_and_a_hub_sees_its_part() {
    let app = TestApp::with_prices().await;
    app.receive(app.ended(app.jana_at_piaseczno("2026-10-05T10:00:00Z", "2026-10-05T12:00:00Z"))).await;
    let closed = data(&app, &app.coordinator(), CLOSE, json!({ "month": "2026-10" })).await;
    let settlement = &closed["closeSettlement"]["settlement"];
    assert_eq!(settlement["rates"][0], json!({ "currency": "CZK", "perUnit": "24.305", "on": "2026-10-01" }));
    assert_eq!(settlement["networkCommission"]["display"], "0.57 EUR");
    assert_eq!(settlement["positions"].as_array().map(Vec::len), Some(3));
    let of = json!({ "of": [{ "__typename": "Network", "id": app.network }] });
    let shown = data(&app, &app.operator_of(app.piaseczno), ENTITIES, of).await;
    assert_eq!(
        shown["_entities"][0]["settlement"]["positions"],
        json!([{ "net": { "display": "111.60 PLN" } }])
    );
    assert_eq!(shown["_entities"][0]["settlements"]["edges"][0]["node"]["month"], "2026-10");
}

#[tokio::test]
async fn bad_input_has_a_code() {
    let app = TestApp::open().await;
    app.clock.set(at("2026-11-03T09:00:00Z"));
    let coordinator = app.coordinator();
    for (month, expected) in [
        ("2026-13", "INVALID_INPUT"),
        ("0000-01", "INVALID_INPUT"),
        ("1900-01", "INVALID_INPUT"),
        ("2026-11", "CONFLICT"),
    ] {
        assert_eq!(code(&app, &coordinator, CLOSE, json!({ "month": month })).await, Some(json!(expected)));
    }
    let anonymous = app.anonymous();
    assert_eq!(
        code(&app, &anonymous, CLOSE, json!({ "month": "2026-10" })).await,
        Some(json!("UNAUTHENTICATED"))
    );
    assert_eq!(
        code(&app, &app.system(), CLOSE, json!({ "month": "2026-10" })).await,
        Some(json!("INVALID_INPUT"))
    );
    assert_eq!(
        code(&app, &coordinator, ISSUE, json!({ "member": "hub_1" })).await,
        Some(json!("INVALID_INPUT"))
    );
}

#[test]
fn the_subgraph_names_the_keys_it_adds_to() {
    let sdl = roaming::split::schema().sdl_with_options(async_graphql::SDLExportOptions::new().federation());
    for entity in [
        "type Hub @key(fields: \"id\")",
        "type Member @key(fields: \"id\")",
        "type Network @key(fields: \"id\")",
    ] {
        assert!(sdl.contains(entity), "{entity} is missing in\n{sdl}");
    }
}
