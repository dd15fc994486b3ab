//! `cargo xtask docs`: the picture of the crates in docs/ARCHITECTURE.md, made from `cargo metadata`.
//!
//! Always true: an arrow means "depends on"; a dependency that follows from two other arrows is left out.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::{step, workspace};

const DOCUMENT: &str = "docs/ARCHITECTURE.md";
const BEGIN: &str = "<!-- crates: written by `cargo xtask docs` -->\n";
const END: &str = "<!-- end of crates -->";
/// Crates that no part of the program depends on.
const TOOLS: [&str; 8] =
    ["demo-data", "hubnet", "it", "load", "private-servers", "testkit", "tests", "xtask"];

/// The crates that each crate depends on.
type Crates = BTreeMap<String, BTreeSet<String>>;

/// Draws the crates and their dependencies in docs/ARCHITECTURE.md.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Write nothing: fail if the committed picture differs from the drawn one.
    #[arg(long)]
    pub(crate) check: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let file = workspace::file(DOCUMENT);
    let text = fs::read_to_string(&file).with_context(|| format!("cannot read {DOCUMENT}"))?;
    let (before, rest) = text.split_once(BEGIN).with_context(|| format!("{DOCUMENT} has no line {BEGIN}"))?;
    let (_, after) = rest.split_once(END).with_context(|| format!("{DOCUMENT} has no line {END}"))?;
    let drawn = format!("{before}{BEGIN}{}{END}{after}", picture(&without_shortcuts(&crates()?)));
    if arguments.check {
        if drawn == text {
            return Ok(());
        }
        bail!("the picture of the crates in {DOCUMENT} is out of date: run `cargo xtask docs`");
    }
    fs::write(&file, drawn).with_context(|| format!("cannot write {DOCUMENT}"))?;
    println!("{} written", file.display());
    Ok(())
}

/// Reads the crates of the workspace that the program consists of.
fn crates() -> Result<Crates> {
    let ask = ["metadata", "--no-deps", "--format-version", "1"];
    let metadata: Value = serde_json::from_str(&step::output_of(&mut workspace::cargo(&ask))?)?;
    let packages = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    let names: BTreeSet<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    let is_part = |name: &str| names.contains(name) && !TOOLS.contains(&name);
    let dependencies = |package: &Value| {
        let all = package["dependencies"].as_array().into_iter().flatten();
        // Only tests and build scripts have a kind.
        let of_program = all.filter(|dependency| dependency["kind"].is_null());
        let named = of_program.filter_map(|dependency| dependency["name"].as_str());
        named.filter(|name| is_part(name)).map(str::to_owned).collect()
    };
    let part = |package: &Value| Some((package["name"].as_str()?.to_owned(), dependencies(package)));
    Ok(packages.iter().filter_map(part).filter(|(name, _)| is_part(name)).collect())
}

/// Leaves out dependencies that others imply.
fn without_shortcuts(crates: &Crates) -> Crates {
    let direct = |name: &String| {
        let all = &crates[name];
        let implied = |one: &&String| all.iter().any(|other| other != *one && reaches(crates, other, one));
        all.iter().filter(|one| !implied(one)).cloned().collect()
    };
    crates.keys().map(|name| (name.clone(), direct(name))).collect()
}

fn reaches(crates: &Crates, from: &str, to: &str) -> bool {
    crates
        .get(from)
        .is_some_and(|direct| direct.contains(to) || direct.iter().any(|next| reaches(crates, next, to)))
}

fn picture(crates: &Crates) -> String {
    let mut text = "\n```mermaid\nflowchart TD\n".to_owned();
    for (name, dependencies) in crates {
        for dependency in dependencies {
            // Writing to a string cannot fail.
            let _written = writeln!(text, "    {name} --> {dependency}");
        }
    }
    text.push_str("```\n\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_of_the_crates_is_current() {
        run(&Arguments { check: true }).expect("current");
    }

    #[test]
    fn a_dependency_that_others_imply_is_left_out() {
        let of = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        let crates = Crates::from([
            ("app".to_owned(), of(&["service", "kernel"])),
            ("kernel".to_owned(), of(&[])),
            ("service".to_owned(), of(&["kernel"])),
        ]);
        let drawn = picture(&without_shortcuts(&crates));
        assert_eq!(drawn, "\n```mermaid\nflowchart TD\n    app --> service\n    service --> kernel\n```\n\n");
    }
}
