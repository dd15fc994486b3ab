//! What every service has, whatever it does. In the embedded shape, where all services share one file, they share these
//! tables too: each migration here runs once for every service and makes only what is missing.

mod audit_log;
mod bus;
mod erased_member;
mod event_log;
mod idempotency;
mod postponed;
mod statistics;

use sea_orm_migration::MigrationTrait;

/// The migrations every service begins with, oldest first.
pub(crate) fn all() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(bus::Plumbing),
        Box::new(audit_log::AuditLog),
        Box::new(idempotency::Idempotency),
        Box::new(postponed::Postponed),
        Box::new(statistics::Statistics),
        Box::new(event_log::EventLog),
        Box::new(erased_member::ErasedMember),
    ]
}
