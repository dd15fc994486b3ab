//! Errors of starting, stopping and finding private servers.
//!
//! Each error carries the last output of the server, so that a reader of a failed test run needs no further look at
//! the machine.

use std::io;

/// A private server could not be found, started, killed or stopped.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operating system refused something.
    #[error("cannot {doing}")]
    Io {
        /// The attempted operation, as the words that follow "cannot".
        doing: String,
        /// The cause.
        source: io::Error,
    },
    /// A program this machine needs is not installed.
    #[error("missing on this machine: {programs}\n{remedy}")]
    Missing {
        /// The missing programs.
        programs: String,
        /// The command that installs them, or the setting that makes them unnecessary.
        remedy: String,
    },
    /// A command that should have succeeded did not.
    #[error("{command} failed ({status}); it said:\n{output}")]
    Failed {
        /// The command line, shortened.
        command: String,
        /// Its exit status.
        status: String,
        /// The end of its output.
        output: String,
    },
    /// A server ended before it was ready; a taken port is the usual cause.
    #[error("{name} ended ({status}) before it was ready; it said:\n{output}")]
    EndedEarly {
        /// The server.
        name: String,
        /// Its exit status.
        status: String,
        /// The end of its log.
        output: String,
    },
    /// A server runs but does not respond.
    #[error("{name} did not answer within {limit_seconds} s; it said:\n{output}")]
    NotReady {
        /// The server.
        name: String,
        /// How long it was polled.
        limit_seconds: u64,
        /// The end of its log.
        output: String,
    },
    /// A server that the environment gives is not this crate's to kill.
    #[error("{name} was given by {variable}: only a server started here can be killed or restarted")]
    NotOurs {
        /// The server.
        name: String,
        /// The environment variable that gave it.
        variable: &'static str,
    },
}

/// The result of fallible operations of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Turns an I/O error into an [`Error`] that names the attempted operation.
pub(crate) trait Doing<T> {
    fn doing(self, doing: impl FnOnce() -> String) -> Result<T>;
}

impl<T> Doing<T> for io::Result<T> {
    fn doing(self, doing: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|source| Error::Io { doing: doing(), source })
    }
}
