//! Notes the commit the program is built from, as `HUBNET_COMMIT`. Always true: without git, or in a copy without its
//! history, the build succeeds and says `unknown`; whoever builds there may name the commit in the environment.

use std::{env, path::Path, process::Command};

fn main() {
    println!("cargo:rerun-if-env-changed=HUBNET_COMMIT");
    // What git writes with every commit and every switch of branches. A path that is missing would build anew each time.
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

/// The first line git answers, if it does.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let answer = String::from_utf8(output.stdout).ok()?;
    let line = answer.lines().next()?.trim().to_owned();
    (output.status.success() && !line.is_empty()).then_some(line)
}
