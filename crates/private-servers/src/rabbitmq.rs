//! A private RabbitMQ node with an epmd (Erlang's port mapper) of its own, on the loopback address.
//!
//! Isolation takes some care: a private HOME gives a private cookie, `@localhost` needs no DNS, and the packaged
//! wrapper script is avoided because it insists on the system's folders.

use std::fmt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::account::{Account, SEARCH_PATH};
use crate::error::{Error, Result};
use crate::folder::PrivateFolder;
use crate::packages::Packages;
use crate::ports::{free_port, retry};
use crate::probe;
use crate::program::{Output, Program, Recipe};
use crate::signal::Signal;

/// Gives the URL of a running RabbitMQ to tests, instead of a private one.
pub const AMQP_URL_VARIABLE: &str = "HUBNET_TEST_AMQP_URL";

/// Generous: a node starts in 6 s on an idle machine and has taken 28 s on a busy one.
const READY_LIMIT: Duration = Duration::from_mins(2);
const EPMD_READY_LIMIT: Duration = Duration::from_secs(20);

/// A RabbitMQ server: private, or given by [`AMQP_URL_VARIABLE`].
pub struct RabbitMq {
    url: String,
    private: Option<Private>,
}

/// Dropped in this order: the node, its port mapper, their folder.
struct Private {
    node: Program,
    _epmd: Program,
    _home: PrivateFolder,
}

/// The three ports of one node.
#[derive(Clone, Copy)]
struct Ports {
    amqp: u16,
    distribution: u16,
    epmd: u16,
}

impl RabbitMq {
    /// Starts a private server.
    pub fn start(packages: &Packages) -> Result<Self> {
        retry(|| Self::start_once(packages))
    }

    pub(crate) fn given(url: &str) -> Self {
        Self { url: url.to_owned(), private: None }
    }

    fn start_once(packages: &Packages) -> Result<Self> {
        let account = Account::for_server("rabbitmq")?;
        let home = PrivateFolder::new("rabbitmq")?;
        let ports = Ports { amqp: free_port()?, distribution: free_port()?, epmd: free_port()? };
        let epmd = Program::start(epmd(packages, &account, &home, ports)?)?;
        let node = Program::start(node(packages, &account, &home, ports)?)?;
        Ok(Self {
            url: format!("amqp://guest:guest@127.0.0.1:{}/%2f", ports.amqp),
            private: Some(Private { node, _epmd: epmd, _home: home }),
        })
    }

    /// Returns its URL, of the default virtual host.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The process id of a private server, while it runs.
    pub fn id(&self) -> Option<u32> {
        self.private.as_ref().and_then(|private| private.node.id())
    }

    /// Kills the server with SIGKILL.
    pub fn kill(&self) -> Result<()> {
        self.node()?.kill()
    }

    /// Starts the server again on the same port with the same data.
    pub fn restart(&self) -> Result<()> {
        self.node()?.restart()
    }

    fn node(&self) -> Result<&Program> {
        self.private
            .as_ref()
            .map(|private| &private.node)
            .ok_or_else(|| Error::NotOurs { name: "RabbitMQ".to_owned(), variable: AMQP_URL_VARIABLE })
    }
}

impl fmt::Debug for RabbitMq {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RabbitMq")
            .field("url", &self.url)
            .field("id", &self.id())
            .finish_non_exhaustive()
    }
}

/// Starts the port mapper. Erlang would start one itself, but as a daemon that outlives its node.
fn epmd(packages: &Packages, account: &Account, home: &PrivateFolder, ports: Ports) -> Result<Recipe> {
    let (account, program) = (account.clone(), packages.epmd.clone());
    Ok(Recipe {
        name: "RabbitMQ's port mapper (epmd)".to_owned(),
        folder: home.subfolder("epmd", &account)?,
        command: Box::new(move || {
            let mut command = account.command(&program);
            command.args(["-port", &ports.epmd.to_string(), "-address", "127.0.0.1"]);
            command
        }),
        // "List the names": a request of one byte; the response contains the mapper's own port.
        is_ready: Box::new(move || {
            probe::answers(ports.epmd, b"\0\x01n", &u32::from(ports.epmd).to_be_bytes())
        }),
        ready_limit: EPMD_READY_LIMIT,
        stop: Signal::Terminate,
        output: Output::Logged(home.path().join("epmd.log")),
    })
}

fn node(packages: &Packages, account: &Account, home: &PrivateFolder, ports: Ports) -> Result<Recipe> {
    let folder = home.subfolder("node", account)?;
    account.write_file(&folder.join("plugins"), "[].")?;
    account.write_file(&folder.join("rabbitmq.conf"), &configuration(ports))?;
    let (account, server) = (account.clone(), packages.rabbitmq.clone());
    Ok(Recipe {
        name: "RabbitMQ".to_owned(),
        folder: folder.clone(),
        command: Box::new(move || {
            let mut command = account.command(&server);
            set_environment(&mut command, &folder, ports);
            command
        }),
        // A protocol header; the broker responds with its first method frame.
        is_ready: Box::new(move || probe::answers(ports.amqp, b"AMQP\0\0\x09\x01", b"\x01")),
        ready_limit: READY_LIMIT,
        stop: Signal::Terminate,
        output: Output::Logged(home.path().join("node.log")),
    })
}

/// Returns the configuration. The memory watermark is absolute, because the relative one stops publishers on a busy
/// small machine; five queues for each of hundreds of tests have to stay under it.
fn configuration(ports: Ports) -> String {
    format!(
        "listeners.tcp.1 = 127.0.0.1:{}\n\
         vm_memory_high_watermark.absolute = 1GB\n\
         disk_free_limit.absolute = 50MB\n\
         log.console = true\n\
         log.console.level = warning\n\
         log.file = false\n",
        ports.amqp
    )
}

fn set_environment(command: &mut Command, folder: &Path, ports: Ports) {
    command
        .env("PATH", SEARCH_PATH)
        .env("HOME", folder)
        .env("RABBITMQ_NODENAME", format!("hubnet{}@localhost", ports.amqp))
        .env("RABBITMQ_MNESIA_BASE", folder.join("db"))
        .env("RABBITMQ_LOG_BASE", folder.join("log"))
        .env("RABBITMQ_LOGS", "-")
        .env("RABBITMQ_CONFIG_FILE", folder.join("rabbitmq"))
        .env("RABBITMQ_ADVANCED_CONFIG_FILE", folder.join("none"))
        .env("RABBITMQ_CONF_ENV_FILE", "/dev/null")
        .env("RABBITMQ_ENABLED_PLUGINS_FILE", folder.join("plugins"))
        .env("RABBITMQ_PID_FILE", folder.join("pid"))
        .env("RABBITMQ_NODE_PORT", ports.amqp.to_string())
        .env("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1")
        .env("RABBITMQ_DIST_PORT", ports.distribution.to_string())
        .env("ERL_EPMD_PORT", ports.epmd.to_string())
        .env("ERL_EPMD_ADDRESS", "127.0.0.1")
        // One scheduler that sleeps when idle leaves the processor to the tests.
        .env(
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS",
            "+S 1:1 +sbwt none -kernel inet_dist_use_interface {127,0,0,1}",
        );
}
