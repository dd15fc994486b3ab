//! How the program ends when it cannot go on: a sentence for the person and a code for the machine (BSD sysexits).

use std::fmt;

/// The code of an ending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitCode {
    /// Something was given that makes no sense: a file, an argument.
    DataError = 65,
    /// What is to be worked on is not there.
    NoInput = 66,
    /// A part that is needed does not answer.
    Unavailable = 69,
    /// Our fault.
    Software = 70,
    /// A file or folder cannot be made.
    CannotCreate = 73,
    /// Not allowed.
    NoPermission = 77,
    /// The configuration makes no sense.
    Config = 78,
}

/// An ending.
#[derive(Debug)]
pub struct Exit {
    /// For the machine.
    pub code: ExitCode,
    /// For the person: what is wrong, and what to do.
    pub message: String,
}

impl Exit {
    /// An ending with a code and a sentence.
    pub fn new(code: ExitCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// An ending that shows an error with its causes.
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
