//! Offered roles: a role that is only offered has no effect, and a grant is worth no more than the current rights of
//! its giver.
//!
//! `offered_to` records how an offer reached the person. Null means that the role was accepted, as every earlier role
//! was.

use sea_orm_migration::prelude::*;

use crate::run;

pub(super) struct Consent;

impl MigrationName for Consent {
    fn name(&self) -> &'static str {
        "identity_8_consent"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Consent {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, CHANGES).await
    }
}

/// The index on mail serves the check for a waiting message on the same matter, made whenever a message is queued.
const CHANGES: &str = "
alter table role_assignment add column offered_to text
    check (offered_to is null or offered_to in ('invitation', 'address', 'person'));
alter table role_assignment add column accepted_at {ts};
alter table sign_in_account add column invited_by {uuid};
create index api_key_giver on api_key (network_id, issued_by) where revoked_at is null;
create index device_secret_giver on device_secret (network_id, issued_by) where revoked_at is null;
create index outgoing_mail_person on outgoing_mail (network_id, person_id, purpose);";
