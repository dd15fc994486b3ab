//! Writes the rows of a check-in without hubnet: a touch, the visit it opens, and the event in the outbox, in one
//! transaction on SQLite by a single writer. This is the maximum of SQLite with everything flushed;
//! `one_statement.sql` beside this file does the same on PostgreSQL. The visit ends at once, because a person has one
//! open visit at most and the same members come again.

pub(crate) mod fixture;

use std::time::{Duration, Instant};

use anyhow::Result;
use kernel::{Id as _, TouchId, World};
use platform_db::{Db, DbConfig, Reach, Ts};
use uuid::Uuid;

use crate::measured::Measured;

/// As long as the event of a check-in.
const EVENT_BYTES: usize = 640;

/// Writes rows for a while.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Arguments {
    /// `sqlite://…`: a database that contains the fixture.
    #[arg(long)]
    database: String,
    /// For how long.
    #[arg(long)]
    seconds: u64,
}

pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    let (db, world) = (open(&arguments.database, None).await?, World::real());
    let body = format!("{{{:EVENT_BYTES$}}}", "");
    let started = Instant::now();
    let mut measured = Measured::default();
    let mut place = 0;
    while started.elapsed() < Duration::from_secs(arguments.seconds) {
        measured.count(write(&db, &world, place % fixture::MEMBERS, &body)).await?;
        place += 1;
    }
    measured.elapsed = started.elapsed();
    println!("{measured}");
    Ok(())
}

async fn open(url: &str, schema: Option<&str>) -> Result<Db> {
    let config =
        DbConfig { url: url.to_owned().into(), schema: schema.map(str::to_owned), max_connections: 1 };
    Ok(Db::connect(&config).await?)
}

async fn write(db: &Db, world: &World, place: u128, body: &str) -> Result<()> {
    let (touch, event) = (new_id(world), new_id(world));
    let (network, hub, member) = (fixture::network(), fixture::hub(), fixture::member(place));
    let now = Ts(world.now());
    let tx = db.write(Reach::Directory).await?;
    let sql = "insert into touch (touch_id, network_id, hub_id, reporter, event_id, at, received_at, direction, \
               source, person_id, member_id, skewed, effect, visit_id) \
               values ($1, $2, $3, $4, $5, $6, $7, 'in', 'chip', $8, $9, $10, 'opened', $1)";
    let values = [
        touch.into(),
        network.into(),
        hub.into(),
        hub.to_string().into(),
        touch.to_string().into(),
        now.into(),
        now.into(),
        member.into(),
        member.into(),
        false.into(),
    ];
    tx.run(sql, values).await?;
    let sql = "insert into visit (visit_id, network_id, hub_id, person_id, member_id, home_hub_id, category, source, \
               started_at, ended_at, ended_by, annulled, revision) \
               values ($1, $2, $3, $4, $4, $3, 'resident', 'chip', $5, $5, 'check_out', $6, 1)";
    let values = [touch.into(), network.into(), hub.into(), member.into(), now.into(), false.into()];
    tx.run(sql, values).await?;
    let sql = "insert into outbox (event_id, emitted_at, body) values ($1, $2, $3)";
    tx.run(sql, [event.into(), now.into(), body.into()]).await?;
    Ok(tx.commit().await?)
}

fn new_id(world: &World) -> Uuid {
    TouchId::generate(world).into()
}
