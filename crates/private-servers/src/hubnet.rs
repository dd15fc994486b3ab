//! `hubnet` as a process: started on a free port, polled until it is ready, killed, restarted.

use std::env;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::error::Result;
use crate::folder::PrivateFolder;
use crate::ports::{free_port, retry};
use crate::probe;
use crate::program::{Output, Program, Recipe};
use crate::signal::Signal;

/// Settings of the caller's shell must not leak into a private process.
const SETTING_PREFIX: &str = "HUBNET__";
const READY_LIMIT: Duration = Duration::from_mins(1);

/// One setting as an environment variable: `HUBNET__SECTION__KEY` and its value.
pub type Setting = (String, String);

/// How to start a `hubnet` process; [`Launch::start`] starts it.
#[derive(Debug, Clone)]
pub struct Launch {
    binary: PathBuf,
    arguments: Vec<String>,
    settings: Vec<Setting>,
    port: Option<u16>,
    shown: bool,
}

impl Launch {
    /// Prepares `hubnet serve` with this binary, with no settings but its address and an immediate shutdown.
    pub fn serve(binary: &Path) -> Self {
        let arguments = vec!["serve".to_owned()];
        // No load balancer watches a private process, unless a setting says so.
        let settings = vec![("HUBNET__SERVER__SHUTDOWN_GRACE_SECONDS".to_owned(), "0".to_owned())];
        Self { binary: binary.to_owned(), arguments, settings, port: None, shown: false }
    }

    /// Serves this service alone (on further calls: this one too) instead of all services.
    #[must_use]
    pub fn service(mut self, name: &str) -> Self {
        self.arguments.extend(["--service".to_owned(), name.to_owned()]);
        self
    }

    /// Adds settings.
    #[must_use]
    pub fn settings(mut self, settings: impl IntoIterator<Item = Setting>) -> Self {
        self.settings.extend(settings);
        self
    }

    /// Listens on this port instead of a free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    /// Shows the output of the process instead of keeping it for a failure.
    #[must_use]
    pub fn shown(mut self) -> Self {
        self.shown = true;
        self
    }

    /// Starts the process and waits until `/health/ready` answers 200.
    pub fn start(self) -> Result<Hubnet> {
        match self.port {
            Some(port) => self.start_on(port),
            None => retry(|| self.start_on(free_port()?)),
        }
    }

    fn start_on(&self, port: u16) -> Result<Hubnet> {
        let home = PrivateFolder::new("process")?;
        let launch = self.clone();
        let program = Program::start(Recipe {
            name: format!("hubnet {}", self.arguments.join(" ")),
            folder: home.path().to_owned(),
            command: Box::new(move || launch.command(port)),
            is_ready: Box::new(move || probe::http_status(port, "/health/ready") == Some(200)),
            ready_limit: READY_LIMIT,
            stop: Signal::Terminate,
            output: if self.shown { Output::Shown } else { Output::Logged(home.path().join("log")) },
        })?;
        Ok(Hubnet { port, program, home })
    }

    fn command(&self, port: u16) -> Command {
        let mut command = hubnet_command(&self.binary);
        command.args(&self.arguments);
        command.env("HUBNET__SERVER__BIND", format!("127.0.0.1:{port}"));
        command.envs(self.settings.iter().map(|(key, value)| (key, value)));
        command
    }
}

/// Returns a command of `hubnet` without the settings of the caller's shell.
pub fn hubnet_command(binary: &Path) -> Command {
    let mut command = Command::new(binary);
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with(SETTING_PREFIX)) {
            command.env_remove(name);
        }
    }
    command
}

/// A running `hubnet` process; dropping it stops it.
pub struct Hubnet {
    port: u16,
    program: Program,
    home: PrivateFolder,
}

impl Hubnet {
    /// `http://127.0.0.1:port`, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The port it listens on, also after a restart.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The process id, while it runs.
    pub fn id(&self) -> Option<u32> {
        self.program.id()
    }

    /// Its working folder: `var` is created in here, unless configured otherwise.
    pub fn folder(&self) -> &Path {
        self.home.path()
    }

    /// Kills it with SIGKILL.
    pub fn kill(&self) -> Result<()> {
        self.program.kill()
    }

    /// Stops it with SIGTERM.
    pub fn stop(&self) -> Result<()> {
        self.program.stop()
    }

    /// Starts it again on the same port and waits until it is ready.
    pub fn restart(&self) -> Result<()> {
        self.program.restart()
    }
}

impl fmt::Debug for Hubnet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Hubnet")
            .field("port", &self.port)
            .field("id", &self.id())
            .finish_non_exhaustive()
    }
}
