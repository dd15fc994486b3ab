//! Start-up and memory: the embedded shape with the demo network in its file.

use std::path::Path;
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use private_servers::{PrivateFolder, free_port, http_status, hubnet_command};

use super::Pace;
use super::cpu;
use super::figures::{Figure, Figures, megabytes, millis};
use crate::step;

const START_UP: Figure = Figure {
    what: "start to ready, embedded, demo network",
    unit: "ms",
    against: "`hubnet schema`:",
    goal: "≤ 1 s, later 0.3 s",
};
const MEMORY: Figure =
    Figure { what: "resident memory when idle", unit: "MB", against: "", goal: "≤ 60 MB, later 35 MB" };

const READY_LIMIT: Duration = Duration::from_secs(30);
const GLANCE: Duration = Duration::from_millis(1);
const IDLE: Duration = Duration::from_secs(5);

/// A server that is killed when this is dropped.
struct Started {
    child: Child,
}

/// Starts the server repeatedly on an existing database, each time after a kill.
pub(super) fn run(hubnet: &Path, pace: Pace, figures: &mut Figures) -> Result<()> {
    step::announce("start-up and memory: loading the demo network");
    let data = PrivateFolder::new("bench")?;
    step::output_of(
        hubnet_command(hubnet).arg("demo").env("HUBNET__DATA_DIR", data.path()).current_dir(data.path()),
    )?;
    for _start in 0..pace.starts {
        let asked = Instant::now();
        step::output_of(hubnet_command(hubnet).arg("schema"))?;
        let baseline = asked.elapsed();
        let (_started, took) = Started::start(hubnet, data.path())?;
        figures.record(START_UP, millis(took), millis(baseline));
    }
    let (started, _) = Started::start(hubnet, data.path())?;
    sleep(IDLE);
    figures.record(MEMORY, megabytes(cpu::resident_kib(started.child.id())?), None);
    Ok(())
}

impl Started {
    /// Starts the server; returns the time until it was ready.
    fn start(hubnet: &Path, data: &Path) -> Result<(Self, Duration)> {
        let port = free_port()?;
        let mut command = hubnet_command(hubnet);
        command.arg("serve").current_dir(data).env("HUBNET__DATA_DIR", data);
        command.env("HUBNET__SERVER__BIND", format!("127.0.0.1:{port}"));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let asked = Instant::now();
        let started = Self { child: command.spawn().context("cannot start hubnet")? };
        while http_status(port, "/health/ready") != Some(200) {
            if asked.elapsed() > READY_LIMIT {
                bail!("hubnet is not ready after {} s", READY_LIMIT.as_secs());
            }
            sleep(GLANCE);
        }
        Ok((started, asked.elapsed()))
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        let ended = self.child.kill().and_then(|()| self.child.wait().map(drop));
        if let Err(error) = ended {
            eprintln!("hubnet could not be stopped: {error}");
        }
    }
}
