//! Strangers: anonymous requests cost others nothing, whatever they contain and however often they come.

use testkit::{TestApp, json, statements_of};

use crate::support::alone::is_alone;

#[tokio::test(flavor = "multi_thread")]
async fn the_public_hub_list_is_cached_and_includes_a_new_hub_at_once() {
    if !is_alone("spec::strangers::the_public_hub_list_is_cached_and_includes_a_new_hub_at_once") {
        return;
    }
    let app = TestApp::new().await;
    let network = app.network("n").await;
    app.hub(&network, "first").await;
    app.drain().await;
    let stranger = app.anonymous();
    let aliases: Vec<String> =
        (0..16).map(|place| format!("h{place}: hubs(first: 10) {{ nodes {{ slug name }} }}")).collect();
    let document = format!("{{ {} }}", aliases.join(" "));
    let first = statements_of(stranger.ask(&document, json!({}))).await;
    assert!(!first.is_empty(), "somebody has to read it");
    let again = statements_of(stranger.ask(&document, json!({}))).await;
    assert_eq!(again, Vec::<String>::new(), "nothing is asked of the database");

    app.hub(&network, "second").await;
    let seen = stranger.ask("{ hubs { nodes { slug } } }", json!({})).await;
    assert_eq!(seen["hubs"]["nodes"], json!([{ "slug": "first" }, { "slug": "second" }]));
    app.drain().await;
}
