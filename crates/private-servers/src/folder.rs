//! Private folders, and the processes that use them.
//!
//! Every server has the folder (or a folder inside it) as its working folder, so the kernel knows whether a process
//! of it is left; process names do not matter.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::account::Account;
use crate::error::{Doing as _, Result};
use crate::guard;

/// A temporary folder that is removed when this is dropped, or when this process ends without dropping it.
#[derive(Debug)]
pub struct PrivateFolder {
    folder: TempDir,
}

impl PrivateFolder {
    /// Creates a folder, named after a server or another purpose.
    pub fn new(name: &str) -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix(&format!("hubnet-{name}-"))
            .tempdir()
            .doing(|| format!("create a temporary folder for {name}"))?;
        guard::remove_at_end(folder.path())?;
        Ok(Self { folder })
    }

    /// Returns its path.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Creates a subfolder that only the server's account can enter.
    pub(crate) fn subfolder(&self, name: &str, account: &Account) -> Result<PathBuf> {
        // That account must be able to pass through to its subfolder, and need not read anything else.
        fs::set_permissions(self.path(), Permissions::from_mode(0o711))
            .doing(|| format!("open {}", self.path().display()))?;
        let subfolder = self.path().join(name);
        account.create_folder(&subfolder)?;
        Ok(subfolder)
    }
}

/// Returns the processes whose working folder is `folder` or lies in it, even if it was removed.
pub fn processes_in(folder: &Path) -> Vec<u32> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|id| fs::read_link(format!("/proc/{id}/cwd")).is_ok_and(|place| place.starts_with(folder)))
        .collect()
}
