//! Pages of other sites.

use reqwest::Method;
use serde_json::json;

use crate::toy::{Answer, Toy};

const LISTED: &str = "https://app.example";

async fn toy() -> Toy {
    Toy::start_with(|edge| edge.allowed_origins = vec![LISTED.to_owned()]).await
}

async fn preflight(toy: &Toy, origin: &str) -> Answer {
    let asked = toy.client.request(Method::OPTIONS, toy.url("/graphql"));
    let asked = asked.header("origin", origin).header("access-control-request-method", "POST");
    Answer::of(asked.header("access-control-request-headers", "authorization,content-type")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_a_listed_site_may_ask() {
    let toy = toy().await;
    let permitted = preflight(&toy, LISTED).await;
    assert_eq!((permitted.status, permitted.header("access-control-allow-origin")), (204, LISTED));
    assert!(permitted.header("access-control-allow-headers").contains("authorization"));
    assert_eq!(permitted.header("access-control-allow-credentials"), "", "no cookies");

    for query in ["{ me }", "{ nonsense"] {
        let answer = Answer::of(toy.post(&json!({"query": query})).header("origin", LISTED)).await;
        assert_eq!(answer.header("access-control-allow-origin"), LISTED, "{query}");
        assert_eq!(answer.header("vary"), "origin");
        assert!(answer.header("access-control-expose-headers").contains("retry-after"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_other_sites_may_not() {
    let toy = toy().await;
    for origin in ["https://evil.example", "https://app.example.evil.example", "null", "http://app.example"] {
        let refused = preflight(&toy, origin).await;
        assert_eq!((refused.status, &refused.body["code"]), (403, &json!("ORIGIN_FORBIDDEN")), "{origin}");
        assert_eq!(refused.header("access-control-allow-origin"), "", "{origin}");
        let answer = Answer::of(toy.post(&json!({"query": "{ me }"})).header("origin", origin)).await;
        assert_eq!(answer.header("access-control-allow-origin"), "", "{origin}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hsts_is_sent_only_behind_tls() {
    const HEADER: &str = "strict-transport-security";
    let behind = Toy::start_with(|edge| edge.behind_tls = true).await;
    assert!(behind.ask("{ me }").await.header(HEADER).starts_with("max-age="));
    assert_eq!(toy().await.ask("{ me }").await.header(HEADER), "");
}
