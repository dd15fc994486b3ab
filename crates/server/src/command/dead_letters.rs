//! `hubnet dead-letters list|replay`: events that a receiver refused for good.

use kernel::World;
use platform_bus::{list_dead_letters, replay_dead_letters};

use crate::{App, Config, Exit, ExitCode, ServiceSet};

/// Lists them, or offers them to their receivers once more.
///
/// # Errors
/// The database cannot be read.
pub async fn dead_letters(config: &Config, replay: bool) -> Result<(), Exit> {
    let app = App::open(config, ServiceSet::All, World::real()).await?;
    if replay {
        for handler in app.handlers() {
            let taken = replay_dead_letters(handler.as_ref())
                .await
                .map_err(|error| Exit::because(ExitCode::Unavailable, &error))?;
            println!("{}: {taken} taken", handler.consumer());
        }
    }
    let mut left = 0;
    for db in app.databases() {
        let letters =
            list_dead_letters(db).await.map_err(|error| Exit::because(ExitCode::Unavailable, &error))?;
        for letter in letters {
            left += 1;
            let event = letter.event;
            println!("{} {} {} {}: {}", letter.consumer, event.id, event.kind, event.subject, letter.reason);
        }
    }
    println!("{left} dead letters");
    Ok(())
}
