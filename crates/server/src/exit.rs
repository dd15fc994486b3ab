//! How the program ends on an error: a sentence for the person and a code for the machine (BSD sysexits).

use std::fmt;

/// The exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitCode {
    /// The input makes no sense: a file, an argument.
    DataError = 65,
    /// The input does not exist.
    NoInput = 66,
    /// A required part does not respond.
    Unavailable = 69,
    /// A fault of the program.
    Software = 70,
    /// A file or folder cannot be created.
    CannotCreate = 73,
    /// Permission denied.
    NoPermission = 77,
    /// The configuration is wrong.
    Config = 78,
}

/// An end of the program with an error.
#[derive(Debug)]
pub struct Exit {
    /// The code for the machine.
    pub code: ExitCode,
    /// The message for the person: what is wrong, and what to do.
    pub message: String,
}

impl Exit {
    /// Creates an exit with a code and a sentence.
    pub fn new(code: ExitCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// Creates an exit that shows an error with its causes.
    pub fn because(code: ExitCode, error: &dyn std::error::Error) -> Self {
        let mut message = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            let text = error.to_string();
            if !message.contains(&text) {
                message.push_str(": ");
                message.push_str(&text);
            }
            cause = error.source();
        }
        Self::new(code, message)
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Exit {}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        let number: u8 = match code {
            ExitCode::DataError => 65,
            ExitCode::NoInput => 66,
            ExitCode::Unavailable => 69,
            ExitCode::Software => 70,
            ExitCode::CannotCreate => 73,
            ExitCode::NoPermission => 77,
            ExitCode::Config => 78,
        };
        Self::from(number)
    }
}
