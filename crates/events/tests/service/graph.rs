//! Tests the service in the graph, through its federation subgraph.

use events::split;
use kernel::{HubId, Id, MemberId, OpContext};
use platform_module::Module as _;
use serde_json::{Value, json};

use crate::{app::TestApp, statements::statements_of};

async fn ask(app: &TestApp, op: &OpContext, query: &str) -> Value {
    let request = async_graphql::Request::new(query).data(op.clone());
    let answer = split::schema().execute(app.events.with_request_data(request, op)).await;
    serde_json::to_value(answer).expect("an answer is JSON")
}

#[tokio::test]
async fn an_event_is_announced_and_seen_by_everybody() {
    let app = TestApp::build().await;
    let hub = app.humpolec;
    let publish = format!(
        r#"mutation {{ publishEvent(input: {{ hubId: "{hub}", title: "Daně", summary: "Šest míst.", kind: CONSULTATION,
            language: "cs", startsAt: "2026-11-04T15:30:00Z", endsAt: "2026-11-04T17:00:00Z", capacity: 6 }})
            {{ event {{ id title summary kind language startsAt endsAt capacity seatsTaken seatsFree hub {{ id }} }} }} }}"#
    );
    let answer = ask(&app, &app.operator(hub), &publish).await;
    let event = &answer["data"]["publishEvent"]["event"];
    let expected = json!({"id": event["id"], "title": "Daně", "summary": "Šest míst.", "kind": "CONSULTATION",
        "language": "cs", "startsAt": "2026-11-04T15:30:00Z", "endsAt": "2026-11-04T17:00:00Z",
        "capacity": 6, "seatsTaken": 0, "seatsFree": 6, "hub": {"id": hub.to_string()}});
    assert_eq!(*event, expected, "{answer}");

    let read = format!("{{ event(id: {}) {{ title hub {{ upcomingEvents {{ title }} }} }} }}", event["id"]);
    let answer = ask(&app, &app.anonymous(), &read).await;
    let seen = json!({"title": "Daně", "hub": {"upcomingEvents": [{"title": "Daně"}]}});
    assert_eq!(answer["data"]["event"], seen, "{answer}");
}

#[tokio::test]
async fn a_refusal_has_a_code_and_an_unknown_event_is_null() {
    let app = TestApp::build().await;
    let event = app.published(app.humpolec, 1, 6).await;
    let unknown = r#"{ event(id: "evt_00000000000000000000000000000000") { title } }"#;
    assert_eq!(ask(&app, &app.anonymous(), unknown).await, json!({"data": {"event": null}}));

    let code = async |op: &OpContext, query: &str| {
        ask(&app, op, query).await["errors"][0]["extensions"]["code"].clone()
    };
    assert_eq!(code(&app.anonymous(), r#"{ event(id: "hub_1") { title } }"#).await, "INVALID_INPUT");
    let seat = format!(r#"mutation {{ takeSeat(input: {{ eventId: "{}" }}) {{ __typename }} }}"#, event.id);
    assert_eq!(code(&app.anonymous(), &seat).await, "UNAUTHENTICATED");
    assert_eq!(code(&app.foreigner(), &seat).await, "NOT_FOUND");
    let many =
        format!(r#"{{ event(id: "{}") {{ hub {{ upcomingEvents(first: 101) {{ title }} }} }} }}"#, event.id);
    assert_eq!(code(&app.anonymous(), &many).await, "INVALID_INPUT");
}

#[tokio::test]
async fn taking_a_seat_answers_what_a_client_can_go_on_from() {
    let app = TestApp::build().await;
    let event = app.published(app.humpolec, 1, 1).await;
    let (early, late) = (app.member_of(app.humpolec).await, app.member_of(app.poznan).await);
    let take = format!(
        r#"mutation {{ takeSeat(input: {{ eventId: "{}" }}) {{ __typename
            ... on SeatTaken {{ event {{ seatsFree }} seat {{ member {{ id }} event {{ title }} }} }}
            ... on AlreadySeated {{ event {{ seatsFree }} seat {{ id }} }}
            ... on EventFull {{ event {{ seatsFree }} }} }} }}"#,
        event.id
    );
    let answer =
        async |member: MemberId| ask(&app, &app.member(member), &take).await["data"]["takeSeat"].clone();
    let taken = json!({"__typename": "SeatTaken", "event": {"seatsFree": 0},
                       "seat": {"member": {"id": early.to_string()}, "event": {"title": "Day 1"}}});
    assert_eq!(answer(early).await, taken);
    assert_eq!(answer(early).await["__typename"], "AlreadySeated");
    assert_eq!(answer(late).await, json!({"__typename": "EventFull", "event": {"seatsFree": 0}}));
}

#[tokio::test]
async fn the_router_finds_a_members_seats_and_many_hubs_events() {
    let app = TestApp::build().await;
    let event = app.published(app.humpolec, 1, 6).await;
    let member = app.member_of(app.humpolec).await;
    let wanted = events::TakeSeat { event_id: event.id, member_id: None };
    app.events.take_seat(&app.member(member), wanted).await.expect("an outcome");

    let query = format!(
        r#"{{ _entities(representations: [{{__typename: "Member", id: "{member}"}}, {{__typename: "Hub", id: "{}"}},
            {{__typename: "Hub", id: "{}"}}]) {{
            ... on Member {{ seats(first: 5) {{ nodes {{ event {{ title }} }} pageInfo {{ hasNextPage }} }} }}
            ... on Hub {{ upcomingEvents(first: 3) {{ title seatsTaken }} }} }} }}"#,
        app.humpolec, app.poznan
    );
    let answer = ask(&app, &app.member(member), &query).await;
    let expected = json!([
        {"seats": {"nodes": [{"event": {"title": "Day 1"}}], "pageInfo": {"hasNextPage": false}}},
        {"upcomingEvents": [{"title": "Day 1", "seatsTaken": 1}]},
        {"upcomingEvents": []},
    ]);
    assert_eq!(answer["data"]["_entities"], expected, "{answer}");

    let answer = ask(&app, &app.anonymous(), &query).await;
    assert_eq!(
        answer["data"]["_entities"][0],
        json!({"seats": null}),
        "the refusal empties this field alone"
    );
    assert_eq!(answer["data"]["_entities"][1], expected[1]);
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
}

#[tokio::test]
async fn the_events_of_twenty_hubs_cost_no_more_statements_than_those_of_one() {
    let app = TestApp::build().await;
    let anonymous = app.anonymous();
    let mut costs = Vec::new();
    for count in [1, 20] {
        let mut hubs = Vec::new();
        for _ in 0..count {
            let hub = HubId::generate(&app.world);
            app.receive(app.event("membership.hub_onboarded.v1", app.hub_onboarded(hub))).await;
            app.published(hub, 1, 6).await;
            hubs.push(format!(r#"{{__typename: "Hub", id: "{hub}"}}"#));
        }
        let hubs = hubs.join(", ");
        let query = format!(
            "{{ _entities(representations: [{hubs}]) {{ ... on Hub {{ upcomingEvents {{ title }} }} }} }}"
        );
        let (answer, statements) = statements_of(ask(&app, &anonymous, &query)).await;
        assert_eq!(answer["data"]["_entities"][count - 1]["upcomingEvents"][0]["title"], "Day 1");
        costs.push(statements);
    }
    assert!(costs[0] > 0 && costs[0] == costs[1], "{costs:?}");
}

#[test]
fn the_subgraph_declares_its_part_of_the_entities() {
    let sdl = split::schema().sdl_with_options(async_graphql::SDLExportOptions::new().federation());
    for part in [
        "type Hub @key(fields: \"id\")",
        "type Member @key(fields: \"id\")",
        "union TakeSeatPayload = SeatTaken | AlreadySeated | EventFull",
    ] {
        assert!(sdl.contains(part), "{part} is missing in\n{sdl}");
    }
}
