//! Signals to whole process groups.
//!
//! The `kill` program is used: it exists everywhere, and sending a signal needs no unsafe code.

use std::fmt;
use std::process::{Command, Stdio};

use crate::error::{Doing as _, Result};

/// The signals in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    /// Ends the program at once, without cleanup.
    Kill,
    /// PostgreSQL's "fast" shutdown; Ctrl-C for others.
    Interrupt,
    /// Asks the program to end.
    Terminate,
    /// Freezes the program without notice.
    Freeze,
    /// Resumes the program.
    Thaw,
}

impl fmt::Display for Signal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Kill => "KILL",
            Self::Interrupt => "INT",
            Self::Terminate => "TERM",
            Self::Freeze => "STOP",
            Self::Thaw => "CONT",
        })
    }
}

/// Sends a signal to every process of a group. A group that has already ended is no error.
pub(crate) fn send(signal: Signal, group: u32) -> Result<()> {
    Command::new("sh")
        .args(["-c", r#"kill -s "$1" -- "-$2""#, "sh", &signal.to_string(), &group.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .doing(|| format!("send {signal} to process group {group}"))?;
    Ok(())
}
