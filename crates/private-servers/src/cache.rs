//! The cache folder: tools that are built once per machine and not once per checkout.
//!
//! It may be deleted at any time; the next chore that needs something from it creates it again.

use std::env;
use std::fs;
use std::path::PathBuf;

use crate::error::{Doing as _, Error, Result};

/// Names the cache folder, instead of the user's cache folder.
pub const CACHE_VARIABLE: &str = "HUBNET_CACHE_DIR";

/// Returns a folder in the cache, created if needed: `$HUBNET_CACHE_DIR`, else `$XDG_CACHE_HOME/hubnet`, else
/// `~/.cache/hubnet`, then `name`.
pub fn folder(name: &str) -> Result<PathBuf> {
    let folder = root()?.join(name);
    fs::create_dir_all(&folder).doing(|| format!("create {}", folder.display()))?;
    Ok(folder)
}

fn root() -> Result<PathBuf> {
    let set = |variable| env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from);
    set(CACHE_VARIABLE)
        .or_else(|| set("XDG_CACHE_HOME").map(|cache| cache.join("hubnet")))
        .or_else(|| set("HOME").map(|home| home.join(".cache/hubnet")))
        .ok_or_else(|| Error::Missing {
            programs: "a place for built tools".to_owned(),
            remedy: format!("Set {CACHE_VARIABLE} to a folder that may be written."),
        })
}
