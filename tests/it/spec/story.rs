//! The main story of the application: a traveller touches a chip in a hub that is not home, is admitted, leaves and
//! pays for the minutes; the two hubs settle; the coordinator sees it.

use testkit::{TestApp, json};

const SETTLE: &str = "mutation($input: CloseSettlementInput!) { closeSettlement(input: $input) { settlement { \
    month networkCommission { minor currency } \
    positions { hub { slug } earned { minor currency } owed { minor } commission { minor } net { minor currency } } } } }";

#[tokio::test(flavor = "multi_thread")]
async fn a_traveller_is_admitted_pays_for_the_minutes_and_the_hubs_settle() {
    let app = TestApp::new().await;
    let network = app.network("central").await;
    let humpolec = app.hub(&network, "humpolec").await;
    let piaseczno = app
        .hub_with(
            &network,
            "piaseczno",
            json!({ "currency": "PLN", "timeZone": "Europe/Warsaw", "language": "pl" }),
        )
        .await;
    app.tariff(&piaseczno, "12.00").await;
    let alena = app.roaming_member(&humpolec, "Alena").await;

    let checked_in = app.check_in(&piaseczno, &alena).await;
    assert_eq!(checked_in["__typename"], "CheckedIn");
    app.pass_minutes(95);
    let checked_out = app.check_out(&piaseczno, &alena).await;
    assert_eq!(checked_out["visit"]["minutes"], 95);
    assert_eq!(checked_out["visit"]["endedBy"], "CHECK_OUT");
    app.drain().await;

    // 95 minutes are seven begun quarters: 1.75 hours at 12 zł.
    let asked = "{ me { member { charges(first: 5) { edges { node { minutes amount { minor currency } hub { slug } } } } } } }";
    let mine = app.as_member(&alena).ask(asked, json!({})).await;
    let charges = mine["me"]["member"]["charges"]["edges"].as_array().expect("charges");
    assert_eq!(charges.len(), 1);
    assert_eq!(charges[0]["node"]["amount"], json!({ "minor": 2100, "currency": "PLN" }));

    app.set_clock("2026-12-01T08:00:00Z");
    let input = json!({ "input": { "networkId": network.id, "month": "2026-11" } });
    let coordinator = app.coordinator(&network);
    let settled = coordinator.ask(SETTLE, input.clone()).await["closeSettlement"]["settlement"].clone();
    let position = |slug: &str| {
        let positions = settled["positions"].as_array().expect("positions");
        positions.iter().find(|it| it["hub"]["slug"] == slug).expect("a position").clone()
    };
    // Piaseczno earned 21.00 zł, less 5 % for the home hub and 2 % for the network.
    assert_eq!(position("piaseczno")["earned"]["minor"], 2100);
    assert_eq!(position("piaseczno")["net"], json!({ "minor": 2100 - 105 - 42, "currency": "PLN" }));
    assert_eq!(position("humpolec")["net"]["currency"], "CZK");
    assert!(position("humpolec")["net"]["minor"].as_i64().expect("a number") < 0);
    app.drain().await;

    let again = coordinator.ask(SETTLE, input).await["closeSettlement"]["settlement"].clone();
    assert_eq!(again, settled, "settling twice changes nothing");

    let asked = "{ network { metrics(from: \"2026-11\", until: \"2026-12\", by: MONTH) { visits roamingVisits minutes } } }";
    let seen = coordinator.ask(asked, json!({})).await;
    assert_eq!(seen["network"]["metrics"], json!({ "visits": [1], "roamingVisits": [1], "minutes": [95] }));
}
