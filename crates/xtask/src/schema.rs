//! `cargo xtask schema`: generates the contract with clients from the code and checks that its two forms are equal.
//!
//! `schema.graphql` is the schema of one process, `deploy/router/supergraph.graphql` that of the router. A client
//! must see no difference, so the public part of the supergraph must be the same schema; only the order of
//! definitions may differ.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use private_servers::{hubnet_command, packages};
use tempfile::TempDir;

use crate::step;
use crate::workspace::{self, SERVICES};

const COMPOSER: &str = "deploy/router/compose.mjs";
const COMPOSER_PACKAGE: &str = "deploy/router/package.json";

/// A generated file of the repository and its name in the working folder.
const GENERATED: [(&str, &str); 2] =
    [("schema.graphql", "embedded.graphql"), ("deploy/router/supergraph.graphql", "supergraph.graphql")];

/// Writes schema.graphql and the supergraph, and checks that clients see the same in both.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Write nothing: fail, with the difference, if a committed file differs from the generated one.
    #[arg(long)]
    pub(crate) check: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let folder = tempfile::tempdir().context("cannot create a temporary folder")?;
    export(folder.path())?;
    compose(&folder)?;
    same(
        "the embedded schema and the public part of the supergraph differ",
        &folder.path().join("embedded.sorted.graphql"),
        &folder.path().join("public.sorted.graphql"),
    )?;
    for (committed, generated) in GENERATED {
        let (committed, generated) = (workspace::file(committed), folder.path().join(generated));
        if arguments.check {
            let complaint = format!("{} is out of date: run `cargo xtask schema`", committed.display());
            same(&complaint, &committed, &generated)?;
        } else {
            fs::copy(&generated, &committed)
                .with_context(|| format!("cannot write {}", committed.display()))?;
            println!("{} written", committed.display());
        }
    }
    Ok(())
}

/// Exports the schema of each shape from `hubnet`.
fn export(folder: &Path) -> Result<()> {
    let hubnet = workspace::build_hubnet()?;
    let ask = |service: &[&str], name: &str| -> Result<()> {
        let sdl = step::output_of(hubnet_command(&hubnet).arg("schema").args(service))?;
        fs::write(folder.join(format!("{name}.graphql")), sdl)
            .with_context(|| format!("cannot write the schema of {name}"))
    };
    ask(&[], "embedded")?;
    SERVICES.iter().try_for_each(|service| ask(&["--service", service.name], service.name))
}

fn compose(folder: &TempDir) -> Result<()> {
    let script = install_composer()?;
    let mut command = Command::new("node");
    command.arg(&script).arg(folder.path());
    command.args(SERVICES.map(|it| format!("{}=http://127.0.0.1:{}/graphql", it.name, it.port)));
    step::run(&mut command).context("the services' schemas do not compose; the reasons stand above")
}

/// Installs the composer. Node finds packages beside the script, so the script is copied to where they are installed.
fn install_composer() -> Result<PathBuf> {
    let wanted = fs::read_to_string(workspace::file(COMPOSER_PACKAGE)).context("cannot read package.json")?;
    let place = packages::ensure_npm("supergraph-composer", &wanted)?;
    let script = place.join("compose.mjs");
    fs::copy(workspace::file(COMPOSER), &script).context("cannot copy compose.mjs")?;
    Ok(script)
}

/// Fails with the message and a diff if two files differ.
fn same(complaint: &str, left: &Path, right: &Path) -> Result<()> {
    if fs::read(left).ok() == fs::read(right).ok() {
        return Ok(());
    }
    let diff = Command::new("diff").args(["--unified", "--new-file"]).arg(left).arg(right).status();
    diff.context("cannot start diff")?;
    bail!("{complaint}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_differ_are_reported_with_the_complaint() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let (left, right) = (folder.path().join("left"), folder.path().join("right"));
        fs::write(&left, "type Query\n")?;
        fs::write(&right, "type Query\n")?;
        same("they differ", &left, &right)?;
        fs::write(&right, "type Mutation\n")?;
        let error = same("they differ", &left, &right).expect_err("they do");
        assert_eq!(error.to_string(), "they differ");
        Ok(())
    }
}
