//! `hubnet replay FILE`: takes in the log of a device that was offline.

use std::path::Path;

use kernel::World;
use serde_json::json;

use super::{refused, through_the_front_door};
use crate::{App, Config, DeviceLog, Exit, ExitCode, ServiceSet, cli::demo::bar};

/// Takes a log in and prints the result, line by line for wrong lines. Accepted lines stay accepted whatever happens to
/// the others.
///
/// # Errors
/// Fails if the file cannot be read, the hub is unknown, or a line was not taken (65), or if the rest could not be
/// tried (69).
pub async fn replay(config: &Config, file: &Path, hub: &str) -> Result<(), Exit> {
    let name = file.display();
    // A line that is not UTF-8 is one bad line.
    let text = std::fs::read(file)
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .map_err(|error| Exit::new(ExitCode::DataError, format!("{name} cannot be read: {error}")))?;
    let log = DeviceLog::parse(&text);
    let app = App::open(config, ServiceSet::All, World::real()).await?;
    let hub = hub.to_owned();
    let replayed = through_the_front_door(app, async |door| {
        let asked = "query($slug: String!) { hub(slug: $slug) { id } }";
        let data = door.ask(asked, json!({ "slug": hub })).await.map_err(|refusal| refused(&refusal))?;
        let id = data["hub"]["id"].as_str();
        let id = id.ok_or_else(|| Exit::new(ExitCode::DataError, format!("there is no hub {hub:?}")))?;
        let bar = bar(log.len(), "lines");
        let progress = |lines: usize| bar.inc(u64::try_from(lines).unwrap_or_default());
        Ok(log.replay(door, id, progress).await)
    })
    .await?;
    println!(
        "{name}: {} lines taken, {} denied, {} refused",
        replayed.taken,
        replayed.denied.len(),
        replayed.refused.len()
    );
    for bad in &replayed.denied {
        println!("  line {}: denied: {}", bad.line, bad.reason);
    }
    for bad in &replayed.refused {
        println!("  line {}: refused: {}", bad.line, bad.reason);
    }
    if let Some(refusal) = &replayed.stopped {
        return Err(refused(refusal));
    }
    match replayed.refused.len() {
        0 => Ok(()),
        _ if log.is_empty() => Err(Exit::new(ExitCode::DataError, format!("no line of {name} makes sense"))),
        bad => Err(Exit::new(ExitCode::DataError, format!("{bad} lines of {name} were not taken"))),
    }
}
