//! `hubnet keys list|rotate|retire`: the keys that sign tokens. Running processes follow by themselves.

use clap::Subcommand;
use kernel::World;

use crate::{Config, Exit, ExitCode, app};

/// What to do with the keys.
#[derive(Debug, Clone, Subcommand)]
pub enum Keys {
    /// Show them, oldest first, and which one signs.
    List,
    /// Add a key. Every process accepts it at once; it signs from a minute later on. The old one stays good until it is
    /// retired.
    Rotate,
    /// Forget an old key: what it signed is refused from now on. Wait a quarter of an hour after the new one signs, and
    /// nobody notices; after a theft, do not wait.
    Retire {
        /// Its name, as `list` shows it.
        key: String,
    },
}

/// Lists, rotates or retires the keys.
///
/// # Errors
/// Fails if the folder cannot be read or written, two keys live already, the key signs, or no key has that name.
pub fn keys(config: &Config, action: Keys) -> Result<(), Exit> {
    let refused = |error: identity::KeyError| Exit::because(ExitCode::DataError, &error);
    let ring = app::open_keys(config)?;
    let now = World::real().now();
    match action {
        Keys::List => {
            let signing = ring.signing(now).map(|key| key.id().to_owned());
            for key in ring.keys() {
                let signs = if Some(key.id()) == signing.as_deref() { "signs" } else { "" };
                println!("{} since {} {signs}", key.id(), key.since());
            }
        }
        Keys::Rotate => println!("{} signs in a minute", ring.rotate(now).map_err(refused)?),
        Keys::Retire { key } => {
            ring.retire(&key, now).map_err(refused)?;
            println!("{key} is retired");
        }
    }
    Ok(())
}
