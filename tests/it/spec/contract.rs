//! The contract with clients: their guarantees about the graph. `testkit::assert_contract` checks the shape of every
//! response of every test; this file tests the responses that are hard to get right.

use std::collections::BTreeMap;

use async_graphql::parser::{
    parse_schema,
    types::{TypeKind, TypeSystemDefinition},
};
use kernel::Role;
use testkit::{Client, Json, Shape, TestApp, TestHub, TestMember, json};

use crate::{support::installation::Installation, support::remote::Remote};

#[tokio::test(flavor = "multi_thread")]
async fn a_field_a_caller_may_not_see_is_null_and_its_siblings_are_answered() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let hub = app.hub(&network, "home").await;
    let eva = app.member(&hub, "Eva").await;
    let ask = "query($id: ID!) { hub(id: $id) { \
        name members { nodes { name } } visits { nodes { id } } devices { code } \
        auditLog { membership { nodes { action } } roaming { nodes { action } } events { nodes { action } } \
        identity { nodes { action } } } apiKeys { id } deviceSecrets { id } roles { role } \
        network { name auditLog { membership { nodes { action } } } } } hubs { nodes { name } } }";
    let answer = app.as_member(&eva).response(ask, json!({ "id": hub.id })).await;

    let nothing = json!({
        "name": "Hub home", "members": null, "visits": null, "devices": null,
        "auditLog": { "membership": null, "roaming": null, "events": null, "identity": null }, "apiKeys": null, "deviceSecrets": null, "roles": null,
        "network": { "name": "Network n", "auditLog": { "membership": null } },
    });
    assert_eq!(answer["data"]["hub"], nothing);
    assert_eq!(answer["data"]["hubs"]["nodes"], json!([{ "name": "Hub home" }]));
    let errors = answer["errors"].as_array().expect("refusals");
    assert_eq!(errors.len(), 11);
    assert!(errors.iter().all(|it| it["extensions"]["code"] == "FORBIDDEN"), "{errors:#?}");

    let alone = "query($id: ID!) { hub(id: $id) { members { nodes { name } } } }";
    let answer = app.as_member(&eva).response(alone, json!({ "id": hub.id })).await;
    assert_eq!(answer["data"], json!({ "hub": { "members": null } }), "the hub is there");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_mutation_leaves_the_answers_of_other_mutations() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let (hub, other) = (app.hub(&network, "home").await, app.hub(&network, "other").await);
    let (eva, jan) = (app.member(&hub, "Eva").await, app.member(&other, "Jan").await);
    let two = "mutation($a: ID!, $b: ID!) { a: revokeChip(input: { chipId: $a }) { chip { id } } \
        b: revokeChip(input: { chipId: $b }) { chip { id } } }";
    let operator = app.staff(Role::Operator, &hub);
    let answer = operator.response(two, json!({ "a": eva.chip_id, "b": jan.chip_id })).await;
    assert_eq!(answer["data"], json!({ "a": { "chip": { "id": eva.chip_id } }, "b": null }));
    assert_eq!(answer["errors"][0]["path"], json!(["b"]));
    app.drain().await;
}

/// The databases keep microseconds: a shorter period is empty, and is refused as such.
#[tokio::test(flavor = "multi_thread")]
async fn a_time_a_nanosecond_after_another_is_the_same_time() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let hub = app.hub(&network, "home").await;
    let eva = app.member(&hub, "Eva").await;
    app.pass_minutes(120);
    let (early, late) = ("2026-11-03T09:00:00.000000000Z", "2026-11-03T09:00:00.000000001Z");
    let administrator = app.administrator(&hub);

    let pass =
        "mutation($input: IssueRoamingPassInput!) { issueRoamingPass(input: $input) { pass { validFrom } } }";
    let input = json!({ "input": { "memberId": eva.id, "validFrom": early, "validUntil": late } });
    refused(&administrator, pass, input, "INVALID_INPUT", "validUntil").await;
    let event = "mutation($input: PublishEventInput!) { publishEvent(input: $input) { event { id } } }";
    let input = json!({ "input": { "hubId": hub.id, "title": "T", "summary": "S", "kind": "LECTURE", "language": "cs",
        "startsAt": early, "endsAt": late, "capacity": 3 } });
    refused(&administrator, event, input, "INVALID_INPUT", "endsAt").await;
    let key = "mutation($input: IssueApiKeyInput!) { issueApiKey(input: $input) { apiKey { expiresAt } } }";
    let input = json!({ "input": { "hubId": hub.id, "name": "K", "scopes": ["READ_INDICATORS"], "expiresAt": late } });
    let issued = administrator.ask(key, input).await;
    assert_eq!(issued["issueApiKey"]["apiKey"]["expiresAt"], "2026-11-03T09:00:00Z");
    let touch = "mutation($input: TouchInput!) { checkIn(input: $input) { ... on CheckedIn { visit { startedAt } } } }";
    let at = "2026-11-02T13:59:59.123456789Z";
    let touched =
        administrator.ask(touch, json!({ "input": { "hubId": hub.id, "chip": eva.chip, "at": at } })).await;
    assert_eq!(touched["checkIn"]["visit"]["startedAt"], "2026-11-02T13:59:59.123456Z");
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zone_that_does_not_exist_is_refused_by_the_name_of_its_field() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let hub = app.hub(&network, "home").await;
    let eva = app.member(&hub, "Eva").await;
    app.pass_minutes(120);
    let operator = app.operator(&hub);
    let touch = "mutation($input: TouchInput!) { checkIn(input: $input) { __typename } }";
    let upload = "mutation($input: UploadDeviceLogInput!) { uploadDeviceLog(input: $input) { \
        taken refused { line code message } } }";
    for at in ["2026-11-02T11:00:00Z[America/Nowhere]", "2026-11-02T11:00:00+25:00", "noon", ""] {
        let input = json!({ "input": { "hubId": hub.id, "chip": eva.chip, "at": at } });
        refused(&operator, touch, input, "INVALID_INPUT", "at").await;
        let line = |at: &str, id: &str| json!({ "eventId": id, "at": at, "credential": eva.chip, "direction": "IN" });
        let lines = [line(at, "a"), line("2026-11-02T14:00:00+01:00[Europe/Prague]", "b")];
        let input = json!({ "input": { "hubId": hub.id, "device": "reception", "lines": lines } });
        let uploaded = &operator.ask(upload, input).await["uploadDeviceLog"];
        assert_eq!(
            (&uploaded["taken"], &uploaded["refused"][0]["line"]),
            (&json!(1), &json!(0)),
            "{uploaded}"
        );
        assert_eq!(uploaded["refused"][0]["code"], "INVALID_INPUT");
    }
    let month = "mutation { closeSettlement(input: { month: \"2026-13\" }) { settlement { id } } }";
    refused(&app.coordinator(&network), month, json!({}), "INVALID_INPUT", "month").await;
    app.drain().await;
}

/// Relay clients fetch an object again by its id alone. The id gives access to nothing that the lists would not.
#[tokio::test(flavor = "multi_thread")]
async fn an_object_is_found_by_its_id_only_by_whoever_may_see_it() {
    let app = TestApp::new().await;
    let (network, far) = (app.network("n").await, app.network("m").await);
    let hub = app.hub(&network, "home").await;
    let (neighbour, stranger) = (app.hub(&network, "other").await, app.hub(&far, "far").await);
    let eva = app.member(&hub, "Eva").await;
    let visit = &app.check_in(&hub, &eva).await["visit"]["id"];
    let ask = "query($id: ID!) { node(id: $id) { __typename id ... on Node { again: id } ... on Hub { slug } \
        ... on Network { slug } ... on Member { name } ... on Visit { hub { slug } member { id } } ... on Chip { ending } } }";
    let found = async |client: &Client, id: &Json| client.ask(ask, json!({ "id": id })).await["node"].clone();
    let [hub_id, network_id, member_id, chip_id] =
        [&hub.id, &network.id, &eva.id, &eva.chip_id].map(|id| json!(id));
    let private = [
        json!({ "__typename": "Member", "id": member_id, "again": member_id, "name": "Eva" }),
        json!({ "__typename": "Visit", "id": visit, "again": visit, "hub": { "slug": "home" }, "member": { "id": member_id } }),
        json!({ "__typename": "Chip", "id": chip_id, "again": chip_id, "ending": &eva.chip[eva.chip.len() - 4..] }),
    ];
    let public = [
        json!({ "__typename": "Hub", "id": hub_id, "again": hub_id, "slug": "home" }),
        json!({ "__typename": "Network", "id": network_id, "again": network_id, "slug": "n" }),
    ];
    for client in [app.operator(&hub), app.as_member(&eva)] {
        for node in private.iter().chain(&public) {
            assert_eq!(found(&client, &node["id"]).await, *node);
        }
    }
    for client in [app.anonymous(), app.administrator(&neighbour), app.administrator(&stranger)] {
        for node in &private {
            assert_eq!(found(&client, &node["id"]).await, Json::Null, "as if it were not there");
        }
        for node in &public {
            assert_eq!(found(&client, &node["id"]).await, *node);
        }
    }
    let unknown = format!("{}0000", &eva.id[..eva.id.len() - 4]);
    for nobody in [unknown.as_str(), "chg_0192f0c1", "x", ""] {
        assert_eq!(found(&app.operator(&hub), &json!(nobody)).await, Json::Null);
    }
    refused(&app.operator(&hub), ask, json!({ "id": "mem_x" }), "INVALID_INPUT", "id").await;
    app.drain().await;
}

/// Lists with pages, each with the pointer to it and with `PAGE` in place of its arguments.
const LISTS: [(&str, &str); 9] = [
    ("/hubs", "{ hubs(PAGE) { SHOWN } }"),
    ("/hub/members", "query($hub: ID!) { hub(id: $hub) { members(PAGE) { SHOWN } } }"),
    ("/hub/visits", "query($hub: ID!) { hub(id: $hub) { visits(PAGE) { SHOWN } } }"),
    (
        "/hub/auditLog/membership",
        "query($hub: ID!) { hub(id: $hub) { auditLog { membership(PAGE) { SHOWN } } } }",
    ),
    ("/hub/network/hubs", "query($hub: ID!) { hub(id: $hub) { network { hubs(PAGE) { SHOWN } } } }"),
    (
        "/hub/network/settlements",
        "query($hub: ID!) { hub(id: $hub) { network { settlements(PAGE) { SHOWN } } } }",
    ),
    ("/me/member/visits", "{ me { member { visits(PAGE) { SHOWN } } } }"),
    ("/me/member/charges", "{ me { member { charges(PAGE) { SHOWN } } } }"),
    ("/me/member/seats", "{ me { member { seats(PAGE) { SHOWN } } } }"),
];

/// Paging from the end gives the same items as paging from the beginning, in the same order.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_the_same_read_forward_and_backward() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let hub = app.hub(&network, "home").await;
    for slug in ["a", "b"] {
        app.hub(&network, slug).await;
    }
    let eva = app.roaming_member(&hub, "Eva").await;
    for name in ["Jan", "Petr", "Olga", "Ivan"] {
        app.member(&hub, name).await;
    }
    for _ in 0..5 {
        app.check_in(&hub, &eva).await;
        app.pass_minutes(20);
        app.check_out(&hub, &eva).await;
        app.pass_minutes(20);
    }
    for day in 1..6 {
        seat(&app, &hub, &eva, day).await;
    }
    app.drain().await;
    for (pointer, list) in LISTS {
        let client = if pointer.starts_with("/me") { app.as_member(&eva) } else { app.administrator(&hub) };
        let read = async |page: &str| {
            let shown = "edges { cursor } pageInfo { hasPreviousPage hasNextPage startCursor }";
            let document = list.replace("PAGE", page).replace("SHOWN", shown);
            let answer = client.ask(&document, json!({ "hub": hub.id })).await;
            answer.pointer(pointer).unwrap_or_else(|| panic!("{pointer}: {answer:#}")).clone()
        };
        let whole = read("first: 100").await["edges"].as_array().expect("edges").clone();
        let (mut backward, mut before) = (Vec::new(), String::new());
        loop {
            let page = read(&format!("last: 2 {before}")).await;
            let mut edges = page["edges"].as_array().expect("edges").clone();
            assert_eq!(page["pageInfo"]["hasNextPage"], json!(!before.is_empty()), "{pointer}");
            edges.extend(backward);
            backward = edges;
            if page["pageInfo"]["hasPreviousPage"] == json!(false) {
                break;
            }
            before = format!("before: {}", page["pageInfo"]["startCursor"]);
        }
        assert_eq!(backward, whole, "{pointer}");
        assert!(
            pointer.ends_with("settlements") || whole.len() > 2,
            "{pointer} is too short to prove anything"
        );
    }
    let both = app.anonymous().response("{ hubs(first: 1, last: 1) { nodes { id } } }", json!({})).await;
    assert_eq!(both["errors"][0]["extensions"]["field"], "last");
    let foreign = "{ hub(slug: \"home\") { members(before: \"x\") { nodes { id } } } }";
    refused(&app.operator(&hub), foreign, json!({}), "INVALID_INPUT", "before").await;
}

/// Announces an event on a day of December and takes a seat at it.
async fn seat(app: &TestApp, hub: &TestHub, member: &TestMember, day: u8) {
    let publish = "mutation($input: PublishEventInput!) { publishEvent(input: $input) { event { id } } }";
    let input = json!({ "hubId": hub.id, "title": "Lecture", "summary": "Somebody speaks.", "kind": "LECTURE",
        "language": "cs", "startsAt": format!("2026-12-0{day}T15:00:00Z"),
        "endsAt": format!("2026-12-0{day}T17:00:00Z"), "capacity": 6 });
    let event =
        app.system().ask(publish, json!({ "input": input })).await["publishEvent"]["event"]["id"].clone();
    app.drain().await;
    let take = "mutation($input: TakeSeatInput!) { takeSeat(input: $input) { __typename } }";
    let input = json!({ "eventId": event, "memberId": member.id });
    app.as_member(member).ask(take, json!({ "input": input })).await;
}

/// The length of a list is available only to callers who may see the list.
#[tokio::test(flavor = "multi_thread")]
async fn the_length_of_a_list_comes_with_any_page_of_it() {
    let app = TestApp::new().await;
    let (network, other) = (app.network("n").await, app.network("m").await);
    let hub = app.hub(&network, "home").await;
    app.hub(&network, "second").await;
    let foreign = app.hub(&other, "foreign").await;
    for name in ["Eva", "Jan", "Petr"] {
        app.member(&hub, name).await;
    }
    app.member(&foreign, "Olga").await;
    let ask = "query($id: ID!) { hubs(first: 1) { totalCount } hub(id: $id) { \
        members(first: 1) { ...length } network { hubs(last: 1) { totalCount nodes { id } } } } } \
        fragment length on MemberConnection { total: totalCount nodes { id } }";
    let operator = app.operator(&hub);
    let seen = operator.ask(ask, json!({ "id": hub.id })).await;
    assert_eq!((&seen["hubs"]["totalCount"], &seen["hub"]["members"]["total"]), (&json!(2), &json!(3)));
    assert_eq!(seen["hub"]["network"]["hubs"]["totalCount"], 2);
    let hidden = operator.response(ask, json!({ "id": foreign.id })).await;
    assert_eq!(
        (&hidden["data"]["hub"]["members"], &hidden["errors"][0]["extensions"]["code"]),
        (&Json::Null, &json!("NOT_FOUND"))
    );
    assert_eq!(app.anonymous().ask("{ hubs { totalCount } }", json!({})).await["hubs"]["totalCount"], 3);
    app.drain().await;
}

/// Whichever service refuses, a person reads which rule they broke, and a client gets the field.
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_names_its_field_and_its_rule_in_the_callers_language() {
    let installation = match Shape::of_run() {
        Shape::Embedded => Installation::embedded(),
        Shape::Distributed => {
            Installation::on(testkit::servers(), &format!("contract_{}", std::process::id()))
        }
    };
    installation.onboard();
    let process = installation.launch().start().expect("hubnet serves");
    let operator =
        Remote::anonymous(&process.url()).with_token(&installation.token(&["operator", "--hub", "humpolec"]));
    let hub = &operator.ask("{ hub(slug: \"humpolec\") { id } network { id } }", json!({})).await;
    let (hub, network) = (&hub["hub"]["id"], &hub["network"]["id"]);

    let enrol = "mutation($input: EnrollMemberInput!) { enrollMember(input: $input) { member { id } } }";
    let late = json!({ "hubId": hub, "name": "Eva", "email": "eva@example.org", "language": "cs",
        "category": "RESIDENT", "joinedAt": "2999-01-01T00:00:00Z" });
    let close =
        "mutation($input: CloseSettlementInput!) { closeSettlement(input: $input) { settlement { id } } }";
    let publish = "mutation($input: PublishEventInput!) { publishEvent(input: $input) { event { id } } }";
    let event = json!({ "hubId": hub, "title": "T", "summary": "S", "kind": "LECTURE", "language": "cs",
        "startsAt": "2998-01-01T10:00:00Z", "endsAt": "2998-01-01T12:00:00Z", "capacity": 0 });
    let revoke = "mutation($input: RevokeApiKeyInput!) { revokeApiKey(input: $input) { apiKey { id } } }";
    let onboard = "mutation($input: OnboardHubInput!) { onboardHub(input: $input) { hub { id } } }";
    let hubs = "query($input: Int!) { hubs(first: $input) { nodes { id } } }";
    let after =
        "query($input: String!) { hub(slug: \"humpolec\") { members(after: $input) { nodes { id } } } }";
    let cards = "query($input: String!) { indicatorCards(language: $input) { code } }";
    let number = "musí být desetinné číslo, například 12.50: číslice, případně tečka, a nic jiného";
    for (ask, input, field, rule) in [
        (enrol, late, "joinedAt", "nesmí být v budoucnosti"),
        (close, json!({ "month": "2026-13" }), "month", "\"2026-13\" není měsíc, například 2026-11"),
        (publish, event, "capacity", "musí být mezi 1 a 100000"),
        (revoke, json!({ "keyId": "mine" }), "keyId", "musí být id, například key_0192f0c1…"),
        (onboard, hub_with_a_spoiled_fee(network), "plans[1].monthlyFee", number),
        (hubs, json!(0), "first", "musí být mezi 1 a 100"),
        (after, json!("x"), "after", "není kurzor tohoto seznamu"),
        (cards, json!("tlh"), "language", "musí být jedno z: en, cs, pl, uk"),
    ] {
        let answer = operator.in_language("cs").response(ask, json!({ "input": input })).await;
        let error = &answer["errors"][0];
        assert_eq!(error["message"], format!("{field}: {rule}"), "{answer:#}");
        assert_eq!(
            (&error["extensions"]["code"], &error["extensions"]["field"]),
            (&json!("INVALID_INPUT"), &json!(field))
        );
        let english = operator.response(ask, json!({ "input": input })).await;
        assert_eq!(english["errors"][0]["message"], error["extensions"]["detail"]);
    }
    let person = |name: Json, category: &str| {
        json!({ "hubId": hub, "name": name, "email": "e@example.org",
        "language": "cs", "category": category })
    };
    // What the schema refuses is named like what a rule refuses.
    for (input, field, rule) in [
        (person(json!(7), "RESIDENT"), "name", "musí být hodnota typu String"),
        (person(json!("Eva"), "KING"), "category", "\"KING\" není žádná z hodnot svého typu"),
        (json!({}), "hubId", "musí být uvedeno"),
    ] {
        let answer = operator.in_language("cs").response(enrol, json!({ "input": input })).await;
        let error = &answer["errors"][0];
        assert_eq!(error["message"], format!("{field}: {rule}"), "{answer:#}");
        assert_eq!(
            (&error["extensions"]["code"], &error["extensions"]["field"]),
            (&json!("GRAPHQL_VALIDATION_FAILED"), &json!(field))
        );
    }
}

fn hub_with_a_spoiled_fee(network: &Json) -> Json {
    let plan = |code: &str, fee: &str| json!({ "code": code, "name": code, "monthlyFee": fee, "includedMinutes": 0, "roaming": false });
    json!({ "networkId": network, "slug": "new", "name": "N", "legalName": "N", "taxNumber": "1", "kind": "LIBRARY",
        "language": "cs", "timeZone": "Europe/Prague", "currency": "CZK", "openingHours": "24/7",
        "catchmentPopulation": 1, "capacity": 1, "position": { "latitude": "50", "longitude": "15" },
        "address": { "street": "S", "city": "C", "postalCode": "P", "country": "CZ" }, "spaces": [], "devices": [],
        "plans": [plan("a", "1.00"), plan("b", "1,00")] })
}

async fn refused(client: &Client, document: &str, variables: Json, code: &str, field: &str) {
    let answer = client.response(document, variables).await;
    let extensions = &answer["errors"][0]["extensions"];
    assert_eq!((&extensions["code"], &extensions["field"]), (&json!(code), &json!(field)), "{answer:#}");
}

/// All mutations have the same form: a client can guess the next one, and a field can be added without breaking
/// clients.
#[test]
fn every_mutation_takes_one_input_and_answers_a_payload() {
    let document = parse_schema(server::cli::sdl()).expect("a schema");
    let mutations = document.definitions.iter().find_map(|definition| match definition {
        TypeSystemDefinition::Type(it) if it.node.name.node == "Mutation" => match &it.node.kind {
            TypeKind::Object(object) => Some(&object.fields),
            _ => None,
        },
        _ => None,
    });
    let mut takers = BTreeMap::<String, Vec<&str>>::new();
    let mutations = mutations.expect("mutations");
    for mutation in mutations.iter().map(|it| &it.node) {
        let (name, answer) = (mutation.name.node.as_str(), mutation.ty.node.to_string());
        assert!(
            answer.ends_with("Payload"),
            "{name} answers {answer}, which is nullable and ends in Payload"
        );
        match mutation.arguments.as_slice() {
            [] => {}
            [input] if input.node.name.node == "input" => {
                takers.entry(input.node.ty.node.to_string()).or_default().push(name);
            }
            _ => panic!("{name} takes something beside `input`"),
        }
    }
    for (input, takers) in takers {
        let own = format!("{}Input!", takers[0]);
        let is_named_after_it = takers.len() == 1 && input.eq_ignore_ascii_case(&own);
        assert!(
            is_named_after_it || (takers.len() > 1 && input.ends_with("Input!")),
            "{takers:?} takes {input}"
        );
    }
}
