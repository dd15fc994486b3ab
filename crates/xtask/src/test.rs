//! `cargo xtask test`: the whole specification on every shape.
//!
//! The shapes differ in the servers behind the same tests: SQLite only; PostgreSQL, Redis and RabbitMQ behind one
//! process; the same behind one process per service and the router. The servers are private and are started once for
//! the whole run.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use private_servers::router::ROUTER_VARIABLE;
use private_servers::{AMQP_URL_VARIABLE, DATABASE_URL_VARIABLE, PrivateServers, REDIS_URL_VARIABLE, router};

use crate::step::{self, Finished};
use crate::{
    slowest::{self, Slowest},
    watched, workspace,
};

/// Names the shape on which the tests run.
const SHAPE_VARIABLE: &str = "HUBNET_TEST_SHAPE";
/// Makes tests that can be more thorough so.
const LONG_VARIABLE: &str = "HUBNET_TEST_LONG";
/// Where the binary is, for tests that start processes.
const BINARY_VARIABLE: &str = "HUBNET_BIN";
/// Prefix of the tests of the split shape; they need the router and are left out otherwise.
const SPLIT_PREFIX: &str = "split_";
/// Number of cases of a property in a long run.
const LONG_PROPERTY_CASES: &str = "2000";
/// Time without output after which a test program counts as stuck.
const PATIENCE: Duration = Duration::from_mins(10);
const LONG_PATIENCE: Duration = Duration::from_hours(1);

/// Runs the tests embedded (SQLite), then distributed (PostgreSQL, Redis, RabbitMQ).
///
/// Missing servers are installed on Debian as root. Elsewhere install what the error names, or give running servers
/// in HUBNET_TEST_DATABASE_URL, HUBNET_TEST_REDIS_URL and HUBNET_TEST_AMQP_URL. A test program that prints nothing
/// for ten minutes (an hour, if long) is killed, and its tests fail.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Arguments {
    /// Then also split: one process per service behind the federation router, which is built once.
    #[arg(long)]
    pub(crate) split: bool,
    /// Be thorough where that takes long: more random cases, longer histories.
    #[arg(long)]
    pub(crate) long: bool,
    /// Only tests with one of these words in their names.
    pub(crate) filter: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    step::summary(&phases(arguments)?)
}

/// Runs every phase, even after a failed one.
pub(crate) fn phases(arguments: &Arguments) -> Result<Vec<Finished>> {
    let servers = PrivateServers::given_or_start().context("the tests need real servers")?;
    let hubnet = workspace::build_hubnet()?;
    let run = Run { arguments, servers, hubnet };
    let mut finished = vec![
        step::timed("test, embedded", || run.embedded()),
        step::timed("test, distributed", || run.distributed()),
    ];
    if arguments.split {
        finished.push(step::timed("test, split", || run.split()));
    }
    Ok(finished)
}

/// Data that the phases of one run share.
struct Run<'a> {
    arguments: &'a Arguments,
    servers: PrivateServers,
    hubnet: PathBuf,
}

impl Run<'_> {
    fn embedded(&self) -> Result<String> {
        let mut command = self.cargo_test("embedded", &[]);
        command.args(&self.arguments.filter).args(["--skip", SPLIT_PREFIX]);
        self.count(&mut command)
    }

    fn distributed(&self) -> Result<String> {
        let mut command = self.cargo_test("distributed", &["--test", "it"]);
        command.args(&self.arguments.filter).args(["--skip", SPLIT_PREFIX]);
        self.count(give(&mut command, &self.servers))
    }

    fn split(&self) -> Result<String> {
        let mut command = self.cargo_test("split", &["--test", "it"]);
        command.args(self.split_tests()).env(ROUTER_VARIABLE, router::ensure_built()?);
        self.count(give(&mut command, &self.servers))
    }

    /// Returns the tests of the split shape: all, or those that match the filter.
    fn split_tests(&self) -> Vec<&str> {
        let named = self.arguments.filter.iter().map(String::as_str);
        let named: Vec<_> = named.filter(|word| word.starts_with(SPLIT_PREFIX)).collect();
        if named.is_empty() { vec![SPLIT_PREFIX] } else { named }
    }

    /// Builds the test command for the whole workspace, for the reason that [`workspace::build_hubnet`] gives.
    fn cargo_test(&self, shape: &str, targets: &[&str]) -> Command {
        let test = ["test", "--workspace", "--no-fail-fast"];
        let measured = slowest::MEASURED.map_or(Vec::new(), |setting| vec!["--config", setting]);
        let mut command = workspace::cargo(&[&measured[..], &test, targets, &["--"]].concat());
        command.env(SHAPE_VARIABLE, shape).env(BINARY_VARIABLE, &self.hubnet);
        if self.arguments.long {
            command.env(LONG_VARIABLE, "1").env("PROPTEST_CASES", LONG_PROPERTY_CASES);
        }
        command
    }

    /// Runs the tests with visible output; returns how many passed.
    fn count(&self, command: &mut Command) -> Result<String> {
        let (mut counts, mut slowest) = (Counts::default(), Slowest::default());
        let patience = if self.arguments.long { LONG_PATIENCE } else { PATIENCE };
        let status = watched::run(command, patience, |line| {
            let line = slowest.take(line);
            println!("{line}");
            counts.add(line);
        })?;
        print!("{}", slowest.table());
        if !status.success() {
            bail!("{} passed, {} failed ({status})", counts.passed, counts.failed);
        }
        if counts.passed == 0 && self.arguments.filter.is_empty() {
            bail!("no test ran");
        }
        Ok(format!("{} passed", counts.passed))
    }
}

fn give<'a>(command: &'a mut Command, servers: &PrivateServers) -> &'a mut Command {
    command
        .env(DATABASE_URL_VARIABLE, servers.postgres().owner_url("postgres"))
        .env(REDIS_URL_VARIABLE, servers.redis().url())
        .env(AMQP_URL_VARIABLE, servers.rabbitmq().url())
}

/// The sums of cargo's `test result:` lines.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    passed: u32,
    failed: u32,
}

impl Counts {
    fn add(&mut self, line: &str) {
        let Some(result) = line.strip_prefix("test result: ") else { return };
        let count = |what: &str| {
            let before = result.split(what).next()?;
            before.trim_end().rsplit(' ').next()?.parse::<u32>().ok()
        };
        self.passed += count("passed").unwrap_or(0);
        self.failed += count("failed").unwrap_or(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counts_of_several_binaries_are_added() {
        let mut counts = Counts::default();
        counts.add("running 3 tests");
        counts.add("test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 1 filtered out");
        counts.add("test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out");
        assert_eq!(counts, Counts { passed: 15, failed: 2 });
    }
}
