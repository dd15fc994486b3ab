//! The events service's tables.

mod m0001_events_and_seats;
mod m0002_tenant_keys;
mod m0003_one_form;
mod m0004_asked_often;

use sea_orm_migration::MigrationTrait;

/// Every migration of the service, oldest first.
pub(crate) fn all() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(m0001_events_and_seats::EventsAndSeats),
        Box::new(m0002_tenant_keys::TenantKeys),
        Box::new(m0003_one_form::OneForm),
        Box::new(m0004_asked_often::AskedOften),
    ]
}
