//! The routes in another application.

use std::sync::Arc;

use actix_web::{App, test};
use platform_http::{configure, secure_headers};
use serde_json::{Value, json};

use crate::toy::{Readiness, SlowMutation, edge};

#[actix_web::test]
async fn an_edge_can_be_part_of_another_application() {
    let edge = edge(&Arc::new(SlowMutation::default()), &Arc::new(Readiness::default()));
    let app = test::init_service(App::new().wrap(secure_headers()).configure(configure(edge))).await;

    let asked = test::TestRequest::post().uri("/graphql").set_json(json!({"query": "{ me }"}));
    let answer: Value = test::call_and_read_body_json(&app, asked.to_request()).await;
    assert_eq!(answer, json!({"data": {"me": "stranger"}}));

    let live = test::call_service(&app, test::TestRequest::get().uri("/health/live").to_request()).await;
    assert_eq!(live.status().as_u16(), 200);
    assert!(live.headers().contains_key("x-frame-options"));
}
