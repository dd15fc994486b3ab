//! The monitoring service's tables.

mod m0001_visits_and_rollups;

use sea_orm_migration::MigrationTrait;

/// Every migration of the service, oldest first.
pub(crate) fn all() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(m0001_visits_and_rollups::VisitsAndRollups)]
}
