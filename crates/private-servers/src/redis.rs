//! A private Redis with an append-only file, on the loopback address.

use std::fmt;
use std::time::Duration;

use crate::Durability;
use crate::account::Account;
use crate::error::{Error, Result};
use crate::folder::PrivateFolder;
use crate::packages::Packages;
use crate::ports::{free_port, retry};
use crate::probe;
use crate::program::{Output, Program, Recipe};
use crate::signal::Signal;

/// Gives the URL of a running Redis to tests, instead of a private one.
pub const REDIS_URL_VARIABLE: &str = "HUBNET_TEST_REDIS_URL";

const READY_LIMIT: Duration = Duration::from_secs(30);

/// A Redis server: private, or given by [`REDIS_URL_VARIABLE`].
pub struct Redis {
    url: String,
    private: Option<(Program, PrivateFolder)>,
}

impl Redis {
    /// Starts a private server.
    pub fn start(packages: &Packages, durability: Durability) -> Result<Self> {
        retry(|| Self::start_once(packages, durability))
    }

    pub(crate) fn given(url: &str) -> Self {
        Self { url: url.to_owned(), private: None }
    }

    fn start_once(packages: &Packages, durability: Durability) -> Result<Self> {
        let account = Account::for_server("redis")?;
        let home = PrivateFolder::new("redis")?;
        let port = free_port()?;
        let data = home.subfolder("data", &account)?;
        let server = packages.redis.clone();
        let appendfsync = match durability {
            Durability::PowerCut => "everysec",
            Durability::ProcessCrash => "no",
        };
        let program = Program::start(Recipe {
            name: "Redis".to_owned(),
            folder: data,
            command: Box::new(move || {
                let mut command = account.command(&server);
                command.args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--dir", "."]);
                command.args(["--appendonly", "yes", "--appendfsync", appendfsync, "--save", ""]);
                command
            }),
            is_ready: Box::new(move || probe::answers(port, b"PING\r\n", b"+PONG\r\n")),
            ready_limit: READY_LIMIT,
            stop: Signal::Terminate,
            output: Output::Logged(home.path().join("log")),
        })?;
        Ok(Self { url: format!("redis://127.0.0.1:{port}/"), private: Some((program, home)) })
    }

    /// Returns its URL.
    pub fn url(&self) -> &str {
        &self.url
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

    /// Freezes the server: connections stay open without a response.
    pub fn freeze(&self) -> Result<()> {
        self.program()?.freeze()
    }

    /// Resumes the server after a freeze.
    pub fn thaw(&self) -> Result<()> {
        self.program()?.thaw()
    }

    fn program(&self) -> Result<&Program> {
        self.private
            .as_ref()
            .map(|(program, _)| program)
            .ok_or_else(|| Error::NotOurs { name: "Redis".to_owned(), variable: REDIS_URL_VARIABLE })
    }
}

impl fmt::Debug for Redis {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Redis")
            .field("url", &self.url)
            .field("id", &self.id())
            .finish_non_exhaustive()
    }
}
