//! A file that only its owner may read.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// A key file cannot be read or made.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file or its folder cannot be read or made.
    #[error("the key {path} cannot be read or made")]
    File {
        /// The path.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// Other users may read the file.
    #[error("{0} can be read by others than its owner: chmod 600 it")]
    Exposed(PathBuf),
    /// The file does not contain a key.
    #[error("{0} is not a key: it should be {1}")]
    NotAKey(PathBuf, &'static str),
    /// The machine cannot make keys.
    #[error("a key could not be made")]
    Unmade,
}

/// Reads a file that only its owner may read.
///
/// # Errors
/// See [`KeyFileError`].
pub fn read_private(path: &Path) -> Result<Vec<u8>, KeyFileError> {
    let file = |source| KeyFileError::File { path: path.to_owned(), source };
    if is_exposed(&fs::metadata(path).map_err(file)?) {
        return Err(KeyFileError::Exposed(path.to_owned()));
    }
    fs::read(path).map_err(file)
}

/// Makes a new file, readable by its owner alone; an existing file is kept.
///
/// # Errors
/// See [`KeyFileError`].
pub fn make_private(path: &Path, bytes: &[u8]) -> Result<(), KeyFileError> {
    match write_private(path, bytes) {
        // Another process of this installation was faster: its key is the key.
        Err(other) if other.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made.map_err(|source| KeyFileError::File { path: path.to_owned(), source }),
    }
}

fn is_exposed(file: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.permissions().mode() & 0o077 != 0
}

/// Makes a new file atomically.
fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::{io::Write, os::unix::fs::OpenOptionsExt};
    let partial = path.with_extension(format!("partial-{}", std::process::id()));
    let mut file =
        fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&partial)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    let linked = fs::hard_link(&partial, path);
    fs::remove_file(&partial)?;
    linked
}
