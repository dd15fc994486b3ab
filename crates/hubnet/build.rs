//! Sets `HUBNET_COMMIT` to the commit of the build. Always true: without git, or in a copy without history, the build
//! succeeds with `unknown`; the environment may name the commit instead.

use std::{env, path::Path, process::Command};

fn main() {
    println!("cargo:rerun-if-env-changed=HUBNET_COMMIT");
    // Git writes these with every commit and every switch of branches. A missing path would cause a rebuild each time.
    for name in ["HEAD", "logs/HEAD"] {
        if let Some(path) = git(&["rev-parse", "--git-path", name])
            && Path::new(&path).exists()
        {
            println!("cargo:rerun-if-changed={path}");
        }
    }
    let commit = env::var("HUBNET_COMMIT").ok().filter(|named| !named.is_empty());
    let commit = commit.or_else(|| git(&["rev-parse", "--short=12", "HEAD"]));
    println!("cargo:rustc-env=HUBNET_COMMIT={}", commit.as_deref().unwrap_or("unknown"));
}

/// The first line of git's output, if git succeeds.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let answer = String::from_utf8(output.stdout).ok()?;
    let line = answer.lines().next()?.trim().to_owned();
    (output.status.success() && !line.is_empty()).then_some(line)
}
