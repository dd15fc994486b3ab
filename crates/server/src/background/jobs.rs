//! The jobs of a process: a worker for each database, for the kinds of the services on it.

use migrations::Service;
use platform_db::Db;
use platform_jobs::{Kind, Worker};

use crate::{App, background::tidying::Tidying};

impl App {
    /// A worker for each database of this process. Several processes may have one for the same database.
    pub fn workers(&self) -> Vec<Worker> {
        let worker = |(services, db): (Vec<Service>, &Db)| {
            let of_services = services.iter().flat_map(|service| self.kinds_of(*service));
            let kinds = std::iter::once(Tidying::of(self, &services, db).kind()).chain(of_services).collect();
            Worker::new(db.clone(), self.world().clone(), kinds)
        };
        self.databases_of_services().into_iter().map(worker).collect()
    }

    fn kinds_of(&self, service: Service) -> Vec<Kind> {
        let kinds = match service {
            Service::Membership => self.membership().map(membership::Membership::jobs),
            Service::Roaming => self.roaming().map(roaming::Roaming::jobs),
            Service::Events | Service::Monitoring | Service::Identity => None,
        };
        kinds.unwrap_or_default()
    }
}
