//! The HTTP route of the export, used like any client does.

use testkit::{Json, Shape, json};

use super::Export;
use crate::{support::front_desk::FrontDesk, support::installation::Installation, support::remote::Remote};

#[tokio::test(flavor = "multi_thread")]
async fn a_member_downloads_their_export_and_a_stranger_must_sign_in() {
    let installation = match Shape::of_run() {
        Shape::Embedded => Installation::embedded(),
        Shape::Distributed => Installation::on(testkit::servers(), &format!("export_{}", std::process::id())),
    };
    installation.onboard();
    let server = installation.launch().start().expect("hubnet serves");
    let front_desk = FrontDesk::open(&installation, &server.url()).await;
    let alena = front_desk.enrol("humpolec", "Alena", "04A1B2C3").await;
    let anonymous = Remote::anonymous(&server.url());
    let token = installation.token(&["member", "--hub", "humpolec", "--name", &alena.email]);
    let (status, headers, bytes) = anonymous.with_token(&token).export(&server.url()).await;
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&bytes));
    assert_eq!(headers["content-type"], "application/zip");
    assert_eq!(headers["cache-control"], "no-store");
    let name = headers["content-disposition"].to_str().expect("text");
    assert!(name.starts_with("attachment; filename=\"hubnet-export-2") && name.ends_with(".zip\""), "{name}");
    let export = Export::unzip(bytes);
    assert_eq!(export.json("membership.json")["person"][0]["email"], json!(alena.email));
    assert_eq!(export.names().last(), Some(&"manifest.json"));

    let (status, headers, bytes) = anonymous.export(&server.url()).await;
    assert_eq!(status, 401);
    assert_eq!(headers["content-type"], "application/problem+json");
    assert_eq!(headers["www-authenticate"], "Bearer");
    let problem: Json = serde_json::from_slice(&bytes).expect("JSON");
    assert_eq!(problem["code"], "UNAUTHENTICATED");
    let device = installation.token(&["device", "--hub", "humpolec"]);
    assert_eq!(anonymous.with_token(&device).export(&server.url()).await.0, 403);
    // A token from the command line, without a known person.
    let operator = installation.token(&["operator", "--hub", "humpolec"]);
    assert_eq!(anonymous.with_token(&operator).export(&server.url()).await.0, 404);
    let another =
        reqwest::get(format!("{}/members/{}/export", server.url(), alena.id)).await.expect("an answer");
    assert_eq!(another.status().as_u16(), 404, "nobody else can be named");
}
