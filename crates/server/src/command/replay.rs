//! `hubnet replay FILE`: takes in what a device kept while it was offline.

use std::path::Path;

use kernel::World;
use serde_json::json;

use super::{refused, through_the_front_door};
use crate::{Config, DeviceLog, Exit, ExitCode, House, ServiceSet, command::demo::bar};

/// Takes a log in and says what became of it, line by line where something is wrong.
///
/// # Errors
/// The file cannot be read, the hub is unknown, or no line of it makes sense.
pub async fn replay(config: &Config, file: &Path, hub: &str) -> Result<(), Exit> {
    let name = file.display();
    let text = std::fs::read_to_string(file)
        .map_err(|error| Exit::new(ExitCode::DataError, format!("{name} cannot be read: {error}")))?;
    let log = DeviceLog::parse(&text);
    let house = House::open(config, ServiceSet::All, World::real()).await?;
    let hub = hub.to_owned();
    let replayed = through_the_front_door(house, async |door| {
        let asked = "query($slug: String!) { hub(slug: $slug) { id } }";
        let data = door.ask(asked, json!({ "slug": hub })).await.map_err(|refusal| refused(&refusal))?;
        let id = data["hub"]["id"].as_str();
        let id = id.ok_or_else(|| Exit::new(ExitCode::DataError, format!("there is no hub {hub:?}")))?;
        let bar = bar(log.len(), "lines");
        let progress = |lines: usize| bar.inc(u64::try_from(lines).unwrap_or_default());
        log.replay(door, id, progress).await.map_err(|refusal| refused(&refusal))
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
    let nothing_made_sense = log.is_empty() && !replayed.refused.is_empty();
    if nothing_made_sense {
        return Err(Exit::new(ExitCode::DataError, format!("no line of {name} makes sense")));
    }
    Ok(())
}
