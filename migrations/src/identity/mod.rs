//! The identity service's tables.

mod accounts_and_sessions;
mod asked_often;
mod consent;
mod demonstration;
mod devices_and_keys;
mod mail;
mod one_form;
mod roles;
mod second_factor;
mod single_sign_on;
mod tenant_keys;

use sea_orm_migration::MigrationTrait;

/// Every migration of the service, oldest first.
pub(crate) fn all() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(accounts_and_sessions::AccountsAndSessions),
        Box::new(roles::Roles),
        Box::new(devices_and_keys::DevicesAndKeys),
        Box::new(mail::Mail),
        Box::new(demonstration::Demonstration),
        Box::new(tenant_keys::TenantKeys),
        Box::new(second_factor::SecondFactor),
        Box::new(single_sign_on::SingleSignOn),
        Box::new(consent::Consent),
        Box::new(one_form::OneForm),
        Box::new(asked_often::AskedOften),
    ]
}
