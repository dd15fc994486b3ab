//! `hubnet onboard FILE…`: brings in networks and hubs from files.

use std::path::PathBuf;

use kernel::World;

use super::through_the_front_door;
use crate::{App, Config, Exit, ExitCode, Onboarding, OnboardingError, ServiceSet};

/// Reads all files first, then onboards them in their order. Existing networks and hubs are skipped, so the same
/// command can be run again after a mistake in one of the files was corrected.
///
/// # Errors
/// Fails at the first file that cannot be taken in; those before it are in, it and those after it are not. Also fails
/// if there was nothing to do because everything is in already.
pub async fn onboard(config: &Config, files: &[PathBuf]) -> Result<(), Exit> {
    let mut read = Vec::with_capacity(files.len());
    for file in files {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let onboarding = Onboarding::read(file).map_err(|error| exit(&error))?;
        read.push((file.display().to_string(), text, onboarding));
    }
    let app = App::open(config, ServiceSet::All, World::real()).await?;
    through_the_front_door(app, async |door| {
        let (mut is_anything_new, mut first_conflict) = (false, None);
        for (name, text, onboarding) in read {
            let onboarded = match onboarding.put(&name, door).await.map_err(|error| error.located_in(&text)) {
                Ok(onboarded) => onboarded,
                Err(error) if error.is_conflict() => {
                    println!("{name} is in already; nothing was changed");
                    first_conflict.get_or_insert(error);
                    continue;
                }
                Err(error) => return Err(exit(&error)),
            };
            is_anything_new = true;
            println!("{} is in: {}", onboarded.slug, onboarded.id);
            for warning in onboarded.warnings {
                println!("warning: {name}: {warning}");
            }
        }
        match first_conflict {
            Some(error) if !is_anything_new => Err(exit(&error)),
            _ => Ok(()),
        }
    })
    .await
}

fn exit(error: &OnboardingError) -> Exit {
    Exit::because(ExitCode::DataError, error)
}
