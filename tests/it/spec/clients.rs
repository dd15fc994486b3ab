//! Third-party clients, as people install them, against a running server.
//!
//! Always true:
//! - The programs that run here are read from docs/CLIENTS.md, so a reader copies tested code. A client that cannot
//!   be installed fails its test.
//! - What a client sends and reads does not depend on the server's shape, so these tests run on the embedded shape
//!   alone.
//! - Packages are installed once per machine, into the cache; each test has a folder of its own.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::Command,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use private_servers::{Hubnet, packages};
use server::Service;
use tempfile::TempDir;
use testkit::{Json, Shape, json};

use crate::support::installation::Installation;

const PAGE: &str = include_str!("../../../docs/CLIENTS.md");
const PACKAGE: &str = include_str!("clients/package.json");
const INSPECT: &str = include_str!("clients/inspect.mjs");
const COMPOSE: &str = include_str!("clients/compose.mjs");
const GQL: &str = "gql[aiohttp,websockets]==4.4.0\n";
const ARIADNE: &str = "ariadne-codegen[subscriptions]==0.19.0\n";

#[test]
fn the_page_of_clients_shows_how_each_is_set_up() {
    let wanted = ["urql.mjs", "apollo.mjs", "sse.mjs", "ws.mjs", "gql_client.py", "ariadne_client.py"];
    let shown = snippets();
    assert!(wanted.iter().all(|name| shown.contains_key(*name)), "{:?}", shown.keys());
}

#[test]
fn urql_queries_and_subscribes() {
    assert_queried_and_subscribed(&run_node("urql.mjs"));
}

#[test]
fn graphql_ws_queries_and_subscribes() {
    assert_queried_and_subscribed(&run_node("ws.mjs"));
}

#[test]
fn graphql_sse_queries_and_subscribes() {
    assert_queried_and_subscribed(&run_node("sse.mjs"));
}

#[test]
fn apollo_client_queries_and_subscribes_and_keeps_the_fields_beside_a_refused_one() {
    let mut printed = run_node("apollo.mjs");
    if let Some(printed) = printed.as_object_mut() {
        assert_eq!(printed.remove("auditLog"), Some(Json::Null));
    }
    assert_queried_and_subscribed(&printed);
}

#[test]
fn python_gql_queries_and_subscribes() {
    if !clients_are_tested() {
        return;
    }
    let environment = packages::ensure_pip("clients-gql", GQL).expect("gql is installed");
    let folder = folder();
    let mut python = Command::new(environment.join("bin/python"));
    assert_queried_and_subscribed(&run(python.arg("gql_client.py").current_dir(folder.path())));
}

#[test]
fn ariadne_codegen_generates_a_client_that_queries_and_subscribes() {
    if !clients_are_tested() {
        return;
    }
    let environment = packages::ensure_pip("clients-ariadne", ARIADNE).expect("ariadne-codegen is installed");
    let folder = folder();
    succeed(Command::new(environment.join("bin/ariadne-codegen")).current_dir(folder.path()));
    let mut python = Command::new(environment.join("bin/python"));
    assert_queried_and_subscribed(&run(python.arg("ariadne_client.py").current_dir(folder.path())));
}

#[test]
fn graphql_codegen_generates_types_in_which_a_field_that_can_be_refused_is_nullable() {
    let Some(folder) = npm() else { return };
    let folder = folder.path();
    succeed(bin(folder, "graphql-codegen").args(["--config", "codegen.yml"]));
    let strict = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--target", "es2022"];
    succeed(bin(folder, "tsc").args(strict).arg("typed.ts"));
    let careless = snippets()["typed.ts"].replace("devices?.map", "devices.map");
    fs::write(folder.join("careless.ts"), careless).expect("written");
    let ended = bin(folder, "tsc").args(strict).arg("careless.ts").output().expect("tsc runs");
    assert!(String::from_utf8_lossy(&ended.stdout).contains("TS18047"), "{ended:?}");
}

#[test]
fn graphql_inspector_finds_no_difference_between_the_server_and_the_published_schema() {
    let Some(folder) = npm() else { return };
    fs::write(folder.path().join("inspect.mjs"), INSPECT).expect("written");
    let differences = run_against_server(Command::new("node").arg("inspect.mjs").current_dir(&folder));
    assert_eq!(differences, "", "the server describes another schema than schema.graphql");
}

#[test]
fn graphql_schema_linter_finds_nothing() {
    let Some(folder) = npm() else { return };
    let ended = bin(folder.path(), "graphql-schema-linter").arg("schema.graphql").output().expect("it runs");
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stdout));
}

#[test]
fn both_composers_compose_the_subgraphs() {
    let Some(folder) = npm() else { return };
    fs::write(folder.path().join("compose.mjs"), COMPOSE).expect("written");
    let installation = Installation::embedded();
    let services: Vec<&str> = Service::all().map(Service::name).collect();
    for service in &services {
        let sdl = installation.succeed(&["schema", "--service", service]);
        fs::write(folder.path().join(format!("{service}.graphql")), sdl).expect("written");
    }
    let errors = succeed(Command::new("node").arg("compose.mjs").args(&services).current_dir(&folder));
    assert_eq!(errors, "");
}

/// Returns whether this run tests clients.
fn clients_are_tested() -> bool {
    Shape::of_run() == Shape::Embedded
}

fn assert_queried_and_subscribed(printed: &Json) {
    if !clients_are_tested() {
        return;
    }
    let wanted =
        json!({ "name": "Chytré centrum Humpolec", "devices": [{ "code": "reception" }], "present": 0 });
    assert_eq!(*printed, wanted);
}

/// Runs a program of the page in Node.js; returns its output.
fn run_node(script: &str) -> Json {
    let Some(folder) = npm() else { return Json::Null };
    run(Command::new("node").arg(script).current_dir(folder.path()))
}

/// Runs a client; returns the JSON of the last line that it printed.
fn run(command: &mut Command) -> Json {
    let printed = run_against_server(command);
    let last = printed.lines().last().unwrap_or_default();
    serde_json::from_str(last).unwrap_or_else(|error| panic!("{error}: {printed}"))
}

/// Runs a client with the server's address and a token in its environment.
fn run_against_server(command: &mut Command) -> String {
    let server = server();
    succeed(command.env("HUBNET_URL", server.process.url()).env("HUBNET_TOKEN", &server.token))
}

fn succeed(command: &mut Command) -> String {
    let ended = command.output().expect("it runs");
    let (printed, complaints) =
        (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    assert!(ended.status.success(), "{command:?} fails: {printed}\n{complaints}");
    printed.into_owned()
}

/// Returns a program of an installed package.
fn bin(folder: &Path, name: &str) -> Command {
    let mut command = Command::new(folder.join("node_modules/.bin").join(name));
    command.current_dir(folder);
    command
}

/// Returns a folder with the page's programs and the installed npm packages; `None` on shapes that test no clients.
fn npm() -> Option<TempDir> {
    if !clients_are_tested() {
        return None;
    }
    let installed = packages::ensure_npm("clients", PACKAGE).expect("the clients are installed");
    let folder = folder();
    std::os::unix::fs::symlink(installed.join("node_modules"), folder.path().join("node_modules"))
        .expect("linked");
    fs::write(folder.path().join("package.json"), PACKAGE).expect("written");
    Some(folder)
}

/// Returns a folder with the programs of the page and the published schema.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, text) in snippets() {
        fs::write(folder.path().join(name), text).expect("written");
    }
    fs::write(folder.path().join("schema.graphql"), server::cli::sdl()).expect("written");
    folder
}

/// Returns the programs and files of the page, by their names.
fn snippets() -> BTreeMap<&'static str, &'static str> {
    let pieces = PAGE.split("<!-- file: ").skip(1);
    let snippet = |piece: &'static str| {
        let (name, rest) = piece.split_once(" -->").expect("a name");
        let (_, rest) = rest.split_once("```").expect("a program");
        let (_, rest) = rest.split_once('\n').expect("a program");
        (name, rest.split_once("```").expect("an end").0)
    };
    pieces.map(snippet).collect()
}

/// A server that exists as long as a test that uses it.
struct Server {
    token: String,
    process: Hubnet,
    _installation: Installation,
}

/// Returns the server, which concurrent tests share.
fn server() -> Arc<Server> {
    static SERVER: Mutex<Weak<Server>> = Mutex::new(Weak::new());
    let mut server = SERVER.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(server) = server.upgrade() {
        return server;
    }
    let installation = Installation::embedded();
    installation.onboard();
    let process = installation.launch().start().expect("hubnet serves");
    let token = installation.token(&["operator", "--hub", "humpolec"]);
    let started = Arc::new(Server { token, process, _installation: installation });
    *server = Arc::downgrade(&started);
    started
}
