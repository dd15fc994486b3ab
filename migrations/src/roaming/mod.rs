//! The roaming service's tables.

mod asked_often;
mod charges_and_ledger;
mod member_plans;
mod passes_and_tariffs;
mod ratings;
mod settlements;
mod tenant_keys;

use sea_orm_migration::MigrationTrait;

/// Every migration of the service, oldest first.
pub(crate) fn all() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(passes_and_tariffs::PassesAndTariffs),
        Box::new(settlements::Settlements),
        Box::new(charges_and_ledger::ChargesAndLedger),
        Box::new(tenant_keys::TenantKeys),
        Box::new(ratings::Ratings),
        Box::new(member_plans::MemberPlans),
        Box::new(asked_often::AskedOften),
    ]
}
