//! The result of a check, as the commands print it.

use std::fmt::Display;

/// A part that was checked, and what was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The part, such as `exchange rates`.
    pub part: String,
    /// What is well, or what is wrong and what to do.
    pub outcome: Result<String, String>,
}

impl Finding {
    /// Reports a check; an error that kept it from ending counts as wrong.
    pub fn new<E: Display>(part: impl Into<String>, outcome: Result<Result<String, String>, E>) -> Self {
        Self { part: part.into(), outcome: outcome.unwrap_or_else(|error| Err(error.to_string())) }
    }
}
