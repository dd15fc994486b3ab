//! `hubnet dead-letters list|replay`: events that a receiver refused for good.

use kernel::World;
use platform_bus::{list_dead_letters, replay_dead_letters};

use crate::{App, Config, Exit, ExitCode, ServiceSet};

/// Lists the dead letters, or offers them to their receivers once more.
///
/// # Errors
/// Fails if the database cannot be read.
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
        let messages =
            list_dead_letters(db).await.map_err(|error| Exit::because(ExitCode::Unavailable, &error))?;
        for message in messages {
            left += 1;
            let event = message.event;
            println!(
                "{} {} {} {}: {}",
                message.consumer, event.id, event.kind, event.subject, message.reason
            );
        }
    }
    println!("{left} dead letters");
    Ok(())
}
