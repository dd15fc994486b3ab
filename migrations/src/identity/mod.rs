//! The identity service's tables.

mod accounts_and_sessions;
mod devices_and_keys;
mod mail;
mod roles;
mod second_factor;

use sea_orm_migration::MigrationTrait;

/// Every migration of the service, oldest first.
pub(crate) fn all() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(accounts_and_sessions::AccountsAndSessions),
        Box::new(roles::Roles),
        Box::new(devices_and_keys::DevicesAndKeys),
        Box::new(mail::Mail),
        Box::new(second_factor::SecondFactor),
    ]
}
