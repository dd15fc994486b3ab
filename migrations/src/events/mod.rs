//! The events service's tables.

mod m0001_events_and_seats;

use sea_orm_migration::MigrationTrait;

/// Every migration of the service, oldest first.
pub(crate) fn all() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(m0001_events_and_seats::EventsAndSeats)]
}
