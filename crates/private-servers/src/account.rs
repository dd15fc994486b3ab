//! The unprivileged account under which a server runs.
//!
//! PostgreSQL refuses to run as root, and the others should not either. Root steps down to the account of the
//! server's package (or `nobody`); any other user keeps their own account.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::Path;
use std::process::Command;

use crate::error::{Doing as _, Error, Result};

/// The program search path: servers get this and not the caller's environment.
pub(crate) const SEARCH_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// An account to run a server under.
#[derive(Debug, Clone)]
pub(crate) enum Account {
    /// The caller is not root: the server runs as the caller.
    Ourselves,
    /// The caller is root: the server runs as this account.
    Other { name: String, user: u32, group: u32 },
}

impl Account {
    /// Returns the account for a server whose package created the account `name`.
    pub(crate) fn for_server(name: &str) -> Result<Self> {
        if !we_are_root() {
            return Ok(Self::Ourselves);
        }
        let accounts = fs::read_to_string("/etc/passwd").doing(|| "read /etc/passwd".to_owned())?;
        find(&accounts, name).or_else(|| find(&accounts, "nobody")).ok_or_else(|| Error::Missing {
            programs: format!("an account to run {name} under"),
            remedy: format!("As root, create it: useradd --system {name}"),
        })
    }

    /// Returns a command that runs `program` under this account, in a clean environment.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = match self {
            Self::Ourselves => Command::new(program),
            Self::Other { user, group, .. } => {
                let mut command = Command::new("setpriv");
                command
                    .arg(format!("--reuid={user}"))
                    .arg(format!("--regid={group}"))
                    .args(["--init-groups", "--"])
                    .arg(program);
                command
            }
        };
        command.env_clear().env("PATH", SEARCH_PATH).env("LANG", "C.UTF-8");
        command
    }

    /// Creates a folder that only this account can enter.
    pub(crate) fn create_folder(&self, folder: &Path) -> Result<()> {
        DirBuilder::new().mode(0o700).create(folder).doing(|| format!("create {}", folder.display()))?;
        self.own(folder)
    }

    /// Writes a file that belongs to this account.
    pub(crate) fn write_file(&self, file: &Path, content: &str) -> Result<()> {
        fs::write(file, content).doing(|| format!("write {}", file.display()))?;
        self.own(file)
    }

    fn own(&self, path: &Path) -> Result<()> {
        match self {
            Self::Ourselves => Ok(()),
            Self::Other { name, user, group } => std::os::unix::fs::chown(path, Some(*user), Some(*group))
                .doing(|| format!("give {} to {name}", path.display())),
        }
    }
}

/// Returns whether this process is root, and so may step down to other accounts and install packages.
pub(crate) fn we_are_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|ourselves| ourselves.uid() == 0)
}

fn find(accounts: &str, name: &str) -> Option<Account> {
    let line = accounts.lines().find(|line| line.split(':').next() == Some(name))?;
    let mut numbers = line.split(':').skip(2).map(str::parse);
    let (user, group) = (numbers.next()?.ok()?, numbers.next()?.ok()?);
    Some(Account::Other { name: name.to_owned(), user, group })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_found_by_its_exact_name() {
        let accounts = "root:x:0:0::/root:/bin/sh\nredis-old:x:7:8::/:/bin/sh\nredis:x:103:106::/:/bin/sh\n";
        let Some(Account::Other { user, group, .. }) = find(accounts, "redis") else {
            panic!("redis is in the list");
        };
        assert_eq!((user, group), (103, 106));
        assert!(find(accounts, "postgres").is_none());
    }
}
