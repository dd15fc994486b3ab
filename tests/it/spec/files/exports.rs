//! Exports that are made in the background and downloaded by a link.

use std::io::Cursor;

use reqwest::{Client, Response, StatusCode, header};
use testkit::Json;
use zip::ZipArchive;

use super::over_http::{Stage, token};

const EXPORT: &str = "export_archive";

impl Stage {
    async fn begin_export(&self, token: Option<&str>) -> Response {
        let mut request = Client::new().post(format!("{}/me/exports", self.url));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        request.send().await.expect("an answer")
    }

    async fn look_at(&self, path: &str, token: &str) -> Response {
        Client::new().get(format!("{}{path}", self.url)).bearer_auth(token).send().await.expect("an answer")
    }
}

async fn json(answer: Response) -> Json {
    answer.json().await.expect("JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_asks_for_an_export_and_downloads_it_within_a_day() {
    let stage = Stage::set().await;
    let jana = stage.app.member(&stage.hub, "Jana").await;
    let token = token(&stage.app, &stage.hub, Some(&jana));
    let begun = stage.begin_export(Some(&token)).await;
    assert_eq!(begun.status(), StatusCode::ACCEPTED);
    let path = begun.headers()[header::LOCATION].to_str().expect("a path").to_owned();
    assert_eq!(json(begun).await["file"], Json::Null);
    let waiting = json(stage.look_at(&path, &token).await).await;
    assert_eq!((&waiting["state"], &waiting["file"]), (&"waiting".into(), &Json::Null));

    stage.app.run_jobs_of(EXPORT).await;
    let done = json(stage.look_at(&path, &token).await).await;
    assert_eq!(done["state"], "done", "{done}");
    let link = done["file"]["path"].as_str().expect("a link").to_owned();
    let archive = stage.get(&link).await;
    assert_eq!(archive.status(), StatusCode::OK);
    assert_eq!(archive.headers()[header::CONTENT_TYPE], "application/zip");
    let bytes = archive.bytes().await.expect("a file").to_vec();
    assert_eq!(done["file"]["sizeBytes"], bytes.len());
    let mut zip = ZipArchive::new(Cursor::new(bytes)).expect("a ZIP");
    let names: Vec<String> = (0..zip.len())
        .map(|at| zip.by_index(at).expect("a file").name().expect("a name").into_owned())
        .collect();
    assert_eq!(names.last().map(String::as_str), Some("manifest.json"), "{names:?}");

    stage.app.pass_minutes(11);
    assert_eq!(stage.get(&link).await.status(), StatusCode::NOT_FOUND, "the link is for some minutes");
    let again = json(stage.look_at(&path, &token).await).await;
    let again = again["file"]["path"].as_str().expect("a new link").to_owned();
    assert_eq!(stage.get(&again).await.status(), StatusCode::OK);
    stage.app.drain().await;
}

/// The archive holds everything about a person; nobody else learns that it exists.
#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_found_by_whoever_asked_for_it_and_by_nobody_else() {
    let stage = Stage::set().await;
    let jana = stage.app.member(&stage.hub, "Jana").await;
    let eva = stage.app.member(&stage.hub, "Eva").await;
    let (jana, eva) = (token(&stage.app, &stage.hub, Some(&jana)), token(&stage.app, &stage.hub, Some(&eva)));
    let begun = stage.begin_export(Some(&jana)).await;
    let path = begun.headers()[header::LOCATION].to_str().expect("a path").to_owned();
    stage.app.run_jobs_of(EXPORT).await;
    assert_eq!(stage.look_at(&path, &eva).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(stage.look_at("/me/exports/x", &jana).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(stage.get(&path).await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(stage.begin_export(None).await.status(), StatusCode::UNAUTHORIZED);
    stage.app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_expires_after_a_day_and_is_deleted() {
    let stage = Stage::set().await;
    let jana = stage.app.member(&stage.hub, "Jana").await;
    let jana = token(&stage.app, &stage.hub, Some(&jana));
    let begun = stage.begin_export(Some(&jana)).await;
    assert_eq!(begun.status(), StatusCode::ACCEPTED);
    stage.app.run_jobs_of(EXPORT).await;
    stage.app.pass_minutes(24 * 60);
    stage.app.run_jobs_of("sweep_files").await;
    for db in stage.app.services().databases() {
        let tx = db.read(platform_db::Reach::Network(stage.hub.network.parse().expect("an id"))).await;
        let rows = tx.expect("a transaction").rows("select file_id from file", []).await.expect("rows");
        assert!(rows.is_empty(), "nothing of it is left");
    }
    stage.app.drain().await;
}
