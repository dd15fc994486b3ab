//! Tests the service in the graph, through its federation subgraph.

use kernel::{HubId, OpContext};
use monitoring::split;
use platform_module::Module as _;
use serde_json::{Value, json};

use crate::{app::TestApp, statements::statements_of};

async fn ask(app: &TestApp, op: &OpContext, query: &str) -> Value {
    let request = async_graphql::Request::new(query).data(op.clone());
    let answer = split::schema().execute(app.monitoring.with_request_data(request, op)).await;
    serde_json::to_value(answer).expect("an answer is JSON")
}

#[tokio::test]
async fn the_router_finds_the_metrics_of_hubs_and_of_the_network() {
    let app = TestApp::build().await;
    let network = app.network().await;
    app.receive_visits(network.id, &[app.stay(network.humpolec, network.pokrov, "2026-11-03", 45)]).await;
    let query = format!(
        r#"{{ _entities(representations: [{{__typename: "Hub", id: "{}"}}, {{__typename: "Network", id: "{}"}}]) {{
            ... on Hub {{ metrics(from: "2026-11-03", until: "2026-11-05", by: DAY)
                {{ by from until periods visits minutes roamingVisits roamingMinutes }} }}
            ... on Network {{ metrics(from: "2026-10", until: "2026-12", by: MONTH)
                {{ by from until periods visits minutes roamingVisits roamingMinutes }} }} }} }}"#,
        network.humpolec, network.id
    );
    let answer = ask(&app, &app.coordinator(network.id), &query).await;
    let by_day = json!({"by": "DAY", "from": "2026-11-03", "until": "2026-11-05",
        "periods": ["2026-11-03", "2026-11-04"], "visits": [1, 0], "minutes": [45, 0],
        "roamingVisits": [1, 0], "roamingMinutes": [45, 0]});
    let by_month = json!({"by": "MONTH", "from": "2026-10", "until": "2026-12",
        "periods": ["2026-10", "2026-11"], "visits": [0, 1], "minutes": [0, 45],
        "roamingVisits": [0, 1], "roamingMinutes": [0, 45]});
    assert_eq!(answer["data"]["_entities"], json!([{"metrics": by_day}, {"metrics": by_month}]), "{answer}");

    let answer = ask(&app, &app.member(network.id), &query).await;
    assert_eq!(answer["data"]["_entities"], json!([{"metrics": null}, {"metrics": null}]));
    let codes: Vec<_> = (0..2).map(|at| answer["errors"][at]["extensions"]["code"].clone()).collect();
    assert!(codes.contains(&json!("NOT_FOUND")) && codes.contains(&json!("FORBIDDEN")), "{answer}");
}

#[tokio::test]
async fn periods_that_are_none_or_too_many_are_refused_by_name() {
    let app = TestApp::build().await;
    let network = app.network().await;
    let refusal = async |from: &str, until: &str| {
        let query = format!(
            r#"{{ _entities(representations: [{{__typename: "Network", id: "{}"}}]) {{
                ... on Network {{ metrics(from: "{from}", until: "{until}", by: DAY) {{ visits }} }} }} }}"#,
            network.id
        );
        let answer = ask(&app, &app.coordinator(network.id), &query).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "INVALID_INPUT", "{answer}");
        answer["errors"][0]["message"].as_str().map(str::to_owned)
    };
    assert_eq!(
        refusal("2026-11", "2026-12-01").await.as_deref(),
        Some("from: must be a day, such as 2026-11-02")
    );
    let many = refusal("2020-01-01", "2026-12-01").await;
    assert_eq!(many.as_deref(), Some("until: must be at most 400 periods after from"));
}

#[tokio::test]
async fn indicator_cards_speak_the_networks_languages() {
    let app = TestApp::build().await;
    let names = async |arguments: &str| {
        let query = format!("{{ indicatorCards{arguments} {{ code name unit definition }} }}");
        ask(&app, &app.anonymous(), &query).await
    };
    let english = names("").await;
    let codes: Vec<_> = (0..4).map(|at| english["data"]["indicatorCards"][at]["code"].clone()).collect();
    assert_eq!(codes, ["VISITS_MONTH", "VISIT_MINUTES", "ROAMING_VISITS", "ROAMING_MINUTES"]);
    let first = [
        ("", "Visits a month"),
        ("cs", "Návštěvy za měsíc"),
        ("pl", "Wizyty w miesiącu"),
        ("uk", "Відвідування за місяць"),
    ];
    for (language, name) in first {
        let arguments =
            if language.is_empty() { String::new() } else { format!("(language: \"{language}\")") };
        assert_eq!(names(&arguments).await["data"]["indicatorCards"][0]["name"], name);
    }
    assert_eq!(names("(language: \"de\")").await["errors"][0]["extensions"]["code"], "INVALID_INPUT");
}

#[tokio::test]
async fn the_metrics_of_twenty_hubs_cost_no_more_statements_than_those_of_one() {
    let app = TestApp::build().await;
    let network = app.network().await;
    let coordinator = app.coordinator(network.id);
    let mut costs = Vec::new();
    for count in [1, 20] {
        let mut hubs = Vec::new();
        for _ in 0..count {
            let hub: HubId = app.id();
            app.receive(&[app.hub_onboarded(network.id, hub, "Europe/Prague")]).await.expect("taken in");
            app.receive_visits(network.id, &[app.stay(hub, hub, "2026-11-03", 45)]).await;
            hubs.push(format!(r#"{{__typename: "Hub", id: "{hub}"}}"#));
        }
        let metrics = r#"metrics(from: "2026-11", until: "2026-12", by: MONTH) { minutes }"#;
        let hubs = hubs.join(", ");
        let query = format!("{{ _entities(representations: [{hubs}]) {{ ... on Hub {{ {metrics} }} }} }}");
        let (answer, statements) = statements_of(ask(&app, &coordinator, &query)).await;
        assert_eq!(answer["data"]["_entities"][count - 1], json!({"metrics": {"minutes": [45]}}), "{answer}");
        costs.push(statements);
    }
    assert!(costs[0] > 0 && costs[0] == costs[1], "{costs:?}");
}

#[test]
fn the_subgraph_declares_its_part_of_the_entities() {
    let sdl = split::schema().sdl_with_options(async_graphql::SDLExportOptions::new().federation());
    for part in
        ["type Hub @key(fields: \"id\")", "type Network @key(fields: \"id\")", "roamingMinutes: [SafeInt!]!"]
    {
        assert!(sdl.contains(part), "{part} is missing in\n{sdl}");
    }
}
