//! A private PostgreSQL: trust on the loopback address only, no Unix socket, UTF-8, C collation.
//!
//! Login roles need no password, so a URL is all that a client needs.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::Durability;
use crate::account::Account;
use crate::error::{Error, Result};
use crate::folder::PrivateFolder;
use crate::packages::Packages;
use crate::ports::{free_port, retry};
use crate::probe;
use crate::program::{Output, Program, Recipe, run};
use crate::signal::Signal;

/// Gives the owner URL of a running PostgreSQL to tests, instead of a private one.
pub const DATABASE_URL_VARIABLE: &str = "HUBNET_TEST_DATABASE_URL";

/// Every test has a database of its own and each service a pool in it.
const MAX_CONNECTIONS: u16 = 400;
const READY_LIMIT: Duration = Duration::from_mins(1);

/// A PostgreSQL server: private, or given by [`DATABASE_URL_VARIABLE`].
pub struct Postgres {
    /// `postgres://owner@host:port`, without a database.
    server_url: String,
    psql: PathBuf,
    private: Option<(Program, PrivateFolder)>,
}

impl Postgres {
    /// Starts a private server.
    pub fn start(packages: &Packages, durability: Durability) -> Result<Self> {
        retry(|| Self::start_once(packages, durability))
    }

    pub(crate) fn given(url: &str) -> Self {
        let server_url = without_database(url).to_owned();
        Self { server_url, psql: PathBuf::from("psql"), private: None }
    }

    fn start_once(packages: &Packages, durability: Durability) -> Result<Self> {
        let account = Account::for_server("postgres")?;
        let home = PrivateFolder::new("postgres")?;
        let port = free_port()?;
        let data = home.subfolder("data", &account)?;
        let bin = packages.postgres.clone();
        run(account.command(bin.join("initdb")).current_dir(&data).arg("-D").arg(&data).args([
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ]))?;
        let folder = data.clone();
        let program = Program::start(Recipe {
            name: "PostgreSQL".to_owned(),
            output: Output::Logged(home.path().join("log")),
            command: Box::new({
                let server = bin.join("postgres");
                move || command(&account, &server, &data, port, durability)
            }),
            folder,
            is_ready: Box::new(move || probe::answers(port, &startup_message(), b"R")),
            ready_limit: READY_LIMIT,
            stop: Signal::Interrupt,
        })?;
        Ok(Self {
            server_url: format!("postgres://postgres@127.0.0.1:{port}"),
            psql: bin.join("psql"),
            private: Some((program, home)),
        })
    }

    /// Returns the URL of a database for its owner, who may do everything.
    pub fn owner_url(&self, database: &str) -> String {
        format!("{}/{database}", self.server_url)
    }

    /// Returns the URL of a database for the services: `{service}` stands for the service's name.
    pub fn service_url(&self, database: &str) -> String {
        let address =
            self.server_url.rsplit_once('@').map_or(self.server_url.as_str(), |(_, address)| address);
        format!("postgres://hubnet_{{service}}@{address}/{database}")
    }

    /// Creates an empty database.
    pub fn create_database(&self, name: &str) -> Result<()> {
        self.sql("postgres", &format!("create database \"{}\"", name.replace('"', "\"\""))).map(drop)
    }

    /// Runs one statement as the owner; returns the rows, one a line, columns separated by `|`.
    pub fn sql(&self, database: &str, statement: &str) -> Result<String> {
        let mut psql = Command::new(&self.psql);
        run(psql
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", statement])
            .arg(self.owner_url(database)))
    }

    /// Writes a schema into a file, like a backup of one service.
    pub fn dump_schema(&self, database: &str, schema: &str, file: &Path) -> Result<()> {
        let mut pg_dump = self.tool("pg_dump");
        run(pg_dump.args(["-n", schema, "-f"]).arg(file).arg(self.owner_url(database))).map(drop)
    }

    /// Restores a schema from a file of [`Self::dump_schema`].
    pub fn restore_schema(&self, database: &str, schema: &str, file: &Path) -> Result<()> {
        self.sql(database, &format!("drop schema {schema} cascade"))?;
        let mut psql = Command::new(&self.psql);
        let quietly = ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-o", "/dev/null", "-f"];
        run(psql.args(quietly).arg(file).arg(self.owner_url(database))).map(drop)
    }

    /// Returns a program of this version of PostgreSQL, such as `pg_dump`.
    pub fn tool(&self, name: &str) -> Command {
        Command::new(self.psql.with_file_name(name))
    }

    /// The process id of a private server, while it runs.
    pub fn id(&self) -> Option<u32> {
        self.private.as_ref().and_then(|(program, _)| program.id())
    }

    /// Kills the server with SIGKILL.
    pub fn kill(&self) -> Result<()> {
        self.program()?.kill()
    }

    /// Starts the server again on the same port with the same data.
    pub fn restart(&self) -> Result<()> {
        self.program()?.restart()
    }

    fn program(&self) -> Result<&Program> {
        self.private
            .as_ref()
            .map(|(program, _)| program)
            .ok_or_else(|| Error::NotOurs { name: "PostgreSQL".to_owned(), variable: DATABASE_URL_VARIABLE })
    }
}

impl fmt::Debug for Postgres {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Postgres").field("id", &self.id()).finish_non_exhaustive()
    }
}

fn command(account: &Account, server: &Path, data: &Path, port: u16, durability: Durability) -> Command {
    let mut command = account.command(server);
    command.arg("-D").arg(data).arg("-p").arg(port.to_string());
    let mut settings = vec![
        "listen_addresses=127.0.0.1".to_owned(),
        "unix_socket_directories=".to_owned(),
        format!("max_connections={MAX_CONNECTIONS}"),
        "shared_buffers=64MB".to_owned(),
        "timezone=UTC".to_owned(),
    ];
    if durability == Durability::ProcessCrash {
        settings.extend(["fsync=off".to_owned(), "full_page_writes=off".to_owned()]);
    }
    for setting in settings {
        command.arg("-c").arg(setting);
    }
    command
}

/// Returns a startup message of protocol 3.0, user and database `postgres`: the response begins with `R` once the
/// server accepts clients, with `E` while it recovers.
fn startup_message() -> Vec<u8> {
    let body = b"\0\x03\0\0user\0postgres\0database\0postgres\0\0";
    let length = u32::try_from(body.len() + 4).unwrap_or(u32::MAX);
    [&length.to_be_bytes()[..], body].concat()
}

fn without_database(url: &str) -> &str {
    let start_of_host = url.find("://").map_or(0, |at| at + 3);
    match url[start_of_host..].find('/') {
        Some(slash) => &url[..start_of_host + slash],
        None => url,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_given_url_may_name_a_database_which_is_then_replaced() {
        let given = Postgres::given("postgres://me@db.example:5433/postgres");
        assert_eq!(given.owner_url("hubnet"), "postgres://me@db.example:5433/hubnet");
        assert_eq!(given.service_url("hubnet"), "postgres://hubnet_{service}@db.example:5433/hubnet");
        assert_eq!(Postgres::given("postgres://me@db").owner_url("a"), "postgres://me@db/a");
    }

    #[test]
    fn a_given_server_is_not_killed() {
        assert!(matches!(Postgres::given("postgres://me@db").kill(), Err(Error::NotOurs { .. })));
    }
}
