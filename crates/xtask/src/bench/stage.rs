//! The stage: hubnet in both one-process shapes at once, each with the same two hubs and the same members.
//!
//! Both run during the whole benchmark, so that their rounds can alternate; the one that is not measured is idle.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use private_servers::{Durability, Hubnet, Launch, PrivateFolder, PrivateServers, Setting, hubnet_command};

use super::Pace;
use super::baseline::{self, SqliteRows};
use super::driver::Driver;
use crate::step;
use crate::workspace::Release;

/// The hub whose members come and go.
pub(super) const HOME: &str = "bench-home";
/// The hub they roam to.
pub(super) const AWAY: &str = "bench-away";
/// The chips of members who stay at home, and of those who roam.
pub(super) const AT_HOME: &str = "A0";
pub(super) const ROAMING: &str = "B0";

const DATABASE: &str = "hubnet";
const WARM_UP_SECONDS: u64 = 1;
/// Members who come and go per second, in either shape.
const MEMBERS_PER_SECOND: usize = 400;
const NETWORK_FILE: &str = r#"
[network]
slug = "bench"
name = "Bench"
clearing_currency = "EUR"
time_zone = "UTC"
home_commission_bp = 500
network_commission_bp = 200
"#;
/// Open day and night, and never full.
const HUB_FILE: &str = r#"
network = "bench"
[hub]
slug = "SLUG"
name = "SLUG"
legal_name = "Bench"
tax_number = "CZ00000001"
kind = "coworking"
language = "en"
time_zone = "UTC"
currency = "EUR"
opening_hours = "24/7"
catchment_population = 10000
capacity = 100000
address = { street = "Bench 1", city = "Bench", postal_code = "100 00", country = "CZ" }
position = { latitude = "50.0", longitude = "15.0" }
[[plans]]
code = "resident"
name = "Resident"
monthly_fee = "10.00"
included_minutes = 6000
roaming = true
categories = []
[guest_tariff]
name = "Guests"
price_per_hour = "6.00"
billing_step_seconds = 900
[[devices]]
code = "reception"
kind = "reader"
"#;

/// Everything that is measured, with its baselines.
pub(super) struct Stage {
    pub(super) driver: Driver,
    pub(super) sqlite_rows: SqliteRows,
    pub(super) embedded: Shape,
    pub(super) distributed: Shape,
    pub(super) servers: PrivateServers,
    pub(super) roaming_members: usize,
}

/// Hubnet in one shape.
pub(super) struct Shape {
    process: Hubnet,
    /// The token of the home hub's reader.
    pub(super) reader: String,
    /// The token of a person who may do everything at both hubs.
    pub(super) administrator: String,
    _data: PrivateFolder,
}

impl Stage {
    pub(super) fn set(binaries: &Release, pace: Pace) -> Result<Self> {
        let driver = Driver { binary: binaries.load.clone() };
        step::announce("starting PostgreSQL, Redis and RabbitMQ");
        let servers = PrivateServers::start(Durability::PowerCut)?;
        step::announce("preparing the baselines");
        let sqlite_rows = SqliteRows::set(binaries, &driver)?;
        baseline::set_postgres(binaries, &driver, &servers)?;
        step::announce("starting hubnet in both shapes and enrolling members");
        servers.postgres().create_database(DATABASE)?;
        let embedded = Shape::set(&binaries.hubnet, Vec::new(), None)?;
        let owner = servers.owner_setting(DATABASE);
        let distributed = Shape::set(&binaries.hubnet, servers.settings(DATABASE, DATABASE), Some(owner))?;
        let roaming_members = pace.rounds * pace.charges;
        for shape in [&embedded, &distributed] {
            shape.enroll(&driver, AT_HOME, pace.members, &[])?;
            shape.enroll(&driver, ROAMING, roaming_members, &["--roaming"])?;
            shape.warm_up(&driver, pace.members)?;
        }
        baseline::pgbench(&servers, WARM_UP_SECONDS)?;
        for database in [DATABASE, baseline::DATABASE] {
            // Autovacuum does this after a minute: until then statements are planned for empty tables.
            servers.postgres().sql(database, "vacuum analyze")?;
        }
        Ok(Self { driver, sqlite_rows, embedded, distributed, servers, roaming_members })
    }
}

/// Limits that no driver reaches.
const UNLIMITED: [(&str, &str); 5] = [
    ("PER_ADDRESS_PER_SECOND", "0"),
    ("PER_PERSON_PER_SECOND", "0"),
    ("PER_DEVICE_PER_SECOND", "0"),
    ("SOCKETS_PER_ADDRESS", "1000000"),
    ("REQUESTS_AT_ONCE", "1000000"),
];

impl Shape {
    /// Makes an installation with two hubs. PostgreSQL is migrated by its owner.
    fn set(hubnet: &Path, mut settings: Vec<Setting>, owner: Option<Setting>) -> Result<Self> {
        let data = PrivateFolder::new("bench")?;
        settings.push(("HUBNET__DATA_DIR".to_owned(), data.path().display().to_string()));
        settings.push(("HUBNET__SERVER__DEMO".to_owned(), "false".to_owned()));
        // The driver is one address and one device and sends as fast as it can.
        settings.extend(UNLIMITED.map(|(key, value)| (format!("HUBNET__LIMITS__{key}"), value.to_owned())));
        let ask = |arguments: &[&str]| {
            let mut command = hubnet_command(hubnet);
            command.args(arguments).envs(settings.iter().cloned()).current_dir(data.path());
            step::output_of(&mut command)
        };
        write_files(data.path())?;
        let mut migrate = hubnet_command(hubnet);
        migrate.arg("migrate").envs(settings.iter().cloned()).envs(owner).current_dir(data.path());
        step::output_of(&mut migrate)?;
        ask(&["onboard", "network.toml", "home.toml", "away.toml"])?;
        let reader = ask(&["token", "--as", "device", "--hub", HOME, "--name", "reception"])?;
        let administrator = ask(&["token", "--as", "administrator", "--hub", HOME, "--hub", AWAY])?;
        let process = Launch::serve(hubnet).settings(settings).start()?;
        Ok(Self {
            process,
            reader: reader.trim().to_owned(),
            administrator: administrator.trim().to_owned(),
            _data: data,
        })
    }

    fn enroll(&self, driver: &Driver, series: &str, count: usize, more: &[&str]) -> Result<()> {
        let (address, count) = (self.address(), count.to_string());
        let enroll = ["enroll", "--address", &address, "--token", &self.administrator, "--hub", HOME];
        let chips = ["--series", series, "--count", &count];
        driver.run(&[enroll.as_slice(), &chips, more].concat())?;
        Ok(())
    }

    /// Lets every member come once: a hub's people are in its cache on every day but the first.
    fn warm_up(&self, driver: &Driver, members: usize) -> Result<()> {
        let (address, count) = (self.address(), members.to_string());
        let seconds = (members / MEMBERS_PER_SECOND).max(1).to_string();
        let touches = ["touches", "--address", &address, "--token", &self.reader, "--hub", HOME];
        let how = ["--series", AT_HOME, "--count", &count, "--seconds", &seconds, "--connections", "32"];
        driver.run(&[touches.as_slice(), &how].concat())?;
        Ok(())
    }

    /// Host and port.
    pub(super) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.process.port())
    }

    /// The process that serves.
    pub(super) fn id(&self) -> Result<u32> {
        self.process.id().context("hubnet is not running")
    }
}

fn write_files(folder: &Path) -> Result<()> {
    let write = |name: &str, text: &str| {
        fs::write(folder.join(name), text).with_context(|| format!("cannot write {name}"))
    };
    write("network.toml", NETWORK_FILE)?;
    write("home.toml", &HUB_FILE.replace("SLUG", HOME))?;
    write("away.toml", &HUB_FILE.replace("SLUG", AWAY))
}
