//! The tables that every service has. In the embedded shape all services share one file and these tables: each
//! migration here runs once for every service and creates only what is missing.

mod audit_log;
mod bus;
mod erased_member;
mod event_log;
mod idempotency;
mod jobs;
mod postponed;
mod statistics;

use sea_orm_migration::MigrationTrait;

/// The migrations that every service begins with, oldest first.
pub(crate) fn all() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(bus::Plumbing),
        Box::new(audit_log::AuditLog),
        Box::new(idempotency::Idempotency),
        Box::new(postponed::Postponed),
        Box::new(statistics::Statistics),
        Box::new(event_log::EventLog),
        Box::new(erased_member::ErasedMember),
        Box::new(jobs::Jobs),
    ]
}
