//! The commands of `hubnet`, one file each.

mod audit;
mod backup;
mod dead_letters;
mod demo;
mod doctor;
mod events;
mod invite;
mod jobs;
mod keys;
mod migrate;
mod onboard;
mod replay;
mod schema;
mod serve;
mod token;
mod verify;

pub use audit::verify as verify_audit;
pub use backup::{backup, restore};
pub use dead_letters::dead_letters;
pub use demo::demo;
pub use doctor::doctor;
pub use events::{ReplayEvents, replay_events};
pub use invite::{Invite, InvitedRole, invite};
pub use jobs::{Jobs, jobs};
pub use keys::{Keys, keys};
pub use migrate::migrate;
pub use onboard::onboard;
pub use replay::replay;
pub use schema::{sdl, subgraph_sdl};
pub use serve::serve;
pub use token::{As, Token, token};
pub use verify::verify;

use std::time::Duration;

use crate::{App, Exit, ExitCode, FrontDoor, GraphError, background::Background};

/// Runs work through the graph, while events are carried on, and then until none is left.
async fn through_the_front_door<T>(
    app: App,
    work: impl AsyncFnOnce(&FrontDoor) -> Result<T, Exit>,
) -> Result<T, Exit> {
    app.flow().watch();
    let background = Background::start(&app);
    let door = FrontDoor::as_system(app.clone());
    let outcome = work(&door).await;
    for relay in app.relays() {
        // Events that cannot be carried now wait in the outbox for the server.
        if let Err(error) = relay.drain().await {
            tracing::warn!(%error, "some events wait in the outbox");
        }
    }
    for _moment in 0..100 {
        if app.flow().is_still() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    background.stop().await;
    outcome
}

fn refused(refusal: &GraphError) -> Exit {
    let code = if refusal.code == "UNAVAILABLE" { ExitCode::Unavailable } else { ExitCode::DataError };
    Exit::because(code, refusal)
}
