//! `hubnet verify`: checks that a database is whole and consistent, after a restore by any tool.
//!
//! Always true: it changes nothing and migrates nothing. What it compares is stored twice, so a missing row shows.

use kernel::{NetworkId, OpContext, World};
use platform_module::count_rows;

use super::{
    audit,
    doctor::{Findings, storage},
};
use crate::{App, Config, Exit, ExitCode, ServiceSet};

/// Checks the configured database and prints a line for each part.
///
/// # Errors
/// Fails if the database is damaged, of another version, or inconsistent; the lines name the fault.
pub async fn verify(config: &Config) -> Result<(), Exit> {
    let mut config = config.clone();
    // Without its owner nothing is migrated.
    config.database.owner_url = None;
    if config.is_embedded() {
        super::backup::check_database(&config).await?;
    }
    let app = App::open(&config, ServiceSet::All, World::real()).await?;
    let mut findings = Findings::default();
    findings.note("version", Ok("of this build".into()));
    for (name, db) in app.named_databases() {
        findings.note(if name == "all" { "damage" } else { name }, storage::damage(db).await);
    }
    let op = OpContext::system(app.world().clone());
    let networks = match app.membership() {
        Some(membership) => {
            membership.networks_of(&op).await.map_err(|error| Exit::because(ExitCode::Unavailable, &error))?
        }
        None => Vec::new(),
    };
    findings.note("networks", Ok(networks.len().to_string()));
    for network in networks {
        findings.note("rows", count(&app, network).await);
        let broken = audit::count_broken(&app, network).await;
        findings.note(
            "audit log",
            broken.map_err(|exit| exit.message).and_then(|broken| match broken {
                0 => Ok("every chain holds".into()),
                some => Err(format!("{some} chains are broken: see `hubnet audit verify`")),
            }),
        );
    }
    for module in app.modules() {
        findings.note_all(module.verify(&op, false).await);
    }
    findings.report("the database is whole")
}

async fn count(app: &App, network: NetworkId) -> Result<String, String> {
    let mut counts = Vec::new();
    for module in app.modules() {
        let counted = count_rows(module.as_ref(), network).await.map_err(|error| error.to_string())?;
        counts.extend(counted.into_iter().map(|(table, rows)| format!("{table} {rows}")));
    }
    Ok(counts.join(", "))
}
