//! The maximum of the machine itself: the rows of a check-in written without hubnet, and one flush to disk.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use private_servers::{PrivateFolder, PrivateServers, hubnet_command};

use super::cpu;
use super::driver::Driver;
use super::figures::{micros_each, per_second};
use crate::step;
use crate::workspace::{self, Release};

/// The database beside hubnet's own.
pub(super) const DATABASE: &str = "baseline";
/// The schema that holds the rows of a check-in.
const SCHEMA: &str = "membership";
/// The tables of these rows.
const WRITTEN: [&str; 3] = ["touch", "visit", "outbox"];
const ONE_STATEMENT: &str = "crates/load/src/rows/one_statement.sql";
const BACKENDS_END: Duration = Duration::from_millis(300);
const FLUSHES: u32 = 51;
const BLOCK_BYTES: usize = 4096;

/// Rows written in a period.
pub(super) struct Rows {
    /// Check-ins' worth of rows a second.
    pub(super) per_second: f64,
    /// CPU time of each, of the database alone.
    pub(super) cpu_micros: f64,
}

/// An SQLite file with hubnet's tables and a single writer that does nothing else.
pub(super) struct SqliteRows {
    folder: PrivateFolder,
}

impl SqliteRows {
    pub(super) fn set(binaries: &Release, driver: &Driver) -> Result<Self> {
        let rows = Self { folder: PrivateFolder::new("baseline")? };
        let data = rows.folder.path().display().to_string();
        step::output_of(hubnet_command(&binaries.hubnet).arg("migrate").env("HUBNET__DATA_DIR", data))?;
        driver.run(&["fixture", "--database", &rows.url()])?;
        Ok(rows)
    }

    fn url(&self) -> String {
        format!("sqlite://{}", self.folder.path().join("hubnet.db").display())
    }

    /// Returns the folder of the file: a flush there is a flush of the same disk.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn write(&self, driver: &Driver, seconds: u64) -> Result<Rows> {
        let before = cpu::of_ended_children()?;
        let measured = driver.run(&["rows", "--database", &self.url(), "--seconds", &seconds.to_string()])?;
        let written = measured.count("operations")?;
        let cpu = cpu::of_ended_children()?.saturating_sub(before);
        Ok(Rows {
            per_second: per_second(written, measured.time("elapsed_us")?),
            cpu_micros: micros_each(cpu, written),
        })
    }
}

/// Creates a database beside hubnet's own, on the same server, with the same tables, keys and indexes.
pub(super) fn set_postgres(binaries: &Release, driver: &Driver, servers: &PrivateServers) -> Result<()> {
    servers.postgres().create_database(DATABASE)?;
    let mut migrate = hubnet_command(&binaries.hubnet);
    migrate.arg("migrate").envs(servers.settings(DATABASE, DATABASE)).envs([servers.owner_setting(DATABASE)]);
    step::output_of(&mut migrate)?;
    let owner = servers.postgres().owner_url(DATABASE);
    driver.run(&["fixture", "--database", &owner, "--schema", SCHEMA])?;
    for table in WRITTEN {
        // Vacuuming after the baseline would be counted as work of the following check-ins.
        let quiet = format!("alter table {SCHEMA}.{table} set (autovacuum_enabled = false)");
        servers.postgres().sql(DATABASE, &quiet)?;
    }
    Ok(())
}

/// The one-statement pgbench: 8 clients, each statement a transaction of its own.
pub(super) fn pgbench(servers: &PrivateServers, seconds: u64) -> Result<Rows> {
    let server = servers.postgres().id().context("the PostgreSQL server is ours")?;
    let before = cpu::of_family(server)?;
    let mut pgbench = Command::new("pgbench");
    pgbench.args(["--no-vacuum", "--protocol=prepared", "--client=8", "--jobs=2"]);
    pgbench.arg(format!("--time={seconds}")).arg("--file").arg(workspace::file(ONE_STATEMENT));
    pgbench.arg(servers.postgres().owner_url(DATABASE));
    pgbench.env("PGOPTIONS", format!("-c search_path={SCHEMA}"));
    let printed = step::output_of(&mut pgbench).context("pgbench comes with PostgreSQL's server package")?;
    // A backend that is about to end is counted neither among the ended nor among the running ones.
    sleep(BACKENDS_END);
    let cpu = cpu::of_family(server)?.saturating_sub(before);
    let word = |after: &str| {
        let rest = printed.lines().find_map(|line| line.strip_prefix(after))?;
        rest.split_whitespace().next().map(str::to_owned)
    };
    let written = word("number of transactions actually processed: ").and_then(|it| it.parse().ok());
    let rate = word("tps = ").and_then(|it| it.parse().ok());
    Ok(Rows {
        per_second: rate.context("pgbench does not say its rate")?,
        cpu_micros: micros_each(cpu, written.context("pgbench does not say how many")?),
    })
}

/// Returns the duration of one flush of one block: the median of several.
pub(super) fn flush(folder: &Path) -> Result<Duration> {
    let mut file = File::create(folder.join("flush")).context("cannot create a file to flush")?;
    let block = vec![0; BLOCK_BYTES];
    let mut times = Vec::new();
    for _flush in 0..FLUSHES {
        let started = Instant::now();
        file.write_all(&block)?;
        file.sync_data()?;
        times.push(started.elapsed());
    }
    times.sort_unstable();
    times.get(times.len() / 2).copied().context("there were flushes")
}
