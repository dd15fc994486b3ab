//! Gaps: a receiver compares what its sources have kept with its inbox, and requests the events it lacks.
//!
//! Always true: a receiver's mark of a stream means that it has every event up to there, taken in, postponed or
//! dead-lettered. The mark moves only over ids that the inbox knows. A missing event may still be on its way, so it is
//! requested only if the look before missed it, too. Requesting too much is harmless: the inbox counts each event once.

use std::{collections::HashSet, time::Duration};

use kernel::{CloudEvent, NetworkId};
use platform_db::{Db, DbError, Reach};
use tokio::sync::watch;
use uuid::Uuid;

use crate::{
    HandleError, Handler, KeptPage, Mark, Wanted, deliver,
    event_log::{list_kept, load_kept},
};

/// How often a receiver looks for gaps.
pub(crate) const LOOK_EVERY: Duration = Duration::from_secs(5);

/// The events missing at the last look.
pub type Suspects = HashSet<Uuid>;

/// The result of a look.
#[derive(Debug, Default)]
pub struct Found {
    /// Events missing at two looks in a row, to be requested.
    pub wanted: Vec<Wanted>,
    /// All missing events.
    pub lacking: Suspects,
    /// Whether a mark moved, so there may be more to compare.
    pub moved: bool,
}

/// Lists the marks of a receiver.
///
/// # Errors
/// See [`DbError`].
pub async fn list_marks(db: &Db, consumer: &str) -> Result<Vec<Mark>, DbError> {
    let sql = "select networkid, kind, sequence from received_mark where consumer = $1";
    let rows = db.alone(sql, [consumer.into()]).await?;
    rows.iter()
        .map(|row| {
            let networkid: String = row.try_get("", "networkid")?;
            let networkid: NetworkId =
                networkid.parse().map_err(|error| DbError::inconsistent("received_mark", error))?;
            Ok(Mark { networkid, kind: row.try_get("", "kind")?, sequence: row.try_get("", "sequence")? })
        })
        .collect()
}

/// Compares what a source has kept with a receiver's inbox, and moves its marks.
///
/// # Errors
/// See [`DbError`].
pub async fn compare(
    handler: &dyn Handler,
    pages: &[KeptPage],
    suspects: &Suspects,
) -> Result<Found, DbError> {
    let mut found = Found::default();
    for page in pages {
        let lacking = lacking_of(handler, &page.ids).await?;
        let wanted: Vec<i64> = (page.first..)
            .zip(&page.ids)
            .filter(|(_, id)| lacking.contains(*id) && suspects.contains(*id))
            .map(|(sequence, _)| sequence)
            .collect();
        if !wanted.is_empty() {
            tracing::warn!(
                consumer = handler.consumer(), event.kind = %page.kind, network.id = %page.networkid,
                events = wanted.len(), "events are lacking and asked for"
            );
            let (networkid, kind) = (page.networkid, page.kind.clone());
            found.wanted.push(Wanted { networkid, kind, sequences: wanted });
        }
        found.moved |= move_mark(handler, page, &lacking).await?;
        found.lacking.extend(lacking);
    }
    Ok(found)
}

/// The ids that the inbox does not know.
async fn lacking_of(handler: &dyn Handler, ids: &[Uuid]) -> Result<HashSet<Uuid>, DbError> {
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let (which, values) = handler.db().among("event_id", 2, ids);
    let sql = format!("select event_id from inbox where consumer = $1 and {which}");
    let rows = handler.db().alone(&sql, std::iter::once(handler.consumer().into()).chain(values)).await?;
    let mut lacking: HashSet<Uuid> = ids.iter().copied().collect();
    for row in rows {
        lacking.remove(&row.try_get::<Uuid>("", "event_id")?);
    }
    Ok(lacking)
}

/// Moves the mark up to the first missing event, or back to the end of a stream that has become shorter.
async fn move_mark(handler: &dyn Handler, page: &KeptPage, lacking: &HashSet<Uuid>) -> Result<bool, DbError> {
    let there = page.ids.iter().take_while(|id| !lacking.contains(*id)).count();
    if there == 0 && !page.ids.is_empty() {
        return Ok(false);
    }
    let there = i64::try_from(there).unwrap_or(i64::MAX);
    let mark = (page.first + there - 1).min(page.last);
    let sql = "insert into received_mark (consumer, networkid, kind, sequence) values ($1, $2, $3, $4) \
               on conflict (consumer, kind, networkid) do update set sequence = excluded.sequence";
    let values =
        [handler.consumer().into(), page.networkid.to_string().into(), page.kind.clone().into(), mark.into()];
    let tx = handler.db().write(Reach::Directory).await?;
    tx.run(sql, values).await?;
    tx.commit().await?;
    Ok(true)
}

/// Looks once for gaps at sources whose databases are at hand, and delivers what the look before missed as well.
/// Returns how many events were delivered, and how many are still missing.
///
/// # Errors
/// Fails if a database is away.
pub async fn close_gaps(
    handler: &dyn Handler,
    sources: &[Db],
    suspects: &mut Suspects,
) -> Result<(usize, usize), HandleError> {
    let kinds: Vec<String> = handler.consumes().iter().map(|kind| (*kind).to_owned()).collect();
    let (mut brought, mut lacking) = (0, Suspects::new());
    for source in sources {
        loop {
            let marks = list_marks(handler.db(), handler.consumer()).await?;
            let pages = list_kept(source, &kinds, &marks).await?;
            let found = compare(handler, &pages, suspects).await?;
            for wanted in &found.wanted {
                let events: Vec<CloudEvent> = load_kept(source, wanted).await?;
                brought += deliver(handler, &events).await?;
            }
            if found.wanted.is_empty() && !found.moved {
                lacking.extend(found.lacking);
                break;
            }
        }
    }
    *suspects = lacking;
    Ok((brought, suspects.len()))
}

/// Closes the gaps of receivers whose sources are at hand, repeatedly, until `stop` turns true. The embedded shape uses
/// this, as it has no broker.
pub async fn keep_closing_gaps(
    handler: std::sync::Arc<dyn Handler>,
    sources: Vec<Db>,
    mut stop: watch::Receiver<bool>,
) {
    let mut suspects = Suspects::new();
    while !*stop.borrow() {
        if let Err(error) = close_gaps(handler.as_ref(), &sources, &mut suspects).await {
            tracing::warn!(consumer = handler.consumer(), %error, "gaps are looked for later");
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            _ = stop.changed() => {}
        }
    }
}
