//! `hubnet audit verify`: follows every chain of the audit log and names the first broken link.
//!
//! It prints the heads of the valid chains. Kept elsewhere and passed back with `--against`, they prove that nothing
//! before them was rewritten since, even if a whole chain was rewritten, its head included.

use std::path::Path;

use kernel::{HubId, NetworkId, OpContext, World};
use platform_db::{BrokenLink, ChainHead, Db, Reach, verify_audit};

use crate::{App, Config, Exit, ExitCode, ServiceSet};

/// Verifies the chains of every network, or those of one hub.
///
/// # Errors
/// Fails if a chain is broken, a hub is unknown, or the database cannot be read.
pub async fn verify(config: &Config, hub: Option<&str>, against: Option<&Path>) -> Result<(), Exit> {
    let app = App::open(config, ServiceSet::All, World::real()).await?;
    let known = against.map(read_heads).transpose()?.unwrap_or_default();
    let only = match hub {
        Some(slug) => Some(find_hub(&app, slug).await?),
        None => None,
    };
    let mut broken = 0;
    for network in networks(&app).await? {
        // In the embedded shape all services write one log.
        for (log, db) in app.named_databases() {
            let known: Vec<ChainHead> = known
                .iter()
                .filter(|known| known.log == log && known.network == network)
                .map(|known| known.head.clone())
                .collect();
            broken += verify_log(db, network, log, only, &known).await?;
        }
    }
    if broken == 0 {
        println!("every chain holds");
        return Ok(());
    }
    Err(Exit::new(ExitCode::DataError, format!("{broken} chains of the audit log are broken")))
}

/// Counts the broken chains of a network.
pub(super) async fn count_broken(app: &App, network: NetworkId) -> Result<usize, Exit> {
    let away = |error| Exit::because(ExitCode::Unavailable, &error);
    let mut broken = 0;
    for db in app.databases() {
        let tx = db.read(Reach::Network(network)).await.map_err(away)?;
        broken += verify_audit(&tx, network, None, &[]).await.map_err(away)?.broken.len();
    }
    Ok(broken)
}

async fn verify_log(
    db: &Db,
    network: NetworkId,
    log: &str,
    only: Option<HubId>,
    known: &[ChainHead],
) -> Result<usize, Exit> {
    let away = |error| Exit::because(ExitCode::Unavailable, &error);
    let tx = db.read(Reach::Network(network)).await.map_err(away)?;
    let verified = verify_audit(&tx, network, only, known).await.map_err(away)?;
    for ChainHead { hub, sequence, hash } in &verified.heads {
        println!("ok {log} {network} {} {sequence} {hash}", place(*hub));
    }
    for BrokenLink { hub, sequence, what } in &verified.broken {
        println!("BROKEN {log} {network} {} record {sequence}: {what}", place(*hub));
    }
    Ok(verified.broken.len())
}

fn place(hub: Option<HubId>) -> String {
    hub.map_or_else(|| "-".into(), |hub| hub.to_string())
}

async fn networks(app: &App) -> Result<Vec<NetworkId>, Exit> {
    let Some(membership) = app.membership() else { return Ok(Vec::new()) };
    let op = OpContext::system(app.world().clone());
    membership.networks_of(&op).await.map_err(|error| Exit::because(ExitCode::Unavailable, &error))
}

async fn find_hub(app: &App, slug: &str) -> Result<HubId, Exit> {
    let unknown = || Exit::new(ExitCode::DataError, format!("there is no hub {slug:?}"));
    let membership = app.membership().ok_or_else(unknown)?;
    let found = membership.find_hub_by_slug(slug).await;
    let found = found.map_err(|error| Exit::because(ExitCode::Unavailable, &error))?;
    found.ok_or_else(unknown)
}

/// A head that an earlier run printed.
struct Known {
    log: String,
    network: NetworkId,
    head: ChainHead,
}

fn read_heads(file: &Path) -> Result<Vec<Known>, Exit> {
    let name = file.display();
    let text = std::fs::read_to_string(file)
        .map_err(|error| Exit::new(ExitCode::DataError, format!("{name} cannot be read: {error}")))?;
    let lines = text.lines().filter(|line| line.starts_with("ok "));
    lines
        .map(|line| {
            let bad = || Exit::new(ExitCode::DataError, format!("{name}: not a head: {line}"));
            head(line).ok_or_else(bad)
        })
        .collect()
}

fn head(line: &str) -> Option<Known> {
    let mut words = line.split_whitespace().skip(1);
    let (log, network) = (words.next()?.to_owned(), words.next()?.parse().ok()?);
    let hub = match words.next()? {
        "-" => None,
        hub => Some(hub.parse().ok()?),
    };
    let (sequence, hash) = (words.next()?.parse().ok()?, words.next()?.to_owned());
    Some(Known { log, network, head: ChainHead { hub, sequence, hash } })
}
