//! A production does not start with publicly known secrets, and no secret is ever printed.

use std::{
    fs,
    net::TcpListener,
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use private_servers::free_port;
use testkit::Shape;

use super::starting::{Running, assert_refused, wait_until};
use crate::support::installation::{Installation, ended};

const PRODUCTION: (&str, &str) = ("HUBNET__ENVIRONMENT", "production");

/// Returns an onboarded installation of the shape of this run.
fn installation(name: &str) -> Installation {
    let installation = match Shape::of_run() {
        Shape::Embedded => Installation::embedded(),
        Shape::Distributed => {
            Installation::on(testkit::servers(), &format!("production_{name}_{}", std::process::id()))
        }
    };
    installation.onboard();
    installation
}

#[test]
fn production_does_not_start_with_the_demo_networks_mark_in_the_database() {
    let installation = Installation::embedded();
    installation.succeed(&["migrate"]);
    mark_as_demonstration(&installation);
    for command in ["serve", "doctor"] {
        let port = free_port().expect("a port");
        let keys = installation.folder().join("production-keys").display().to_string();
        let mut run = installation.command(&[command]);
        run.envs([PRODUCTION, ("HUBNET__SERVER__BIND", &format!("127.0.0.1:{port}"))]);
        let refused = ended(run.env("HUBNET__IDENTITY__KEY_FOLDER", keys));
        if command == "serve" {
            assert_refused(
                &refused,
                78,
                &["production", "demo network", "data_dir", "HUBNET__ENVIRONMENT=demonstration"],
            );
            assert!(TcpListener::bind(format!("127.0.0.1:{port}")).is_ok(), "nobody listens");
        } else {
            assert_eq!(refused.code, Some(69), "{refused:?}");
            assert!(
                refused.printed.contains("WRONG  production: the database holds the demo network"),
                "{refused:?}"
            );
        }
    }
}

#[test]
fn production_does_not_start_with_keys_made_for_a_demonstration() {
    let installation = Installation::migrated();
    installation.succeed(&["keys", "list"]);
    let database = installation.folder().join("hubnet.db");
    fs::remove_file(&database).expect("the database");
    let port = free_port().expect("a port");
    let mut serve = installation.command(&["serve"]);
    serve.envs([PRODUCTION, ("HUBNET__SERVER__BIND", &format!("127.0.0.1:{port}"))]);
    assert_refused(&ended(&mut serve), 78, &["signing keys", "demonstration", "identity.key_folder"]);
    assert!(!database.exists(), "nothing is made");
    installation.succeed(&["migrate"]);
    let seen = ended(installation.command(&["doctor"]).envs([PRODUCTION]));
    assert!(seen.printed.contains("WRONG  production: the signing keys"), "{seen:?}");
}

#[test]
fn production_does_not_start_with_a_password_everybody_knows_or_a_demo_to_load() {
    let installation = Installation::embedded();
    let url = "postgres://hubnet_{service}:secret@127.0.0.1:1/hubnet";
    // PostgreSQL alone makes it a production.
    let mut by_itself = installation.command(&["serve"]);
    by_itself.env("HUBNET__DATABASE__URL", url).env("HUBNET__SERVER__DEMO", "true");
    let refused = ended(&mut by_itself);
    assert_refused(
        &refused,
        78,
        &["password of database.url", "server.demo", "HUBNET__ENVIRONMENT=demonstration"],
    );
    assert!(!refused.complained.contains("secret"), "{refused:?}");
    let mut to_others = installation.command(&["demo"]);
    let refused = ended(to_others.env("HUBNET__SERVER__BIND", "0.0.0.0:8080"));
    assert_refused(&refused, 78, &["demo network", "production"]);
    let left: Vec<_> = fs::read_dir(installation.folder()).expect("the folder").flatten().collect();
    assert!(left.is_empty(), "nothing is made: {left:?}");
}

#[test]
fn a_freshly_onboarded_installation_starts_in_production() {
    let installation = installation("starts");
    let keys = installation.folder().join("production-keys").display().to_string();
    let port = free_port().expect("a port");
    let mut serve = installation.command(&["serve"]);
    serve.envs([PRODUCTION, ("HUBNET__SERVER__BIND", &format!("127.0.0.1:{port}"))]);
    serve.env("HUBNET__IDENTITY__KEY_FOLDER", &keys).stdout(Stdio::piped()).stderr(Stdio::piped());
    if Shape::of_run() == Shape::Distributed {
        // The broker of the tests has only its guest account: the error names that, and nothing else.
        let refused = ended(&mut serve);
        assert_refused(&refused, 78, &["password of bus.url"]);
        assert!(!refused.complained.contains("database.url"), "{refused:?}");
        return;
    }
    let running = Running::start(&mut serve);
    wait_until("the server is ready", || private_servers::http_status(port, "/health/ready") == Some(200));
    let printed = running.terminate().printed;
    assert!(!printed.contains("signIn"), "no demo account is announced: {printed}");
    let seen = ended(
        installation.command(&["doctor"]).envs([PRODUCTION]).env("HUBNET__IDENTITY__KEY_FOLDER", &keys),
    );
    assert!(seen.printed.contains("ok     environment: production"), "{seen:?}");
}

#[test]
fn production_lists_every_unfit_setting_at_once() {
    let installation = Installation::migrated();
    installation.succeed(&["keys", "list"]);
    let mut serve = installation.command(&["serve"]);
    serve.envs([
        PRODUCTION,
        ("HUBNET__SERVER__DEMO", "true"),
        ("HUBNET__MAIL__URL", "smtp://post:password@mail"),
    ]);
    assert_refused(&ended(&mut serve), 78, &["server.demo", "signing keys", "password of mail.url"]);
}

/// Configures every secret, each a unique word, with the most verbose log. No secret is printed, neither in a healthy
/// installation, nor when every server is unreachable, nor when a key is misspelt.
#[test]
fn no_secret_of_the_configuration_is_ever_printed() {
    const CANARIES: [(&str, &str, &str); 6] = [
        ("HUBNET__DATABASE__URL", "postgres://hubnet_{service}:CANARY@127.0.0.1:1/hubnet", "4wzdatabase"),
        ("HUBNET__DATABASE__OWNER_URL", "postgres://owner:CANARY@127.0.0.1:1/hubnet", "4wzowner"),
        ("HUBNET__DATABASE__SERVICE_PASSWORD", "CANARY", "4wzservice"),
        ("HUBNET__BUS__URL", "amqp://hubnet:CANARY@127.0.0.1:1/%2f", "4wzbroker"),
        ("HUBNET__LIVE__URL", "redis://:CANARY@127.0.0.1:1", "4wzredis"),
        ("HUBNET__MAIL__URL", "smtp://post:CANARY@127.0.0.1:1?tls=required", "4wzmail"),
    ];
    let installation = Installation::embedded();
    let is_secret_free = |what: &str, printed: &str| {
        for (key, _, canary) in CANARIES {
            assert!(!printed.contains(canary), "{what} prints {key}: {printed}");
        }
        assert!(!printed.contains("PRIVATE KEY"), "{what} prints a signing key: {printed}");
    };
    let with_all = |arguments: &[&str]| {
        let mut command = installation.command(arguments);
        command.envs(CANARIES.map(|(key, value, canary)| (key, value.replace("CANARY", canary))));
        command.env("HUBNET__TELEMETRY__LOG", "trace");
        command
    };
    for arguments in
        [&["serve"][..], &["serve", "--service", "identity"], &["migrate"], &["doctor"], &["keys", "list"]]
    {
        let port = free_port().expect("a port");
        let mut command = with_all(arguments);
        let ended = ended(command.env("HUBNET__SERVER__BIND", format!("127.0.0.1:{port}")));
        is_secret_free(&arguments.join(" "), &format!("{}{}", ended.printed, ended.complained));
    }
    // A misspelt key and an invalid URL.
    for (key, value) in [
        ("HUBNET__DATABASE__PASSWORD", "4wzdatabase"),
        ("HUBNET__DATABASE__URL", "postgres://hubnet:4wzdatabase@127.0.0.1:port/hubnet"),
        ("HUBNET__BUS__URL", "amqp://hubnet:4wzbroker@127.0.0.1:port"),
        ("HUBNET__LIVE__URL", "redis://:4wzredis@127.0.0.1:port"),
        ("HUBNET__MAIL__URL", "snail://post:4wzmail@127.0.0.1"),
    ] {
        let ended = ended(with_all(&["serve"]).env(key, value));
        assert_ne!(ended.code, Some(0), "{ended:?}");
        is_secret_free(key, &format!("{}{}", ended.printed, ended.complained));
    }
    assert_a_running_server_prints_no_secret(&installation, &is_secret_free);
}

/// Asserts that a running server, which tries to send mail, prints no secret in its log and metrics.
fn assert_a_running_server_prints_no_secret(
    installation: &Installation,
    is_secret_free: &dyn Fn(&str, &str),
) {
    installation.onboard();
    let port = free_port().expect("a port");
    let mail = "smtp://post:4wzmail@127.0.0.1:1?tls=required";
    let invite = ["invite", "--role", "operator", "--hub", "humpolec", "--email", "olga@example.org"];
    let invited = ended(installation.command(&invite).env("HUBNET__MAIL__URL", mail));
    assert_eq!(invited.code, Some(0), "{invited:?}");
    let mut serve = installation.command(&["serve"]);
    serve
        .env("HUBNET__SERVER__BIND", format!("127.0.0.1:{port}"))
        .env("HUBNET__MAIL__URL", mail)
        .env("HUBNET__TELEMETRY__LOG", "trace")
        .stdout(Stdio::piped())
        .stderr(fs::File::create(installation.folder().join("log")).expect("a log"));
    let running = Running::start(&mut serve);
    wait_until("the server is ready", || private_servers::http_status(port, "/health/ready") == Some(200));
    let log = || fs::read_to_string(installation.folder().join("log")).expect("the log");
    let deadline = Instant::now() + Duration::from_secs(30);
    while !log().contains("mail") && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(100));
    }
    let metrics = metrics(port);
    assert!(metrics.contains("# TYPE"), "{metrics}");
    is_secret_free("/metrics", &metrics);
    let printed = running.terminate().printed;
    is_secret_free("a running server", &format!("{printed}{}", log()));
    let keys = fs::read_dir(installation.folder().join("keys")).expect("keys").flatten();
    for key in keys.filter(|it| it.path().extension().is_some_and(|ending| ending == "key")) {
        let bytes = fs::read(key.path()).expect("a key");
        let seed = &bytes[bytes.len().saturating_sub(32)..];
        let hex = seed.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
        let log = fs::read(installation.folder().join("log")).expect("the log");
        let is_there = log.windows(bytes.len()).any(|window| window == bytes);
        assert!(!is_there && !String::from_utf8_lossy(&log).contains(&hex), "the log holds a signing key");
    }
}

fn metrics(port: u16) -> String {
    use std::io::{Read, Write};
    let mut socket = std::net::TcpStream::connect(("127.0.0.1", port)).expect("the server");
    write!(socket, "GET /metrics HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").expect("asked");
    let mut answer = String::new();
    socket.read_to_string(&mut answer).expect("an answer");
    answer
}

/// Marks the database as `hubnet demo` does, without the half year of visits.
fn mark_as_demonstration(installation: &Installation) {
    let database = installation.folder().join("hubnet.db");
    assert!(Path::new(&database).is_file(), "it is migrated");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        use sea_orm::ConnectionTrait;
        let url = format!("sqlite://{}", database.display());
        let config = platform_db::DbConfig { url: url.into(), schema: None, max_connections: 1 };
        let db = platform_db::Db::connect(&config).await.expect("the database");
        let sql = "insert into identity_network (network_id, demonstration) values (x'0192f0c100007000800000000000000a', true)";
        db.for_migration().execute_unprepared(sql).await.expect("a row");
    });
}
