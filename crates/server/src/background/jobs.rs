//! The jobs of a process: a worker for each database, for the kinds of the services on it.

use std::sync::Arc;

use platform_db::Db;
use platform_jobs::{Kind, Worker};
use platform_module::Module;

use crate::{App, background::tidying::Tidying, export::Exports};

/// The kind of job that deletes files nobody wants.
const SWEEP_FILES: &str = "sweep_files";

impl App {
    /// A worker for each database of this process. Several processes may have one for the same database.
    pub fn workers(&self) -> Vec<Worker> {
        let worker = |(modules, db): (&[Arc<dyn Module>], &Db)| {
            let of_modules = modules.iter().flat_map(|module| module.jobs());
            let of_process = self.sweeping(modules).into_iter().chain(self.exporting(modules));
            let tidying = std::iter::once(Tidying::of(self, modules, db).kind());
            let kinds = tidying.chain(of_process).chain(of_modules).collect();
            Worker::new(db.clone(), self.world().clone(), kinds)
        };
        self.databases_of_modules().into_iter().map(worker).collect()
    }

    /// All files of a database are swept by one job, under the name of whichever service.
    fn sweeping(&self, modules: &[Arc<dyn Module>]) -> Vec<Kind> {
        let files = modules.first().and_then(|module| self.files_of(module.about().name));
        files.map(|files| files.jobs(SWEEP_FILES, self.world())).unwrap_or_default()
    }

    /// Exports are made where identity is.
    fn exporting(&self, modules: &[Arc<dyn Module>]) -> Option<Kind> {
        let is_here = modules.iter().any(|module| module.about().name == identity::ABOUT.name);
        is_here.then(|| Exports::new(self.clone(), self.graph_url().to_owned()).kind())
    }
}
