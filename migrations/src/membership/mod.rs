//! The membership service's tables.

mod capacity;
mod demonstration;
mod denied_touches;
mod erasure;
mod one_form;
mod open_visits;
mod person_version;
mod places_and_people;
mod presence;
mod tenant_keys;

use sea_orm_migration::MigrationTrait;

/// Every migration of the service, oldest first.
pub(crate) fn all() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(places_and_people::PlacesAndPeople),
        Box::new(presence::Presence),
        Box::new(erasure::Erasure),
        Box::new(denied_touches::DeniedTouches),
        Box::new(demonstration::Demonstration),
        Box::new(tenant_keys::TenantKeys),
        Box::new(open_visits::OpenVisits),
        Box::new(person_version::PersonVersion),
        Box::new(capacity::Capacity),
        Box::new(one_form::OneForm),
    ]
}
