//! `hubnet onboard FILE…`: brings networks and hubs in, from files.

use std::path::PathBuf;

use kernel::World;

use super::through_the_front_door;
use crate::{Config, Exit, ExitCode, House, Onboarding, OnboardingError, ServiceSet};

/// Reads all files first, then puts them through the front door in their order.
///
/// # Errors
/// The first file that cannot be taken in; those before it are in, it and those after it are not.
pub async fn onboard(config: &Config, files: &[PathBuf]) -> Result<(), Exit> {
    let mut read = Vec::with_capacity(files.len());
    for file in files {
        read.push((file.display().to_string(), Onboarding::read(file).map_err(|error| exit(&error))?));
    }
    let house = House::open(config, ServiceSet::All, World::real()).await?;
    through_the_front_door(house, async |door| {
        for (name, onboarding) in read {
            let onboarded = onboarding.put(&name, door).await.map_err(|error| exit(&error))?;
            println!("{} is in: {}", onboarded.slug, onboarded.id);
        }
        Ok(())
    })
    .await
}

fn exit(error: &OnboardingError) -> Exit {
    Exit::because(ExitCode::DataError, error)
}
