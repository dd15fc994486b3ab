//! The rows that a check-in refers to: a network, a hub and some members, all with fixed ids.

use anyhow::Result;
use kernel::World;
use platform_db::{Reach, Ts, Tx};
use uuid::Uuid;

/// Number of members; `one_statement.sql` repeats it.
pub(crate) const MEMBERS: u128 = 1_000;
/// Ids of this fixture begin with the version and the variant of a UUID, and end in a number.
const FIRST_ID: u128 = 0x7000_8000_0000_0000_0000;

/// Fills the tables of an empty, migrated database to which the rows of a check-in refer.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Arguments {
    /// `sqlite://…` or the owner's `postgres://…`.
    #[arg(long)]
    database: String,
    /// PostgreSQL: the schema of the tables.
    #[arg(long)]
    schema: Option<String>,
}

pub(crate) fn network() -> Uuid {
    Uuid::from_u128(FIRST_ID)
}

pub(crate) fn hub() -> Uuid {
    network()
}

pub(crate) fn member(place: u128) -> Uuid {
    Uuid::from_u128(FIRST_ID + place)
}

pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    let db = super::open(&arguments.database, arguments.schema.as_deref()).await?;
    let tx = db.write(Reach::Directory).await?;
    let now = Ts(World::real().now());
    insert_places(&tx, now).await?;
    let rows = (0..MEMBERS).map(|place| {
        let (id, email) = (member(place), format!("{place}@example.org"));
        [id.into(), network().into(), "Somebody".into(), email.into(), "en".into()]
    });
    let head = "insert into person (person_id, network_id, name, email, language)";
    tx.insert_rows(head, rows.collect(), "").await?;
    let rows = (0..MEMBERS).map(|place| {
        let id = member(place);
        [id.into(), network().into(), hub().into(), id.into(), "resident".into(), now.into()]
    });
    let head = "insert into member (member_id, network_id, hub_id, person_id, category, joined_at)";
    tx.insert_rows(head, rows.collect(), "").await?;
    Ok(tx.commit().await?)
}

async fn insert_places(tx: &Tx, now: Ts) -> Result<()> {
    let sql = "insert into network (network_id, slug, name, clearing_currency, time_zone, home_commission_bp, \
               network_commission_bp, founded_at) values ($1, 'bench', 'Bench', 'EUR', 'UTC', 500, 200, $2)";
    tx.run(sql, [network().into(), now.into()]).await?;
    let sql = "insert into hub (hub_id, network_id, slug, name, legal_name, tax_number, kind, language, time_zone, \
               currency, opening_hours, catchment_population, capacity, address, position, onboarded_at) \
               values ($1, $2, 'bench', 'Bench', 'Bench', 'CZ1', 'coworking', 'en', 'UTC', 'EUR', '24/7', 0, 100000, \
               '{}', '{}', $3)";
    tx.run(sql, [hub().into(), network().into(), now.into()]).await?;
    Ok(())
}
