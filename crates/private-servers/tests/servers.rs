//! Starts the real private servers on this machine, kills and restarts them, and checks that nothing is left behind.

use std::env;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use private_servers::{Durability, PrivateServers, Redis, Result, packages, processes_in};

const PATIENCE: Duration = Duration::from_secs(30);
const HOST_VARIABLE: &str = "PRIVATE_SERVERS_TEST_HOST";

#[test]
fn acknowledged_writes_survive_kill_and_restart_and_nothing_is_left_after_a_stop() -> Result<()> {
    let servers = PrivateServers::start(Durability::ProcessCrash)?;
    let ids = [servers.postgres().id(), servers.redis().id(), servers.rabbitmq().id()];
    let folders: Vec<PathBuf> = ids.iter().flatten().map(|id| folder_of(*id)).collect();
    assert_eq!(folders.len(), 3, "all three run");

    a_row_survives(&servers)?;
    a_key_survives(servers.redis())?;
    a_broker_answers_again(&servers)?;

    drop(servers);
    for folder in folders {
        assert_eq!(processes_in(&folder), [0_u32; 0], "nothing of {} runs", folder.display());
        assert!(!folder.exists(), "{} is removed", folder.display());
    }
    Ok(())
}

fn a_row_survives(servers: &PrivateServers) -> Result<()> {
    let postgres = servers.postgres();
    postgres.create_database("story")?;
    postgres.sql("story", "create table visit (minutes int)")?;
    postgres.sql("story", "insert into visit values (95)")?;
    postgres.kill()?;
    assert!(postgres.sql("story", "select 1").is_err(), "a killed server answers nobody");
    postgres.restart()?;
    assert_eq!(postgres.sql("story", "select minutes from visit")?, "95\n");
    Ok(())
}

fn a_key_survives(redis: &Redis) -> Result<()> {
    assert_eq!(talk(redis.url(), b"SET present 7\r\n", 5), b"+OK\r\n");
    redis.kill()?;
    redis.restart()?;
    assert_eq!(talk(redis.url(), b"GET present\r\n", 7), b"$1\r\n7\r\n");
    Ok(())
}

fn a_broker_answers_again(servers: &PrivateServers) -> Result<()> {
    let rabbitmq = servers.rabbitmq();
    let header = b"AMQP\0\0\x09\x01";
    assert_eq!(talk(rabbitmq.url(), header, 1), b"\x01");
    rabbitmq.kill()?;
    assert!(TcpStream::connect(address(rabbitmq.url())).is_err(), "a killed broker takes no connection");
    rabbitmq.restart()?;
    assert_eq!(talk(rabbitmq.url(), header, 1), b"\x01");
    Ok(())
}

/// Runs this test a second time as the host that is killed, so that no drop handler runs.
#[test]
fn a_host_that_is_killed_leaves_no_server_behind() -> Result<()> {
    if env::var_os(HOST_VARIABLE).is_some() {
        return be_the_host();
    }
    let mut host = Command::new(env::current_exe().expect("this test is a program"))
        .args(["--exact", "a_host_that_is_killed_leaves_no_server_behind", "--nocapture"])
        .env(HOST_VARIABLE, "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts again");
    let printed = BufReader::new(host.stdout.take().expect("its output is piped"));
    let folder = printed
        .lines()
        .map_while(std::result::Result::ok)
        .find_map(|line| line.split_once("lives in ").map(|(_, folder)| PathBuf::from(folder)))
        .expect("the host prints its server's folder");
    assert!(!processes_in(&folder).is_empty(), "the server runs");

    host.kill().expect("the host is killed");
    host.wait().expect("the host has ended");
    let deadline = Instant::now() + PATIENCE;
    while (!processes_in(&folder).is_empty() || folder.exists()) && Instant::now() < deadline {
        sleep(Duration::from_millis(20));
    }
    assert_eq!(processes_in(&folder), [0_u32; 0], "the server has ended too");
    assert!(!folder.exists(), "its folder is removed");
    Ok(())
}

fn be_the_host() -> Result<()> {
    let redis = Redis::start(&packages::ensure()?, Durability::ProcessCrash)?;
    println!("\nlives in {}", folder_of(redis.id().expect("it runs")).display());
    // Waits until this process ends, or the test that started it.
    std::io::stdin().read_to_end(&mut Vec::new()).expect("the pipe can be read");
    Ok(())
}

/// Returns the private folder of a server: its working folder is a subfolder of it.
fn folder_of(id: u32) -> PathBuf {
    let subfolder = std::fs::read_link(format!("/proc/{id}/cwd")).expect("the server runs");
    subfolder.parent().map(Path::to_path_buf).expect("it lies in a folder")
}

fn talk(url: &str, request: &[u8], answer_bytes: usize) -> Vec<u8> {
    let mut stream = TcpStream::connect(address(url)).expect("the server listens");
    stream.write_all(request).expect("the request is sent");
    let mut answer = vec![0; answer_bytes];
    stream.read_exact(&mut answer).expect("the server answers");
    answer
}

fn address(url: &str) -> &str {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let after_user = after_scheme.split_once('@').map_or(after_scheme, |(_, rest)| rest);
    after_user.split('/').next().unwrap_or(after_user)
}
