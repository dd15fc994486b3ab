//! The steps of a chore: announced, run, timed and summed up.
//!
//! A failed step does not stop the following ones; the summary lists each result, and the chore fails at the end.

use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

/// The result of one step.
#[derive(Debug)]
pub(crate) struct Finished {
    name: String,
    took: Duration,
    passed: bool,
    note: String,
}

/// Prints what happens next.
pub(crate) fn announce(what: &str) {
    eprintln!("\n==> {what}");
}

/// Announces a step, runs it and times it. Its note appears in the summary.
pub(crate) fn timed(name: &str, step: impl FnOnce() -> Result<String>) -> Finished {
    announce(name);
    let started = Instant::now();
    let outcome = step();
    let took = started.elapsed();
    let (passed, note) = match outcome {
        Ok(note) => (true, note),
        Err(error) => {
            eprintln!("{name}: {error:#}");
            (false, format!("{error}"))
        }
    };
    let finished = Finished { name: name.to_owned(), took, passed, note };
    eprintln!("{}", finished.line());
    finished
}

/// Prints the result of every step; fails if one failed.
pub(crate) fn summary(steps: &[Finished]) -> Result<()> {
    announce("summary");
    for step in steps {
        println!("{}", step.line());
    }
    let failed = steps.iter().filter(|step| !step.passed).count();
    if failed > 0 {
        bail!("{failed} of {} steps failed", steps.len());
    }
    Ok(())
}

impl Finished {
    fn line(&self) -> String {
        let verdict = if self.passed { "ok" } else { "FAILED" };
        let first_line = self.note.lines().next().unwrap_or_default();
        format!("{verdict:6} {:4} s  {}  {first_line}", self.took.as_secs(), self.name).trim_end().to_owned()
    }
}

/// Runs a command with visible output; fails if it fails.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {}", shown(command)))?;
    if !status.success() {
        bail!("`{}` failed ({status})", shown(command));
    }
    Ok(())
}

/// Runs a command and returns its standard output; its standard error stays visible.
pub(crate) fn output_of(command: &mut Command) -> Result<String> {
    let Output { status, stdout, .. } = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start {}", shown(command)))?;
    if !status.success() {
        bail!("`{}` failed ({status})", shown(command));
    }
    String::from_utf8(stdout).with_context(|| format!("{} printed something else than text", shown(command)))
}

/// Returns the command as one would type it.
fn shown(command: &Command) -> String {
    let program = command.get_program().to_string_lossy();
    let name = program.rsplit('/').next().unwrap_or_default();
    let arguments = command.get_args().map(|it| format!(" {}", it.to_string_lossy()));
    format!("{name}{}", arguments.collect::<String>())
}
