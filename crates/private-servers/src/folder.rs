//! Private folders, and who still lives in them.
//!
//! Every server has the folder (or a folder inside it) as its working folder, so "is anything of
//! it left?" is answered by the kernel and not by process names.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::account::Account;
use crate::error::{Doing as _, Result};
use crate::guard;

/// A temporary folder that is gone when this is dropped, or when we end without dropping it.
#[derive(Debug)]
pub struct PrivateFolder {
    folder: TempDir,
}

impl PrivateFolder {
    /// Creates the folder of a server, or of something else, of this name.
    pub fn new(name: &str) -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix(&format!("hubnet-{name}-"))
            .tempdir()
            .doing(|| format!("create a temporary folder for {name}"))?;
        guard::remove_at_end(folder.path())?;
        Ok(Self { folder })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Creates a room that only the server's account can enter.
    pub(crate) fn room(&self, name: &str, account: &Account) -> Result<PathBuf> {
        // That account must be able to pass through to its room, and need not see anything else.
        fs::set_permissions(self.path(), Permissions::from_mode(0o711))
            .doing(|| format!("open {}", self.path().display()))?;
        let room = self.path().join(name);
        account.create_folder(&room)?;
        Ok(room)
    }
}

/// The processes whose working folder is `folder` or lies in it, even if it has been removed.
pub fn processes_in(folder: &Path) -> Vec<u32> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|id| fs::read_link(format!("/proc/{id}/cwd")).is_ok_and(|place| place.starts_with(folder)))
        .collect()
}
