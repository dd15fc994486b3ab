//! A private mail server that keeps its mail, on the loopback address. It defers `grey@…` once, takes mail for `late@…`
//! once without saying so, and rejects `bounce@…` (no such mailbox) and `listed@…` (its own policy) permanently.

use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crate::error::{Doing as _, Result};
use crate::folder::PrivateFolder;
use crate::packages;
use crate::ports::{free_port, retry};
use crate::probe;
use crate::program::{Output, Program, Recipe};
use crate::signal::Signal;

const READY_LIMIT: Duration = Duration::from_secs(30);
const PYTHON: &str = "/usr/bin/python3";
const SCRIPT: &str = include_str!("smtp_server.py");

/// A mail server.
pub struct Smtp {
    port: u16,
    mails: PathBuf,
    _program: Program,
    _home: PrivateFolder,
}

impl Smtp {
    /// Starts a private server.
    pub fn start() -> Result<Self> {
        packages::ensure_smtp()?;
        retry(Self::start_once)
    }

    fn start_once() -> Result<Self> {
        let home = PrivateFolder::new("smtp")?;
        let port = free_port()?;
        let (script, mails) = (home.path().join("smtp_server.py"), home.path().join("mails"));
        fs::write(&script, SCRIPT).doing(|| format!("write {}", script.display()))?;
        fs::create_dir(&mails).doing(|| format!("make {}", mails.display()))?;
        let kept = mails.clone();
        let program = Program::start(Recipe {
            name: "the mail server".to_owned(),
            folder: home.path().to_owned(),
            command: Box::new(move || {
                let mut command = Command::new(PYTHON);
                command.arg(&script).arg(port.to_string()).arg(&kept);
                command
            }),
            is_ready: Box::new(move || probe::answers(port, b"QUIT\r\n", b"220 ")),
            ready_limit: READY_LIMIT,
            stop: Signal::Terminate,
            output: Output::Logged(home.path().join("log")),
        })?;
        Ok(Self { port, mails, _program: program, _home: home })
    }

    /// Returns its URL.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// Returns the received mails as they were sent, in order.
    pub fn mails(&self) -> Vec<String> {
        let read = |number: usize| fs::read_to_string(self.mails.join(format!("{number}.eml"))).ok();
        (1..).map_while(read).collect()
    }
}

impl fmt::Debug for Smtp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Smtp").field("port", &self.port).finish_non_exhaustive()
    }
}
