//! A child program: started, polled until it is ready, killed, restarted and stopped.
//!
//! PostgreSQL, Redis, RabbitMQ, the router and `hubnet` itself all run this way: in the foreground, in a process
//! group of their own (so that Ctrl-C reaches only this process), watched by the guard. Dropping a program stops it.

use std::fs::{self, File, OpenOptions};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::error::{Doing as _, Error, Result};
use crate::folder::processes_in;
use crate::guard;
use crate::signal::{self, Signal};

/// Pause between two checks of a program that is starting or ending.
const PAUSE: Duration = Duration::from_millis(20);
/// How long a program may take to end before it is killed.
const STOP_LIMIT: Duration = Duration::from_secs(20);
/// Number of log lines shown in an error.
const LOG_TAIL_LINES: usize = 25;

/// Where a program's output goes.
#[derive(Debug, Clone)]
pub(crate) enum Output {
    /// To this process's own output.
    Shown,
    /// To a file, shown only on failure.
    Logged(PathBuf),
}

/// Everything needed to start a program, any number of times.
pub(crate) struct Recipe {
    /// Name of the program in errors.
    pub(crate) name: String,
    /// Its working folder, in which none of its processes may be left after a kill.
    pub(crate) folder: PathBuf,
    /// Makes the command; working folder, output and process group are set afterwards.
    pub(crate) command: Box<dyn Fn() -> Command + Send + Sync>,
    /// Returns whether it is ready.
    pub(crate) is_ready: Box<dyn Fn() -> bool + Send + Sync>,
    /// How long it may take until it is ready.
    pub(crate) ready_limit: Duration,
    /// The signal that asks it to end.
    pub(crate) stop: Signal,
    /// Where its output goes.
    pub(crate) output: Output,
}

/// A program that runs, or that was killed and may be started again.
pub(crate) struct Program {
    recipe: Recipe,
    child: Mutex<Option<Child>>,
}

impl Program {
    /// Starts it and waits until it is ready.
    pub(crate) fn start(recipe: Recipe) -> Result<Self> {
        let program = Self { recipe, child: Mutex::new(None) };
        program.restart()?;
        Ok(program)
    }

    /// The process id, while it runs.
    pub(crate) fn id(&self) -> Option<u32> {
        self.child().as_ref().map(Child::id)
    }

    /// Kills it with SIGKILL and waits until nothing of it is left.
    pub(crate) fn kill(&self) -> Result<()> {
        self.end(Signal::Kill)
    }

    /// Freezes it: its sockets stay open and silent.
    pub(crate) fn freeze(&self) -> Result<()> {
        self.signal(Signal::Freeze)
    }

    /// Resumes it after a freeze.
    pub(crate) fn thaw(&self) -> Result<()> {
        self.signal(Signal::Thaw)
    }

    /// Stops it in the ordinary way, and with SIGKILL if that takes too long.
    pub(crate) fn stop(&self) -> Result<()> {
        self.end(self.recipe.stop)
    }

    /// Starts it again, stopping it first if it runs, and waits until it is ready.
    pub(crate) fn restart(&self) -> Result<()> {
        self.stop()?;
        let child = self.spawn()?;
        guard::watch(child.id(), self.recipe.stop)?;
        *self.child() = Some(child);
        let outcome = self.wait_until_ready();
        if outcome.is_err() {
            self.kill()?;
        }
        outcome
    }

    fn child(&self) -> MutexGuard<'_, Option<Child>> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        self.id().map_or(Ok(()), |group| signal::send(signal, group))
    }

    fn spawn(&self) -> Result<Child> {
        let mut command = (self.recipe.command)();
        command.current_dir(&self.recipe.folder).process_group(0).stdin(Stdio::null());
        if let Output::Logged(file) = &self.recipe.output {
            command.stdout(log(file)?).stderr(log(file)?);
        }
        command.spawn().doing(|| format!("start {} ({command:?})", self.recipe.name))
    }

    fn wait_until_ready(&self) -> Result<()> {
        let deadline = Instant::now() + self.recipe.ready_limit;
        loop {
            if let Some(status) = self.ended()? {
                return Err(Error::EndedEarly {
                    name: self.recipe.name.clone(),
                    status: status.to_string(),
                    output: self.last_output(),
                });
            }
            if (self.recipe.is_ready)() {
                return Ok(());
            }
            if Instant::now() > deadline {
                return Err(Error::NotReady {
                    name: self.recipe.name.clone(),
                    limit_seconds: self.recipe.ready_limit.as_secs(),
                    output: self.last_output(),
                });
            }
            sleep(PAUSE);
        }
    }

    fn ended(&self) -> Result<Option<ExitStatus>> {
        match self.child().as_mut() {
            Some(child) => child.try_wait().doing(|| format!("look after {}", self.recipe.name)),
            None => Ok(None),
        }
    }

    fn end(&self, signal: Signal) -> Result<()> {
        let Some(mut child) = self.child().take() else { return Ok(()) };
        let group = child.id();
        if !self.ends(&mut child, signal)? {
            self.ends(&mut child, Signal::Kill)?;
        }
        // Children of a killed server exist for a moment longer and would disturb a restart.
        let deadline = Instant::now() + STOP_LIMIT;
        while !processes_in(&self.recipe.folder).is_empty() && Instant::now() < deadline {
            sleep(PAUSE);
        }
        guard::forget(group)
    }

    fn ends(&self, child: &mut Child, signal: Signal) -> Result<bool> {
        signal::send(signal, child.id())?;
        // A frozen program would not receive the stop signal.
        signal::send(Signal::Thaw, child.id())?;
        let deadline = Instant::now() + STOP_LIMIT;
        while Instant::now() < deadline {
            let status = child.try_wait().doing(|| format!("wait for {} to end", self.recipe.name))?;
            if status.is_some() {
                return Ok(true);
            }
            sleep(PAUSE);
        }
        Ok(false)
    }

    fn last_output(&self) -> String {
        match &self.recipe.output {
            Output::Shown => "(see above)".to_owned(),
            Output::Logged(file) => last_lines(&fs::read_to_string(file).unwrap_or_default()),
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if let Err(error) = self.stop() {
            eprintln!("{} could not be stopped: {error}", self.recipe.name);
        }
    }
}

/// Runs a command to its end; returns its output, and fails with it if the command fails.
pub(crate) fn run(command: &mut Command) -> Result<String> {
    let shown = format!("{command:?}");
    let output = command.stdin(Stdio::null()).output().doing(|| format!("run {shown}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let printed = [output.stdout, output.stderr].concat();
    Err(Error::Failed {
        command: shown,
        status: output.status.to_string(),
        output: last_lines(&String::from_utf8_lossy(&printed)),
    })
}

fn log(file: &PathBuf) -> Result<File> {
    OpenOptions::new().create(true).append(true).open(file).doing(|| format!("write {}", file.display()))
}

fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(LOG_TAIL_LINES)..].join("\n")
}
