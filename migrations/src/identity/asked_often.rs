//! Indexes for frequent queries. They serve expired tries and challenges and revocations in force, which are read at
//! every sign-in or every few seconds, and all sessions of a person, which are read when the person is erased.

use sea_orm_migration::prelude::*;

use crate::run;

pub(super) struct AskedOften;

impl MigrationName for AskedOften {
    fn name(&self) -> &'static str {
        "identity_9_asked_often"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for AskedOften {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, INDEXES).await
    }
}

const INDEXES: &str = "
create index sign_in_try_over on sign_in_try (window_ends_at);
create index sign_in_challenge_over on sign_in_challenge (network_id, expires_at);
create index revocation_until on revocation (until);
drop index session_person;
create index session_of_person on session (network_id, person_id);";
