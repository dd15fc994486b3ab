//! Runs tests under a watchdog: a program that is stuck is killed, and only its own tests fail.
//!
//! Always true: compile time does not count, because the watchdog starts with the first printed line.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result};

/// Runs a command and forwards each line it prints. If it has printed something and then nothing for `patience`, the
/// programs it runs at that moment are killed, and it may continue with the next.
pub(crate) fn run(
    command: &mut Command,
    patience: Duration,
    mut each: impl FnMut(&str),
) -> Result<ExitStatus> {
    let mut child = command.stdout(Stdio::piped()).spawn().context("the command cannot be started")?;
    let output = child.stdout.take().context("the output is piped")?;
    let (line, lines) = mpsc::channel();
    thread::spawn(move || BufReader::new(output).lines().try_for_each(|one| line.send(one)));
    let mut next = lines.recv().map_err(|_ended| RecvTimeoutError::Disconnected);
    loop {
        match next {
            Ok(line) => each(&line.context("cannot read what the tests print")?),
            // A process that it started is still alive and holds its output open.
            Err(RecvTimeoutError::Timeout) if child.try_wait()?.is_some() => break,
            Err(RecvTimeoutError::Timeout) => end_what_it_runs(&mut child, patience)?,
            Err(RecvTimeoutError::Disconnected) => break,
        }
        next = lines.recv_timeout(patience);
    }
    child.wait().context("cannot wait for the command")
}

fn end_what_it_runs(child: &mut Child, patience: Duration) -> Result<()> {
    eprintln!("nothing was printed for {} s: what runs is killed", patience.as_secs());
    let id = child.id();
    // If the kernel does not list the children, the whole command is killed.
    let Ok(children) = fs::read_to_string(format!("/proc/{id}/task/{id}/children")) else {
        return child.kill().context("the command cannot be killed");
    };
    let kill = ["-c", r#"for child in $1; do kill -s KILL "$child"; done"#, "sh", &children];
    Command::new("sh").args(kill).status().context("what runs cannot be killed")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines_of(script: &str, patience: Duration) -> (Vec<String>, ExitStatus) {
        let mut lines = Vec::new();
        let run = run(Command::new("sh").args(["-c", script]), patience, |line| lines.push(line.to_owned()));
        (lines, run.expect("a shell"))
    }

    #[test]
    fn a_program_that_stands_still_is_killed_and_the_next_one_runs() {
        let (lines, status) = lines_of("echo one; sleep 600; echo $?; echo two", Duration::from_millis(300));
        assert_eq!(lines, ["one", "137", "two"]);
        assert!(status.success());
    }

    #[test]
    fn who_has_not_begun_to_print_may_take_its_time() {
        let (lines, status) = lines_of("sleep 0.5; echo one; exit 3", Duration::from_millis(50));
        assert_eq!(lines, ["one"]);
        assert_eq!(status.code(), Some(3));
    }
}
