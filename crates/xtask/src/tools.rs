//! Checkers written in Rust, built once per machine into the cache at a fixed version.

use std::path::PathBuf;

use anyhow::Result;
use private_servers::cache;

use crate::step;
use crate::workspace;

/// A checker and its version.
pub(crate) struct Tool {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
}

/// Licences, advisories, duplicates, banned crates: `deny.toml`.
pub(crate) const CARGO_DENY: Tool = Tool { name: "cargo-deny", version: "0.20.2" };
/// Dependencies that nothing uses.
pub(crate) const CARGO_MACHETE: Tool = Tool { name: "cargo-machete", version: "0.9.2" };

impl Tool {
    /// Returns the binary, and installs it if it is missing. A debug build is fast to make and fast enough.
    pub(crate) fn ensure(&self) -> Result<PathBuf> {
        let root = cache::folder(&format!("{}-{}", self.name, self.version))?;
        let binary = root.join("bin").join(self.name);
        if !binary.is_file() {
            step::announce(&format!("installing {} {} into the cache (once)", self.name, self.version));
            let arguments =
                ["install", self.name, "--version", self.version, "--locked", "--debug", "--root"];
            step::run(workspace::cargo(&arguments).arg(&root).env("CARGO_PROFILE_DEV_DEBUG", "none"))?;
        }
        Ok(binary)
    }
}
