//! The load driver: crate `load`, run as a process of its own.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::step;

/// Runs the load driver's subcommands.
#[derive(Debug)]
pub(super) struct Driver {
    pub(super) binary: PathBuf,
}

/// The measurements of a subcommand, by name.
#[derive(Debug)]
pub(super) struct Measured(HashMap<String, u64>);

impl Driver {
    /// Runs a subcommand to its end.
    pub(super) fn run(&self, arguments: &[&str]) -> Result<Measured> {
        let printed = step::output_of(Command::new(&self.binary).args(arguments))?;
        let line = |line: &str| {
            let (name, number) = line.split_once(' ')?;
            Some((name.to_owned(), number.parse().ok()?))
        };
        Ok(Measured(printed.lines().filter_map(line).collect()))
    }
}

impl Measured {
    /// A count.
    pub(super) fn count(&self, name: &str) -> Result<u32> {
        let number = self.0.get(name).with_context(|| format!("the load driver does not say {name}"))?;
        u32::try_from(*number).context("too many")
    }

    /// A time; its name ends in `_us`.
    pub(super) fn time(&self, name: &str) -> Result<Duration> {
        let micros = self.0.get(name).with_context(|| format!("the load driver does not say {name}"))?;
        Ok(Duration::from_micros(*micros))
    }
}
