//! `hubnet migrate`: upgrades the database to the version of this build.

use kernel::World;

use crate::{App, Config, Exit, Service, ServiceSet, app};

/// Migrates: PostgreSQL as its owner, an embedded database by opening it. Also creates the signing keys of a new
/// installation; where an owner's job may not write them, the services create their own when they start.
///
/// # Errors
/// Fails with an [`Exit`] that names the reason.
pub async fn migrate(config: &Config) -> Result<(), Exit> {
    if config.is_embedded() {
        App::open(config, ServiceSet::All, World::real()).await?;
    } else {
        app::migrate(config, &Service::all().collect::<Vec<_>>()).await?;
        if let Err(error) = app::make_keys(config) {
            eprintln!("hubnet: no signing keys were made here: {error}");
        }
    }
    println!("the database is up to date");
    Ok(())
}
