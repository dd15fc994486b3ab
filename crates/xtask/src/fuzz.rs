//! `cargo xtask fuzz`: libFuzzer on parsers of untrusted bytes, one after another, each for a given time.
//!
//! It needs only this toolchain and a C++ compiler: the coverage that guides libFuzzer is the compiler's own, and the
//! sanitizers of a nightly toolchain look for faults that code without `unsafe` cannot have.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::step::{self, Finished};
use crate::workspace;

/// The targets of `tests/fuzz`.
const TARGETS: [&str; 5] = ["token", "query_budget", "device_message", "money", "time"];
const MANIFEST: &str = "tests/fuzz/Cargo.toml";
/// Instruments branches and comparisons for libFuzzer.
const COVERAGE: &str = "--cfg fuzzing -Cdebug-assertions -Ccodegen-units=1 -Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares";
/// An input that takes longer is a finding.
const SLOWEST_SECONDS: u64 = 5;
const MOST_MEBIBYTES: u64 = 2048;

/// Runs libFuzzer on parsers of untrusted bytes. Its corpus stays in target/fuzz/corpus; an input that breaks an
/// invariant is kept in target/fuzz/found, and the chore fails.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// For how long each.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Only these.
    #[arg(value_parser = TARGETS)]
    targets: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let binaries = build()?;
    let is_named =
        |target: &&str| arguments.targets.is_empty() || arguments.targets.iter().any(|it| it == *target);
    let point = |target| step::timed(target, || fuzz(&binaries.join(target), target, arguments.seconds));
    let finished: Vec<Finished> = TARGETS.into_iter().filter(is_named).map(point).collect();
    step::summary(&finished)
}

/// Checks that the targets compile and that their lock file is up to date. It uses the workspace's build folder,
/// where the shared dependencies are built already.
pub(crate) fn check() -> Result<()> {
    step::run(&mut workspace::cargo(&[
        "check",
        "--locked",
        "--manifest-path",
        MANIFEST,
        "--target-dir",
        "target",
    ]))
}

/// Builds the targets; returns their folder. The host is named by its triple, so that build scripts do not get its
/// flags.
fn build() -> Result<PathBuf> {
    let printed = step::output_of(&mut workspace::cargo(&["--version", "--verbose"]))?;
    let host = printed.lines().find_map(|line| line.strip_prefix("host: ")).context("cargo names no host")?;
    let folder = workspace::file("target/fuzz");
    let mut build = workspace::cargo(&["build", "--release", "--locked", "--manifest-path", MANIFEST]);
    build.args(["--target", host]).arg("--target-dir").arg(&folder);
    build.env("RUSTFLAGS", COVERAGE).env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1");
    step::run(&mut build)?;
    Ok(folder.join(host).join("release"))
}

fn fuzz(binary: &Path, target: &str, seconds: u64) -> Result<String> {
    let (corpus, found) =
        (workspace::file("target/fuzz/corpus").join(target), workspace::file("target/fuzz/found"));
    for folder in [&corpus, &found] {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }
    let mut fuzzer = std::process::Command::new(binary);
    fuzzer.arg(&corpus).arg(workspace::file("tests/fuzz/seeds").join(target));
    fuzzer.arg(format!("-max_total_time={seconds}")).arg(format!("-timeout={SLOWEST_SECONDS}"));
    fuzzer.arg(format!("-rss_limit_mb={MOST_MEBIBYTES}")).arg("-print_final_stats=1");
    fuzzer.arg(format!("-artifact_prefix={}/{target}-", found.display()));
    step::run(&mut fuzzer)?;
    let inputs = fs::read_dir(&corpus).context("the corpus is there")?.count();
    Ok(format!("{inputs} inputs reach something of their own"))
}
