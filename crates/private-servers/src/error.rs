//! What can go wrong while private servers start, stop or are looked for.
//!
//! Each error carries what the server itself said last, so that a reader of a failed test run
//! needs no second look at the machine.

use std::io;

/// A private server could not be found, started, killed or stopped.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operating system refused something.
    #[error("cannot {doing}")]
    Io {
        /// What was attempted, as the words that follow "cannot".
        doing: String,
        /// The refusal.
        source: io::Error,
    },
    /// A program this machine needs is not installed.
    #[error("missing on this machine: {programs}\n{remedy}")]
    Missing {
        /// The missing programs, in words.
        programs: String,
        /// The command that installs them, or the setting that makes them unnecessary.
        remedy: String,
    },
    /// A command that should have succeeded did not.
    #[error("{command} failed ({status}); it said:\n{said}")]
    Failed {
        /// The command line, shortened.
        command: String,
        /// Its exit status.
        status: String,
        /// The end of its output.
        said: String,
    },
    /// A server ended before it answered; a taken port is the usual cause.
    #[error("{name} ended ({status}) before it was ready; it said:\n{said}")]
    EndedEarly {
        /// The server.
        name: String,
        /// Its exit status.
        status: String,
        /// The end of its log.
        said: String,
    },
    /// A server runs but does not answer.
    #[error("{name} did not answer within {limit_seconds} s; it said:\n{said}")]
    NotReady {
        /// The server.
        name: String,
        /// How long we asked.
        limit_seconds: u64,
        /// The end of its log.
        said: String,
    },
    /// A server given from outside is not ours to kill.
    #[error("{name} was given by {variable}: only a server started here can be killed or restarted")]
    NotOurs {
        /// The server.
        name: String,
        /// The environment variable that gave it.
        variable: &'static str,
    },
}

/// The result of everything here that may fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Turns an I/O refusal into an [`Error`] that says what was attempted.
pub(crate) trait Doing<T> {
    fn doing(self, doing: impl FnOnce() -> String) -> Result<T>;
}

impl<T> Doing<T> for io::Result<T> {
    fn doing(self, doing: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|source| Error::Io { doing: doing(), source })
    }
}
