//! `hubnet migrate`: brings the database to the version this build knows.

use kernel::World;
use migrations::Service;

use crate::{App, Config, Exit, ServiceSet, app};

/// Migrates: PostgreSQL as its owner, an embedded database by opening it. Makes the signing keys of a new installation,
/// too; where an owner's job may not write them, the services make their own when they start.
///
/// # Errors
/// An [`Exit`] that says why not.
pub async fn migrate(config: &Config) -> Result<(), Exit> {
    if config.is_embedded() {
        App::open(config, ServiceSet::All, World::real()).await?;
    } else {
        app::migrate(config, &Service::ALL).await?;
        if let Err(error) = app::make_keys(config) {
            eprintln!("hubnet: no signing keys were made here: {error}");
        }
    }
    println!("the database is up to date");
    Ok(())
}
