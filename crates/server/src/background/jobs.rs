//! The jobs of a process: a worker for each database, for the kinds of the services on it.

use std::sync::Arc;

use platform_db::Db;
use platform_jobs::Worker;
use platform_module::Module;

use crate::{App, background::tidying::Tidying};

impl App {
    /// A worker for each database of this process. Several processes may have one for the same database.
    pub fn workers(&self) -> Vec<Worker> {
        let worker = |(modules, db): (&[Arc<dyn Module>], &Db)| {
            let of_modules = modules.iter().flat_map(|module| module.jobs());
            let kinds = std::iter::once(Tidying::of(self, modules, db).kind()).chain(of_modules).collect();
            Worker::new(db.clone(), self.world().clone(), kinds)
        };
        self.databases_of_modules().into_iter().map(worker).collect()
    }
}
