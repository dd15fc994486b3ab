//! Upgrades a database to the version that this build knows, one process at a time.

use platform_db::Db;
use sea_orm_migration::{
    MigrationTrait, MigratorTrait, SchemaManager,
    sea_orm::{ConnectionTrait, DbBackend, DbErr, DynIden, Statement},
};

use crate::{events, identity, membership, monitoring, plumbing, prepare, roaming};

/// The five services that own data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Service {
    /// Networks, hubs, members, visits.
    Membership,
    /// Passes, tariffs, charges, the ledger, settlements.
    Roaming,
    /// Events and seats.
    Events,
    /// Indicators.
    Monitoring,
    /// Accounts, sessions, roles, keys.
    Identity,
}

impl Service {
    /// All services, in the order in which they are upgraded.
    pub const ALL: [Self; 5] =
        [Self::Membership, Self::Roaming, Self::Events, Self::Monitoring, Self::Identity];

    /// Returns the name of the schema, of the process and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Membership => "membership",
            Self::Roaming => "roaming",
            Self::Events => "events",
            Self::Monitoring => "monitoring",
            Self::Identity => "identity",
        }
    }

    /// Returns the login role on PostgreSQL.
    pub fn role(self) -> String {
        format!("hubnet_{}", self.name())
    }

    pub(crate) fn migration_table(self) -> String {
        format!("{}_migration", self.name())
    }

    fn migrations(self) -> Vec<Box<dyn MigrationTrait>> {
        let own = match self {
            Self::Membership => membership::all(),
            Self::Roaming => roaming::all(),
            Self::Events => events::all(),
            Self::Monitoring => monitoring::all(),
            Self::Identity => identity::all(),
        };
        plumbing::all().into_iter().chain(own).collect()
    }
}

/// A reason why a database was not upgraded.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// A newer build has migrated it.
    #[error(
        "the database is from a newer version of hubnet: it has the migration {0:?}, which this build does not know"
    )]
    Newer(String),
    /// It has not been migrated.
    #[error("the database lacks the migration {0:?}; run `hubnet migrate`")]
    Older(String),
    /// A statement failed.
    #[error("a migration failed")]
    Failed(#[from] DbErr),
}

/// Runs the missing migrations. On PostgreSQL `db` is the owner's connection, with the service's schema as search
/// path; an advisory lock lets one of several starting processes run at a time.
///
/// # Errors
/// See [`MigrateError`].
pub async fn upgrade(db: &Db, service: Service) -> Result<(), MigrateError> {
    let owner = db.for_migration();
    let is_postgres = db.backend() == DbBackend::Postgres;
    refuse_newer(db, service).await?;
    let held = if is_postgres { Some(lock(db).await?) } else { None };
    let outcome = match service {
        Service::Membership => MembershipMigrator::up(owner, None).await,
        Service::Roaming => RoamingMigrator::up(owner, None).await,
        Service::Events => EventsMigrator::up(owner, None).await,
        Service::Monitoring => MonitoringMigrator::up(owner, None).await,
        Service::Identity => IdentityMigrator::up(owner, None).await,
    };
    if is_postgres && outcome.is_ok() {
        prepare::guard_functions(owner, service).await?;
        prepare::keep_plans(owner, service).await?;
        prepare::grant(owner, service).await?;
    }
    drop(held);
    Ok(outcome?)
}

/// Checks, without changing anything, that the database has exactly this build's version.
///
/// # Errors
/// See [`MigrateError`].
pub async fn check(db: &Db, service: Service) -> Result<(), MigrateError> {
    let applied = refuse_newer(db, service).await?;
    for migration in service.migrations() {
        if !applied.iter().any(|name| name == migration.name()) {
            return Err(MigrateError::Older(migration.name().into()));
        }
    }
    Ok(())
}

/// Returns whether a database has tables of a service, of any version.
pub async fn has_any(db: &Db, service: Service) -> bool {
    refuse_newer(db, service).await.is_ok_and(|applied| !applied.is_empty())
}

async fn refuse_newer(db: &Db, service: Service) -> Result<Vec<String>, MigrateError> {
    let owner = db.for_migration();
    let table = service.migration_table();
    if !SchemaManager::new(owner).has_table(&table).await? {
        return Ok(Vec::new());
    }
    let sql = format!("select version from {table}");
    let rows = owner.query_all_raw(Statement::from_string(db.backend(), sql)).await?;
    let applied = rows.iter().map(|row| row.try_get("", "version")).collect::<Result<Vec<String>, _>>()?;
    let known = service.migrations();
    match applied.iter().find(|name| !known.iter().any(|migration| migration.name() == name.as_str())) {
        Some(unknown) => Err(MigrateError::Newer(unknown.clone())),
        None => Ok(applied),
    }
}

/// Takes the advisory lock: a transaction that does nothing else and holds it until it is dropped.
async fn lock(db: &Db) -> Result<sea_orm_migration::sea_orm::DatabaseTransaction, DbErr> {
    use sea_orm_migration::sea_orm::TransactionTrait;
    const HUBNET: i64 = 0x0000_6875_626e_6574;
    let held = db.for_migration().begin().await?;
    held.execute_unprepared("set local idle_in_transaction_session_timeout = 0; set local lock_timeout = '60s'; set local statement_timeout = '60s'").await?;
    held.execute_unprepared(&format!("select pg_advisory_xact_lock({HUBNET})")).await?;
    Ok(held)
}

macro_rules! migrator {
    ($($name:ident = $service:expr;)*) => {$(
        struct $name;

        #[async_trait::async_trait]
        impl MigratorTrait for $name {
            fn migrations() -> Vec<Box<dyn MigrationTrait>> {
                $service.migrations()
            }
            fn migration_table_name() -> DynIden {
                DynIden::from(sea_orm_migration::sea_query::Alias::new($service.migration_table()))
            }
        }
    )*};
}

migrator! {
    MembershipMigrator = Service::Membership;
    RoamingMigrator = Service::Roaming;
    EventsMigrator = Service::Events;
    MonitoringMigrator = Service::Monitoring;
    IdentityMigrator = Service::Identity;
}
