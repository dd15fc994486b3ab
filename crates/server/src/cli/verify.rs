//! `hubnet verify`: checks that a database is whole and consistent, after a restore by any tool.
//!
//! Always true: it changes nothing and migrates nothing. What it compares is stored twice, so a missing row shows.

use kernel::{NetworkId, OpContext, World};
use migrations::Service;
use platform_db::{Db, Reach};

use super::{
    audit,
    doctor::{Findings, indicators, storage},
};
use crate::{App, Config, Exit, ExitCode, ServiceSet};

/// What is counted, for comparing two databases, and the service that keeps it.
const COUNTED: [(&str, Service); 9] = [
    ("hub", Service::Membership),
    ("member", Service::Membership),
    ("touch", Service::Membership),
    ("visit", Service::Membership),
    ("roaming_pass", Service::Roaming),
    ("charge", Service::Roaming),
    ("ledger_entry", Service::Roaming),
    ("seat", Service::Events),
    ("sign_in_account", Service::Identity),
];
const UNBALANCED: &str = "select count(*) as many from (select 1 from ledger_entry where network_id = $1 \
                          group by transaction_id, currency having sum(amount_minor) <> 0) as unbalanced";

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
    for (service, db) in Service::ALL.iter().zip(app.databases()) {
        let part = if app.databases().len() == 1 { "damage" } else { service.name() };
        findings.note(part, storage::damage(db).await);
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
        findings.note("ledger", balance(&app, network).await);
        let broken = audit::count_broken(&app, network).await;
        findings.note(
            "audit log",
            broken.map_err(|exit| exit.message).and_then(|broken| match broken {
                0 => Ok("every chain holds".into()),
                some => Err(format!("{some} chains are broken: see `hubnet audit verify`")),
            }),
        );
    }
    indicators::examine(&app, false, &mut findings).await;
    findings.report("the database is whole")
}

async fn count(app: &App, network: NetworkId) -> Result<String, String> {
    let mut counts = Vec::new();
    for (table, service) in COUNTED {
        let sql = format!("select count(*) as many from {table} where network_id = $1");
        counts.push(format!("{table} {}", number(database(app, service), network, &sql).await?));
    }
    Ok(counts.join(", "))
}

/// R10: every transaction of the ledger sums to zero in each currency.
async fn balance(app: &App, network: NetworkId) -> Result<String, String> {
    match number(database(app, Service::Roaming), network, UNBALANCED).await? {
        0 => Ok("every transaction sums to zero".into()),
        some => Err(format!("{some} transactions do not sum to zero")),
    }
}

/// In the embedded shape all services share one.
fn database(app: &App, service: Service) -> Option<&Db> {
    let place = Service::ALL.iter().position(|known| *known == service).unwrap_or_default();
    app.databases().get(place).or_else(|| app.databases().first())
}

async fn number(db: Option<&Db>, network: NetworkId, sql: &str) -> Result<i64, String> {
    let Some(db) = db else { return Err("no service runs here".into()) };
    let asked = async {
        let tx = db.read(Reach::Network(network)).await?;
        let row = tx.row(sql, [uuid::Uuid::from(network).into()]).await?;
        let row = row.ok_or_else(|| platform_db::DbError::inconsistent("count", "there is none"))?;
        Ok(row.try_get("", "many")?)
    };
    asked.await.map_err(|error: platform_db::DbError| error.to_string())
}
