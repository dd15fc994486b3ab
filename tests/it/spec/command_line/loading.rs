//! The first start of an installation with the demo network: the server answers while it loads, and after a kill in
//! the middle the next start completes the demo network.

use std::{
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use platform_db::{Db, DbConfig, Reach};
use private_servers::{free_port, http_status};
use testkit::{Shape, json};

use super::starting::Running;
use crate::{support::installation::Installation, support::remote::Remote};

/// A debug build on a busy machine loads for minutes.
const LOADS_WITHIN: Duration = Duration::from_mins(15);
/// The figures of the demo network, with or without a kill in between.
const FIGURES: [(&str, &str); 11] = [
    ("hubs", "select count(*) as many from hub"),
    ("members", "select count(*) as many from member"),
    ("chips", "select count(*) as many from credential"),
    ("touches", "select count(*) as many from touch"),
    ("visits", "select count(*) as many from visit"),
    ("minutes", "select coalesce(sum(minutes), 0) as many from hub_month"),
    ("passes", "select count(*) as many from roaming_pass"),
    ("charges", "select count(*) as many from charge"),
    ("settled", "select coalesce(sum(abs(net_minor)), 0) as many from settlement_position"),
    ("events", "select count(*) as many from event"),
    ("accounts", "select count(*) as many from sign_in_account"),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_first_start_that_is_killed_goes_on_with_the_demo_network_and_ends_with_the_same() {
    if Shape::of_run() != Shape::Embedded {
        return;
    }
    let undisturbed = Installation::embedded();
    let (running, port) = start(&undisturbed).await;
    let ended = loaded_then_ended(running, port).await;
    assert!(ended.contains("operator@hubnet.example"), "accounts are shown when they exist: {ended}");
    let expected = figures(undisturbed.folder()).await;

    let killed = Installation::embedded();
    let mut last = 0;
    for touches in [0, 200, 3_000] {
        let (running, port) = start(&killed).await;
        answers_while_it_loads(port).await;
        let deadline = Instant::now() + LOADS_WITHIN;
        while last <= touches {
            assert!(Instant::now() < deadline, "{last} touches");
            tokio::time::sleep(Duration::from_millis(10)).await;
            last = touches_in(killed.folder()).await;
        }
        // The drop sends SIGKILL in the middle of the loading.
        drop(running);
    }
    let (running, port) = start(&killed).await;
    let printed = loaded_then_ended(running, port).await;
    assert!(printed.contains("interrupted"), "the output names it: {printed}");
    assert_eq!(figures(killed.folder()).await, expected);
}

async fn start(installation: &Installation) -> (Running, u16) {
    let port = free_port().expect("a port");
    let mut serve = installation.command(&["serve"]);
    serve
        .env("HUBNET__SERVER__BIND", format!("127.0.0.1:{port}"))
        .env("HUBNET__SERVER__DEMO", "true")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    (Running::start(&mut serve), port)
}

/// Waits until it is loaded, ends it, and returns its output.
async fn loaded_then_ended(running: Running, port: u16) -> String {
    let deadline = Instant::now() + LOADS_WITHIN;
    while http_status(port, "/health/ready") != Some(200) {
        assert!(Instant::now() < deadline, "not loaded in time");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let ended = running.terminate();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    ended.printed + &ended.complained
}

/// Asserts that the server is live, not ready with a reason, and answers the graph.
async fn answers_while_it_loads(port: u16) {
    let deadline = Instant::now() + LOADS_WITHIN;
    while http_status(port, "/health/live") != Some(200) {
        assert!(Instant::now() < deadline, "it does not answer");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let url = format!("http://127.0.0.1:{port}");
    let ready = reqwest::get(format!("{url}/health/ready")).await.expect("an answer");
    assert_eq!(ready.status().as_u16(), 503);
    let problem = ready.text().await.expect("a text");
    assert!(problem.contains("loading the demo network"), "{problem}");
    Remote::anonymous(&url).ask("{ hubs { nodes { slug } } }", json!({})).await;
}

async fn touches_in(folder: &Path) -> i64 {
    number(folder, "select count(*) as many from touch").await.unwrap_or_default()
}

async fn figures(folder: &Path) -> Vec<(&'static str, i64)> {
    let mut figures = Vec::new();
    for (name, sql) in FIGURES {
        figures.push((name, number(folder, sql).await.unwrap_or_else(|| panic!("{sql}"))));
    }
    figures
}

/// Returns a number from the database, as another process reads it; `None` while there are no tables.
async fn number(folder: &Path, sql: &str) -> Option<i64> {
    let file = folder.join("hubnet.db");
    if !file.exists() {
        return None;
    }
    let url = format!("sqlite://{}", file.display());
    let db = Db::connect(&DbConfig { url: url.into(), schema: None, max_connections: 1 }).await.ok()?;
    let tx = db.read(Reach::Directory).await.ok()?;
    let row = tx.row(sql, []).await.ok()??;
    row.try_get("", "many").ok()
}
