//! Locations: the root of the repository, cargo, and the binaries it builds.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::step;

/// A service of the split shape and the port the supergraph names for it.
pub(crate) struct Service {
    pub(crate) name: &'static str,
    pub(crate) port: u16,
}

/// The five services; the ports are the defaults that `deploy/router/supergraph.graphql` carries.
pub(crate) const SERVICES: [Service; 5] = [
    Service { name: "membership", port: 4101 },
    Service { name: "roaming", port: 4102 },
    Service { name: "events", port: 4103 },
    Service { name: "monitoring", port: 4104 },
    Service { name: "identity", port: 4105 },
];

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    let this_crate = Path::new(env!("CARGO_MANIFEST_DIR"));
    this_crate.ancestors().nth(2).unwrap_or(this_crate)
}

/// A file of the repository.
pub(crate) fn file(path: &str) -> PathBuf {
    root().join(path)
}

/// Returns a command of the cargo that runs this process, at the root of the repository.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root());
    command
}

/// Builds `hubnet` and returns its path: beside this binary, since one build folder serves all.
///
/// It is built as part of the whole workspace, like the tests: a single package would enable other features of our
/// dependencies and build many of them a second time.
pub(crate) fn build_hubnet() -> Result<PathBuf> {
    step::announce("building hubnet");
    step::run(&mut cargo(&["build", "--quiet", "--workspace", "--bin", "hubnet"]))?;
    Ok(env::current_exe().context("this program has a path")?.with_file_name("hubnet"))
}

/// The binaries of the benchmark, optimised.
pub(crate) struct Release {
    pub(crate) hubnet: PathBuf,
    pub(crate) load: PathBuf,
}

/// Builds `hubnet` and the load driver with optimisation.
pub(crate) fn build_release() -> Result<Release> {
    step::run(&mut cargo(&["build", "--release", "--package", "hubnet", "--package", "load"]))?;
    let debug = env::current_exe().context("this program has a path")?;
    let folder = debug.ancestors().nth(2).context("this program lies in a build folder")?.join("release");
    Ok(Release { hubnet: folder.join("hubnet"), load: folder.join("load") })
}
