//! Starts, kills and restarts a `hubnet` process. This test program itself stands in for it, behind a script, because
//! the real one is built from crates that build upon this one.

use std::env;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use private_servers::{Error, Launch, Result, http_status, processes_in};

const TEST: &str = "a_process_is_ready_when_started_and_keeps_its_port_and_settings_over_a_kill";

const STAND_IN_VARIABLE: &str = "PRIVATE_SERVERS_TEST_STAND_IN";

#[test]
fn a_process_is_ready_when_started_and_keeps_its_port_and_settings_over_a_kill() -> Result<()> {
    if env::var_os(STAND_IN_VARIABLE).is_some() {
        be_hubnet();
        return Ok(());
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let binary = script(folder.path(), &format!("exec '{}' --exact {TEST}", this_program()));
    let settings = [("HUBNET__BUS__PREFIX", "story"), (STAND_IN_VARIABLE, "yes")];
    let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let process = Launch::serve(&binary).settings(settings).start()?;
    assert_eq!(http_status(process.port(), "/health/ready"), Some(200));
    assert_eq!(http_status(process.port(), "/prefix/story"), Some(204), "it got its setting");

    let first_id = process.id();
    process.kill()?;
    assert_eq!(http_status(process.port(), "/health/ready"), None, "a killed process answers nobody");
    process.restart()?;
    assert_ne!(process.id(), first_id);
    assert_eq!(http_status(process.port(), "/prefix/story"), Some(204));

    let home = process.folder().to_owned();
    drop(process);
    assert_eq!(processes_in(&home), [0_u32; 0]);
    Ok(())
}

#[test]
fn a_process_that_ends_at_once_is_an_error_with_its_last_words() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let binary = script(folder.path(), "echo 'the database is from a newer version'; exit 3");
    let outcome = Launch::serve(&binary).start();
    let Err(Error::EndedEarly { output, .. }) = outcome else { panic!("it ended early, but: {outcome:?}") };
    assert!(output.contains("the database is from a newer version"), "{output}");
}

/// Responds 200 to everything, and 204 to a path that ends with its own prefix.
fn be_hubnet() {
    let address = env::var("HUBNET__SERVER__BIND").expect("an address to listen on");
    let prefix = env::var("HUBNET__BUS__PREFIX").unwrap_or_default();
    let listener = TcpListener::bind(address).expect("the port is free");
    for stream in listener.incoming() {
        let mut stream = BufReader::new(stream.expect("a client"));
        let mut request = String::new();
        stream.read_line(&mut request).expect("a request");
        let status = if request.contains(&format!("/prefix/{prefix} ")) { "204" } else { "200" };
        let answer = format!("HTTP/1.1 {status} x\r\ncontent-length: 0\r\n\r\n");
        stream.get_mut().write_all(answer.as_bytes()).expect("the client listens");
    }
}

fn this_program() -> String {
    env::current_exe().expect("this test is a program").display().to_string()
}

fn script(folder: &Path, body: &str) -> std::path::PathBuf {
    let file = folder.join("hubnet");
    fs::write(&file, format!("#!/bin/sh\n{body}\n")).expect("the script is written");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("it may run");
    file
}
