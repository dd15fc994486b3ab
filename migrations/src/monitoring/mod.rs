//! The monitoring service's tables.

mod m0001_visits_and_rollups;
mod m0002_tenant_keys;

use sea_orm_migration::MigrationTrait;

/// Every migration of the service, oldest first.
pub(crate) fn all() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(m0001_visits_and_rollups::VisitsAndRollups), Box::new(m0002_tenant_keys::TenantKeys)]
}
