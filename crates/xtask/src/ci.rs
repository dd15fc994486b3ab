//! `cargo xtask ci`: every check that must pass before a change lands.

use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::fuzz;
use crate::schema;
use crate::step::{self, Finished};
use crate::test;
use crate::tools::{CARGO_DENY, CARGO_MACHETE, Tool};
use crate::words;
use crate::workspace;

/// Formatting, plain words, lints, licences, unused dependencies, one crypto library, fuzz targets, schema, all tests.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Leave the tests to a `cargo xtask test --split` of their own.
    #[arg(long)]
    pub(crate) without_tests: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let mut finished = checks();
    if !arguments.without_tests {
        let everything = test::Arguments { split: true, ..test::Arguments::default() };
        finished.extend(test::phases(&everything)?);
    }
    step::summary(&finished)
}

fn checks() -> Vec<Finished> {
    let format = ["fmt", "--all", "--check"];
    let clippy = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
    vec![
        step::timed("formatting", || without_note(step::run(&mut workspace::cargo(&format)))),
        step::timed("plain words", words::note),
        step::timed("clippy", || without_note(step::run(&mut workspace::cargo(&clippy)))),
        step::timed("licences, bans, sources", || without_note(permitted_dependencies())),
        step::timed("advisories", advisories),
        step::timed("unused dependencies", || without_note(step::run(&mut tool(&CARGO_MACHETE)?))),
        step::timed("one crypto library", || without_note(one_crypto_library())),
        step::timed("fuzz targets", || without_note(fuzz::check())),
        step::timed("schema", || without_note(schema::run(&schema::Arguments { check: true }))),
    ]
}

fn without_note(outcome: Result<()>) -> Result<String> {
    outcome.map(|()| String::new())
}

fn tool(tool: &Tool) -> Result<Command> {
    let mut command = Command::new(tool.ensure()?);
    command.current_dir(workspace::root());
    Ok(command)
}

fn permitted_dependencies() -> Result<()> {
    let check = ["check", "--hide-inclusion-graph", "licenses", "bans", "sources"];
    step::run(tool(&CARGO_DENY)?.args(check))
}

/// Checks for known vulnerabilities. Their list is on the network: if it cannot be reached, the summary says that
/// nothing was checked, because no change to this code could fix that.
fn advisories() -> Result<String> {
    if step::run(tool(&CARGO_DENY)?.args(["fetch", "db"])).is_err() {
        return Ok("NOT CHECKED: the list of advisories cannot be fetched".to_owned());
    }
    without_note(step::run(tool(&CARGO_DENY)?.args(["check", "advisories"])))
}

/// Checks that aws-lc-rs is the only crypto library of the tree. The lock file also names ring, as an option that
/// nothing enables, so the check reads the resolved tree.
fn one_crypto_library() -> Result<()> {
    let ask = ["tree", "--workspace", "--edges", "normal", "--prefix", "none", "--format", "{p}"];
    let tree = step::output_of(&mut workspace::cargo(&ask)).context("cannot resolve the dependencies")?;
    if tree.lines().any(|package| package.starts_with("ring v")) {
        bail!("ring is in the tree: find out why with `cargo tree --workspace -e normal -i ring`");
    }
    Ok(())
}
