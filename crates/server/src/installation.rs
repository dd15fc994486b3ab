//! The place of an installation. Always true: a command that works on an installation creates none, so in a wrong
//! folder nothing is created and the error names the place it looked in.

use std::path::{Path, PathBuf};

use crate::{Config, Exit, ExitCode};

const SQLITE: &str = "sqlite://";

/// The build of this program, for `--version` and the metrics.
#[derive(Debug, Clone, Copy)]
pub struct Build {
    /// The version, such as `0.1.0`.
    pub version: &'static str,
    /// The short hash of the commit, or `unknown`.
    pub commit: &'static str,
}

/// The database a command works on: an absolute path, or PostgreSQL's host and database without user and password.
pub fn place(config: &Config) -> String {
    file(config).map_or_else(|| server(config), |file| file.display().to_string())
}

/// Refuses if there is no installation; with `needs_keys` also if the database is PostgreSQL and the folder holds no
/// signing keys for it.
///
/// # Errors
/// `NO_INPUT` (66): there is no database, or no signing keys; the message names the place.
pub fn require(config: &Config, needs_keys: bool) -> Result<(), Exit> {
    let missing = |what: &str, path: &Path| {
        let message = format!(
            "no {what} at {}: nothing was created. Work in the installation's folder, name its configuration \
             (--config FILE), or make a new installation here with `hubnet` or `hubnet migrate`.",
            path.display()
        );
        Err(Exit::new(ExitCode::NoInput, message))
    };
    match file(config) {
        Some(file) if !file.exists() => missing("hubnet database", &file),
        Some(_) => Ok(()),
        None if !needs_keys => Ok(()),
        None => {
            let keys = absolute(&config.key_folder());
            if keys.exists() { Ok(()) } else { missing("signing keys", &keys) }
        }
    }
}

/// The file of an embedded database.
fn file(config: &Config) -> Option<PathBuf> {
    if !config.is_embedded() {
        return None;
    }
    let url = config.database_url("");
    let path = url.strip_prefix(SQLITE).unwrap_or(&url);
    let path = path.split_once('?').map_or(path, |(path, _options)| path);
    Some(absolute(Path::new(path)))
}

fn server(config: &Config) -> String {
    let url = config.database_url("{service}");
    // The last @ ends the credentials; the part after ? may contain some, too.
    let place =
        url.rsplit_once('@').map_or_else(|| url.split("://").last().unwrap_or_default(), |(_, place)| place);
    let place = place.split_once('?').map_or(place, |(place, _options)| place);
    format!("PostgreSQL at {place}")
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_nowhere| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_embedded_installation_is_an_absolute_path() {
        let config = Config { data_dir: "var".into(), ..Config::default() };
        let here = std::env::current_dir().expect("a folder");
        assert_eq!(place(&config), here.join("var/hubnet.db").display().to_string());
    }

    #[test]
    fn a_server_is_named_without_its_credentials() {
        let mut config = Config::default();
        config.database.url = Some("postgres://{service}:p%40ss@db.example:5432/hubnet?sslpassword=x".into());
        assert_eq!(place(&config), "PostgreSQL at db.example:5432/hubnet");
    }
}
