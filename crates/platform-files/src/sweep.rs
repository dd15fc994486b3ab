//! The job that deletes files nobody wants: removed ones, expired ones, and those that no use-case kept within a day.
//!
//! Always true: a file is taken out of use first, then its bytes are deleted, then its row; whatever stops in between is
//! gone on with by the next run. A store that is away fails the run, which is tried again; the rows stay.

use jiff::SignedDuration;
use kernel::{ErrorCode, World};
use platform_db::Reach;
use platform_jobs::{JobError, Kind};

use crate::{Files, figures::count_file, rows};

/// How often is looked.
const EVERY: SignedDuration = SignedDuration::from_mins(10);
/// So many files at a time.
const MOST: i64 = 200;

impl Files {
    /// Returns the jobs: the sweeping of a database, under a name that no other database's has.
    pub fn jobs(&self, name: &'static str, world: &World) -> Vec<Kind> {
        let (files, world) = (self.clone(), world.clone());
        let kind = Kind::new(name, move |_run| {
            let (files, world) = (files.clone(), world.clone());
            async move { files.sweep(&world).await.map(drop) }
        });
        vec![kind.every(EVERY).at_most(1)]
    }

    /// Deletes what is due; returns how many files were.
    ///
    /// # Errors
    /// The database or the store is away.
    pub async fn sweep(&self, world: &World) -> Result<usize, JobError> {
        let mut deleted = 0;
        loop {
            let due = rows::list_due(&self.db, world.now(), MOST).await?;
            let before = deleted;
            for file in &due {
                let tx = self.db.write(Reach::Network(file.network)).await?;
                let is_condemned = rows::condemn(&tx, file, world.now()).await?;
                tx.commit().await?;
                if is_condemned {
                    let gone = self.store.delete(file.network, file.file).await;
                    gone.map_err(|error| JobError::retry(ErrorCode::Unavailable, away(&error)))?;
                    let tx = self.db.write(Reach::Network(file.network)).await?;
                    rows::forget(&tx, file).await?;
                    tx.commit().await?;
                    count_file("deleted");
                    deleted += 1;
                }
            }
            if deleted == before {
                return Ok(deleted);
            }
        }
    }
}

/// The store's own words may hold keys and addresses; they go to the log, not to the job.
fn away(error: &object_store::Error) -> &'static str {
    tracing::warn!(%error, "a file is not deleted");
    "the store of the files is away"
}
