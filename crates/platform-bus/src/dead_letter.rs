//! Dead letters: events that a receiver refused for good, kept in its own database until an operator looks.

use kernel::CloudEvent;
use platform_db::{Db, DbError, Reach, Ts};

use crate::{HandleError, Handler};

/// An event that a receiver refused for good.
#[derive(Debug, Clone)]
pub struct DeadLetter {
    /// The receiver that refused it.
    pub consumer: String,
    /// The refused event.
    pub event: CloudEvent,
    /// The reason for the refusal.
    pub reason: String,
}

pub(crate) async fn set_aside(
    handler: &dyn Handler,
    event: &CloudEvent,
    reason: &str,
) -> Result<(), HandleError> {
    tracing::error!(consumer = handler.consumer(), event.kind = %event.kind, event.id = %event.id, reason, "event set aside");
    let body = serde_json::to_string(event)?;
    let tx = handler.db().write(Reach::Network(event.networkid)).await?;
    let sql = "insert into dead_letter (consumer, event_id, said_at, body, reason) values ($1, $2, $3, $4, $5) \
               on conflict do nothing";
    let values =
        [handler.consumer().into(), event.id.into(), Ts(event.time).into(), body.into(), reason.into()];
    tx.run(sql, values).await?;
    let seen = "insert into inbox (consumer, event_id) values ($1, $2) on conflict do nothing";
    tx.run(seen, [handler.consumer().into(), event.id.into()]).await?;
    Ok(tx.commit().await?)
}

/// Lists the dead letters of all receivers of one database, oldest first.
///
/// # Errors
/// See [`DbError`].
pub async fn list_dead_letters(db: &Db) -> Result<Vec<DeadLetter>, DbError> {
    let tx = db.read(Reach::Directory).await?;
    let rows =
        tx.rows("select consumer, body, reason from dead_letter order by said_at, event_id", []).await?;
    rows.iter()
        .map(|row| {
            let body: String = row.try_get("", "body")?;
            let event =
                serde_json::from_str(&body).map_err(|error| DbError::inconsistent("dead_letter", error))?;
            Ok(DeadLetter {
                consumer: row.try_get("", "consumer")?,
                event,
                reason: row.try_get("", "reason")?,
            })
        })
        .collect()
}

/// Counts a receiver's dead letters.
///
/// # Errors
/// See [`DbError`].
pub async fn dead_letters(db: &Db, consumer: &str) -> Result<i64, DbError> {
    let tx = db.read(Reach::Directory).await?;
    let sql = "select count(*) as events from dead_letter where consumer = $1";
    let row = tx.row(sql, [consumer.into()]).await?;
    row.map_or(Ok(0), |row| Ok(row.try_get("", "events")?))
}

/// Offers a receiver's dead letters to it once more and returns how many it took in. The others stay dead letters.
///
/// # Errors
/// Fails if the database is away.
pub async fn replay_dead_letters(handler: &dyn Handler) -> Result<usize, HandleError> {
    let mut taken = 0;
    let messages = list_dead_letters(handler.db()).await?;
    for message in messages.into_iter().filter(|message| message.consumer == handler.consumer()) {
        match take_again(handler, &message.event).await {
            Ok(()) => taken += 1,
            Err(HandleError::Away(why)) => return Err(HandleError::Away(why)),
            Err(refused) => tracing::warn!(consumer = handler.consumer(), %refused, "refused again"),
        }
    }
    Ok(taken)
}

/// Deletes the dead letter in the transaction of the event's effect.
async fn take_again(handler: &dyn Handler, event: &CloudEvent) -> Result<(), HandleError> {
    let tx = handler.db().write(Reach::Network(event.networkid)).await?;
    let sql = "delete from dead_letter where consumer = $1 and event_id = $2";
    tx.run(sql, [handler.consumer().into(), event.id.into()]).await?;
    let event = std::slice::from_ref(event);
    handler.handle(&tx, event).await?;
    tx.commit().await?;
    handler.committed(event).await;
    Ok(())
}
