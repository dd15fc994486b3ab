//! An installation of hubnet as its owner has it: the real binary, a folder, a database, settings in the environment.
//!
//! Always true: nothing of the caller's shell leaks in, and the folder is removed with the value. The binary is the
//! one in `HUBNET_BIN`, else the debug build of this checkout.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use private_servers::{Launch, PrivateServers, Setting, hubnet_command};
use tempfile::TempDir;

/// The network of these tests: it clears in euro, the home hub keeps 5 %, the network 2 %.
pub(crate) const NETWORK: &str = r#"[network]
slug = "central"
name = "Central Europe"
clearing_currency = "EUR"
time_zone = "Europe/Warsaw"
home_commission_bp = 500
network_commission_bp = 200
"#;

/// The Czech hub of these tests: never closes, takes 60 Kč an hour from guests, counts by the quarter.
pub(crate) const HUMPOLEC: &str = r#"network = "central"
[hub]
slug = "humpolec"
name = "Chytré centrum Humpolec"
legal_name = "Centrum, z. ú."
tax_number = "CZ11111119"
kind = "coworking"
language = "cs"
time_zone = "Europe/Prague"
currency = "CZK"
opening_hours = "24/7"
catchment_population = 11000
capacity = 80
address = { street = "Horní náměstí 12", city = "Humpolec", postal_code = "396 01", country = "CZ" }
position = { latitude = "49.5415", longitude = "15.3593" }
[[spaces]]
code = "open-space"
name = "Sdílená pracovna"
kind = "open_space"
capacity = 20
[[spaces.resources]]
code = "desk-01"
name = "Stůl u okna"
kind = "desk"
[[plans]]
code = "resident"
name = "Rezident"
monthly_fee = "1500.00"
included_minutes = 6000
roaming = true
[guest_tariff]
name = "Host sítě"
price_per_hour = "60.00"
billing_step_seconds = 900
valid_from = "2026-01-01T00:00:00Z"
[[devices]]
code = "reception"
kind = "reader"
"#;

/// The Polish hub of these tests, written in YAML: never closes, takes 12 zł an hour from guests.
pub(crate) const PIASECZNO: &str = r#"network: central
hub:
  slug: piaseczno
  name: PiasecznoHUB
  legal_name: Gmina Piaseczno
  tax_number: PL1231231234
  kind: community
  language: pl
  time_zone: Europe/Warsaw
  currency: PLN
  opening_hours: 24/7
  catchment_population: 46000
  capacity: 50
  address: { street: Puławska 1, city: Piaseczno, postal_code: 05-500, country: PL }
  position: { latitude: "52.0815", longitude: "21.0240" }
spaces:
  - { code: cafe, name: Kawiarnia, kind: cafe, capacity: 12 }
plans:
  - { code: resident, name: Mieszkaniec, monthly_fee: "0.00", included_minutes: 6000, roaming: true }
guest_tariff:
  name: Gość sieci
  price_per_hour: "12.00"
  billing_step_seconds: 900
  valid_from: 2026-01-01T00:00:00Z
devices:
  - { code: reception, kind: reader }
"#;

/// Returns the binary under test.
///
/// # Panics
/// If it is not built.
pub(crate) fn binary() -> PathBuf {
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/debug/hubnet");
    let binary = env::var_os("HUBNET_BIN").map_or(built, PathBuf::from);
    assert!(binary.is_file(), "{} is missing: build it with `cargo build --workspace`", binary.display());
    binary
}

/// The output of a command, and its exit code.
#[derive(Debug)]
pub(crate) struct Ended {
    /// The exit code; 101 would be a panic.
    pub(crate) code: Option<i32>,
    /// Standard output.
    pub(crate) printed: String,
    /// Standard error.
    pub(crate) complained: String,
}

/// A folder with its settings.
#[derive(Debug)]
pub(crate) struct Installation {
    folder: TempDir,
    settings: Vec<Setting>,
    owner: Option<Setting>,
}

impl Installation {
    /// One process on one empty SQLite file, without the demo network.
    pub(crate) fn embedded() -> Self {
        Self::with(Vec::new(), None)
    }

    /// Returns an embedded installation with its tables: some commands work on an existing installation only.
    pub(crate) fn migrated() -> Self {
        let installation = Self::embedded();
        installation.succeed(&["migrate"]);
        installation
    }

    /// Returns an installation on PostgreSQL, RabbitMQ and Redis, in a new and empty database of this name.
    pub(crate) fn on(servers: &PrivateServers, name: &str) -> Self {
        servers.postgres().create_database(name).expect("an empty database");
        Self::with(servers.settings(name, name), Some(servers.owner_setting(name)))
    }

    fn with(mut settings: Vec<Setting>, owner: Option<Setting>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let setting = |name: &str, value: String| (name.to_owned(), value);
        settings.push(setting("HUBNET__DATA_DIR", folder.path().display().to_string()));
        settings.push(setting("HUBNET__SERVER__DEMO", "false".to_owned()));
        settings.push(setting("HUBNET__SERVER__SHUTDOWN_GRACE_SECONDS", "0".to_owned()));
        Self { folder, settings, owner }
    }

    /// Returns its folder.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Returns the URL of the database for its owner; `None` for a file.
    pub(crate) fn owner_url(&self) -> Option<String> {
        self.owner.as_ref().map(|(_, url)| url.clone())
    }

    /// Returns the settings of every process of it.
    pub(crate) fn settings(&self) -> Vec<Setting> {
        self.settings.clone()
    }

    /// Writes a file into the folder; returns its path.
    pub(crate) fn file(&self, name: &str, text: &str) -> String {
        let path = self.folder().join(name);
        fs::write(&path, text).expect("the file is written");
        path.display().to_string()
    }

    /// Returns a command, ready to run or to be changed first.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = hubnet_command(&binary());
        command.args(arguments).envs(self.settings()).current_dir(self.folder());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        ended(&mut self.command(arguments))
    }

    /// Runs a command that should succeed; returns its output.
    pub(crate) fn succeed(&self, arguments: &[&str]) -> String {
        let ended = self.run(arguments);
        assert_eq!(ended.code, Some(0), "hubnet {}: {ended:?}", arguments.join(" "));
        ended.printed
    }

    /// Migrates the database and onboards the network with its two hubs.
    pub(crate) fn onboard(&self) {
        let migrated = ended(self.command(&["migrate"]).envs(self.owner.clone()));
        assert_eq!(migrated.code, Some(0), "{migrated:?}");
        let files = [
            self.file("network.toml", NETWORK),
            self.file("humpolec.toml", HUMPOLEC),
            self.file("piaseczno.yaml", PIASECZNO),
        ];
        self.succeed(&["onboard", &files[0], &files[1], &files[2]]);
    }

    /// Returns a token, with arguments that follow `--as`.
    pub(crate) fn token(&self, who: &[&str]) -> String {
        self.succeed(&[&["token", "--as"], who].concat()).trim().to_owned()
    }

    /// Returns how to start `hubnet serve` here.
    pub(crate) fn launch(&self) -> Launch {
        Launch::serve(&binary()).settings(self.settings())
    }
}

/// Runs a command to its end.
pub(crate) fn ended(command: &mut Command) -> Ended {
    let Output { status, stdout, stderr } = command.output().expect("hubnet starts");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ended { code: status.code(), printed: text(stdout), complained: text(stderr) }
}
