//! Starting the server, and every way in which it reports that it cannot start.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use platform_db::{Db, DbConfig};
use private_servers::{free_port, http_status};
use sea_orm::ConnectionTrait;

use crate::support::installation::{Ended, Installation, ended};

const PATIENCE: Duration = Duration::from_secs(30);
const MALFORMED: usize = 500;

/// Asserts that a refusal is a sentence and an exit code, never a panic.
pub(super) fn assert_refused(ended: &Ended, code: i32, words: &[&str]) {
    assert_eq!(ended.code, Some(code), "{ended:?}");
    for word in words {
        assert!(ended.complained.contains(word), "{word:?} is missing: {ended:?}");
    }
    assert!(!ended.complained.contains("panicked"), "{ended:?}");
}

#[test]
fn a_taken_port_is_reported_with_the_remedy() {
    let installation = Installation::embedded();
    let other = TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = other.local_addr().expect("its address").to_string();
    let refused = ended(installation.command(&["serve"]).env("HUBNET__SERVER__BIND", &taken));
    assert_refused(&refused, 69, &[&taken, "taken", "HUBNET__SERVER__BIND"]);
    assert!(!installation.folder().join("hubnet.db").exists(), "no database is made for nothing");
}

#[test]
fn an_unwritable_folder_is_reported_with_the_remedy() {
    let installation = Installation::embedded();
    // A folder below a regular file: nobody can create it, not even root.
    let file = installation.file("regular-file", "");
    let port = free_port().expect("a port");
    let mut serve = installation.command(&["serve"]);
    serve
        .env("HUBNET__DATA_DIR", format!("{file}/var"))
        .env("HUBNET__SERVER__BIND", format!("127.0.0.1:{port}"));
    assert_refused(&ended(&mut serve), 73, &["regular-file/var", "HUBNET__DATA_DIR"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_from_a_newer_version_is_left_alone() {
    let installation = Installation::embedded();
    installation.succeed(&["migrate"]);
    let url = format!("sqlite://{}", installation.folder().join("hubnet.db").display());
    let db = Db::connect(&DbConfig { url: url.into(), schema: None, max_connections: 1 })
        .await
        .expect("the database");
    let from_the_future =
        "insert into membership_migration (name, checksum) values ('20991231235959_moon', '')";
    db.for_migration().execute_unprepared(from_the_future).await.expect("a row");

    for command in ["serve", "migrate"] {
        let port = free_port().expect("a port");
        let mut run = installation.command(&[command]);
        let refused = ended(run.env("HUBNET__SERVER__BIND", format!("127.0.0.1:{port}")));
        assert_refused(&refused, 65, &["newer version", "20991231235959_moon"]);
    }
    let seen = installation.run(&["doctor"]);
    assert_eq!(seen.code, Some(69), "{seen:?}");
    assert!(seen.printed.contains("WRONG") && seen.printed.contains("newer version"), "{seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_was_edited_after_it_was_applied_is_refused() {
    let edited = "update membership_migration set checksum = 'of another text' where name like '%_places'";
    assert_left_alone(edited, &["_places", "another text", "new migration"]).await;
}

/// Development versions recorded their migrations without checksums.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_from_before_the_first_release_is_left_alone() {
    let before = "drop table membership_migration; \
        create table membership_migration (version text primary key, applied_at bigint not null); \
        insert into membership_migration values ('membership_1_places_and_people', 0)";
    assert_left_alone(before, &["before the first release", "Nothing was changed", "empty data folder"])
        .await;
}

/// Changes the record of migrations, and asserts that commands refuse the database with these words.
async fn assert_left_alone(change: &str, words: &[&str]) {
    let installation = Installation::migrated();
    let url = format!("sqlite://{}", installation.folder().join("hubnet.db").display());
    let db = Db::connect(&DbConfig { url: url.into(), schema: None, max_connections: 1 }).await;
    db.expect("the database").for_migration().execute_unprepared(change).await.expect("changed");
    for command in ["serve", "migrate"] {
        let port = free_port().expect("a port");
        let mut run = installation.command(&[command]);
        let refused = ended(run.env("HUBNET__SERVER__BIND", format!("127.0.0.1:{port}")));
        assert_refused(&refused, 65, words);
    }
}

#[test]
fn a_misspelt_setting_is_named_before_anything_is_made() {
    let installation = Installation::embedded();
    let refused = ended(installation.command(&["serve"]).env("HUBNET__SERVER__BNID", "127.0.0.1:1"));
    assert_refused(&refused, 78, &["bnid", "bind"]);

    let file = installation.file("hubnet.toml", "[database]\nurrl = 'sqlite://x'\n");
    assert_refused(&installation.run(&["--config", &file, "serve"]), 78, &["urrl"]);
    assert_refused(&installation.run(&["--config", "missing.toml", "serve"]), 78, &["missing.toml"]);
    let unfit = ended(installation.command(&["serve"]).env("HUBNET__SERVER__BIND", "here"));
    assert_refused(&unfit, 78, &["here"]);
    let left: Vec<_> = fs::read_dir(installation.folder()).expect("the folder").flatten().collect();
    assert_eq!(left.len(), 1, "only the file of this test is there: {left:?}");
}

#[test]
fn the_server_prints_where_to_look_and_ends_cleanly_when_asked() {
    let installation = Installation::embedded();
    let port = free_port().expect("a port");
    let mut serve = installation.command(&["serve"]);
    serve
        .env("HUBNET__SERVER__BIND", format!("127.0.0.1:{port}"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let running = Running(Some(serve.spawn().expect("hubnet starts")));
    wait_until("the server is ready", || http_status(port, "/health/ready") == Some(200));
    assert_eq!(http_status(port, "/health/live"), Some(200));
    assert_eq!(http_status(port, "/metrics"), Some(200));
    assert_eq!(http_status(port, "/nowhere"), Some(404));
    let (status, page) = get(port, "/", "text/html");
    assert!(status == 200 && page.contains("<h1>hubnet</h1>") && page.contains("/graphql"), "{page}");
    assert!(!page.contains("hubnet demo"), "no demo network, no passwords of it: {page}");
    assert_eq!(get(port, "/", "application/json").0, 404, "programs find nothing there");
    let (_, guide) = get(port, "/guides/operator.md", "text/html");
    assert!(guide.starts_with("# Guide for operators"), "{guide}");
    assert_metrics(port);

    let ended = running.terminate();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    for place in ["/graphql", "/health/ready", "/metrics"] {
        assert!(ended.printed.contains(&format!("http://127.0.0.1:{port}{place}")), "{ended:?}");
    }
    assert!(!ended.complained.contains("WARN"), "nothing to worry about: {ended:?}");
}

/// Asserts that the metrics include everything docs/OPERATING.md names for an installation without a broker, except
/// counters of events that did not happen.
fn assert_metrics(port: u16) {
    let expected = [
        "hubnet_build_info{",
        "hubnet_outbox_events{",
        "hubnet_outbox_age_seconds{",
        "hubnet_postponed_events{",
        "hubnet_dead_letters{",
        "hubnet_db_connections{",
        "hubnet_mail_waiting",
        "hubnet_task_last_success_seconds{",
        "hubnet_jobs_waiting{",
        "hubnet_jobs_running{",
        "hubnet_jobs_failed{",
        "hubnet_jobs_age_seconds{",
        "hubnet_jobs_runs_total{",
    ];
    wait_until("the figures were read", || {
        let (_, text) = get(port, "/metrics", "text/plain");
        expected.iter().all(|name| text.contains(name))
    });
}

fn get(port: u16, path: &str, accept: &str) -> (u16, String) {
    let mut socket = TcpStream::connect(("127.0.0.1", port)).expect("the server");
    let head =
        format!("GET {path} HTTP/1.1\r\nhost: localhost\r\naccept: {accept}\r\nconnection: close\r\n\r\n");
    socket.write_all(head.as_bytes()).expect("asked");
    let mut answer = String::new();
    socket.read_to_string(&mut answer).expect("an answer");
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    (status, answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default())
}

#[test]
fn a_command_in_a_wrong_folder_creates_nothing_and_names_the_searched_folder() {
    let installation = Installation::embedded();
    let network = installation.file("network.toml", crate::support::installation::NETWORK);
    let commands: [&[&str]; 6] = [
        &["doctor"],
        &["token", "--as", "operator"],
        &["onboard", &network],
        &["invite", "--role", "coordinator", "--email", "nora@example.org"],
        &["dead-letters", "list"],
        &["verify"],
    ];
    for command in commands {
        let place = installation.folder().join("hubnet.db").display().to_string();
        assert_refused(&installation.run(command), 66, &[&place, "nothing was created"]);
        let left: Vec<_> = fs::read_dir(installation.folder()).expect("the folder").flatten().collect();
        assert_eq!(left.len(), 1, "only the file of this test is there: {left:?}");
    }
}

#[test]
fn the_version_names_the_program_its_version_and_its_commit() {
    let printed = Installation::embedded().succeed(&["--version"]);
    let words: Vec<&str> = printed.trim().splitn(3, ' ').collect();
    assert!(
        words[0] == "hubnet" && words[1].starts_with("0.") && words[2].starts_with("(commit "),
        "{printed}"
    );
}

#[test]
fn a_server_that_is_asked_to_end_reports_not_ready_and_answers_for_a_while() {
    let installation = Installation::embedded();
    let port = free_port().expect("a port");
    let mut serve = installation.command(&["serve"]);
    serve
        .env("HUBNET__SERVER__BIND", format!("127.0.0.1:{port}"))
        .env("HUBNET__SERVER__SHUTDOWN_GRACE_SECONDS", "3")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let running = Running(Some(serve.spawn().expect("hubnet starts")));
    wait_until("the server is ready", || http_status(port, "/health/ready") == Some(200));
    running.signal("-TERM");
    wait_until("readiness fails", || http_status(port, "/health/ready") == Some(503));
    assert_eq!(http_status(port, "/health/live"), Some(200), "requests are answered as before");
    assert_eq!(http_status(port, "/nowhere"), Some(404));

    let asked_again = Instant::now();
    let ended = running.terminate();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(asked_again.elapsed() < Duration::from_secs(2), "a second signal does not wait");
}

#[test]
fn a_request_that_is_not_http_is_counted_and_does_not_fill_the_log() {
    let installation = Installation::embedded();
    let port = free_port().expect("a port");
    let mut serve = installation.command(&["serve"]);
    serve
        .env("HUBNET__SERVER__BIND", format!("127.0.0.1:{port}"))
        .env("HUBNET__TELEMETRY__LOG", "info")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let running = Running(Some(serve.spawn().expect("hubnet starts")));
    wait_until("the server is ready", || http_status(port, "/health/ready") == Some(200));
    for _time in 0..MALFORMED {
        let mut stranger = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
        stranger.write_all(b"\0\0 nothing like HTTP \0\r\n\r\n").expect("sent");
        // The server answers 400 or just closes; either ends this.
        drop(stranger.read_to_end(&mut Vec::new()));
    }
    let (_, figures) = get(port, "/metrics", "text/plain");
    let counted = figures.lines().find_map(|line| line.strip_prefix("http_malformed_total "));
    assert_eq!(counted, Some(MALFORMED.to_string().as_str()), "{figures}");

    let ended = running.terminate();
    assert!(!ended.complained.contains("ERROR"), "{ended:?}");
    assert!(ended.complained.contains("requests that are no HTTP"), "their number is logged: {ended:?}");
    assert!(ended.complained.lines().count() < 50, "{ended:?}");
}

#[test]
fn a_log_that_goes_to_a_file_holds_no_colours() {
    let installation = Installation::embedded();
    let logged = ended(installation.command(&["migrate"]).env("HUBNET__TELEMETRY__LOG", "sqlx=debug"));
    assert!(logged.complained.contains("DEBUG"), "something is logged: {logged:?}");
    assert!(!logged.complained.contains('\u{1b}'), "{logged:?}");
}

/// A process that ends with its test.
pub(super) struct Running(Option<Child>);

impl Running {
    pub(super) fn start(command: &mut Command) -> Self {
        Self(Some(command.spawn().expect("hubnet starts")))
    }

    /// Sends a signal, such as `-TERM`.
    fn signal(&self, name: &str) {
        let id = self.0.as_ref().expect("it runs").id().to_string();
        let sent = Command::new("kill").args([name, &id]).status();
        assert!(sent.is_ok_and(|status| status.success()), "the signal is sent");
    }

    /// Stops the process, as `systemctl stop` does, and waits.
    pub(super) fn terminate(mut self) -> Ended {
        self.signal("-TERM");
        let mut child = self.0.take().expect("it runs");
        wait_until("the server has ended", || child.try_wait().expect("its state").is_some());
        let output = child.wait_with_output().expect("its output");
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Ended { code: output.status.code(), printed: text(output.stdout), complained: text(output.stderr) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(mut child) = self.0.take() {
            child.kill().and_then(|()| child.wait()).expect("it is killed");
        }
    }
}

pub(super) fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "not within {PATIENCE:?}: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
