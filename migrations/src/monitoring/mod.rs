//! The monitoring service's tables.

use sea_orm_migration::MigrationTrait;

/// Every migration of the service, oldest first.
pub(crate) fn all() -> Vec<Box<dyn MigrationTrait>> {
    vec![]
}
