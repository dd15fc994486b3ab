//! What is known about files: the table `file`, and `file_sweep`, which says when a row is to be looked at again.
//!
//! Always true: a file whose bytes may be there has a row; one that is not kept for ever has a row in `file_sweep`, which
//! names no person, so that the job finds it without knowing whose it is. Every statement on `file` names the network.

use jiff::{SignedDuration, Timestamp};
use kernel::{FileId, Id as _, NetworkId, PersonId};
use platform_db::{DbError, Row, Ts, Tx};
use uuid::Uuid;

use crate::FileType;

/// So long a use-case may take to keep what was received.
pub(crate) const UNKEPT_FOR: SignedDuration = SignedDuration::from_hours(24);

/// A file that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFile {
    /// The file.
    pub id: FileId,
    /// The network.
    pub network: NetworkId,
    /// Whose it is: the person it is about, or who sent it.
    pub person: Option<PersonId>,
    /// What it is for, such as `export` or `hub_photo`.
    pub purpose: String,
    /// Under which name it is saved.
    pub name: String,
    /// What it is.
    pub file_type: FileType,
    /// Its length.
    pub size_bytes: u64,
    /// Its SHA-256, in hexadecimal digits.
    pub sha256: String,
    /// When it was kept.
    pub kept_at: Timestamp,
    /// Until when it is there; nothing for as long as it is wanted.
    pub expires_at: Option<Timestamp>,
}

/// What is known before the bytes arrive.
pub(crate) struct Receiving<'f> {
    pub(crate) id: FileId,
    pub(crate) network: NetworkId,
    pub(crate) person: Option<PersonId>,
    pub(crate) purpose: &'f str,
    pub(crate) name: &'f str,
    pub(crate) file_type: FileType,
}

/// Counts a person's files that no use-case has kept yet.
pub(crate) async fn count_unkept(tx: &Tx, network: NetworkId, person: PersonId) -> Result<i64, DbError> {
    let sql = "select count(*) as unkept from file \
               where network_id = $1 and person_id = $2 and state in ('receiving', 'received')";
    let row = tx.row(sql, [uuid(network), uuid(person)]).await?;
    Ok(row.map(|row| row.try_get("", "unkept")).transpose()?.unwrap_or_default())
}

/// Writes the row of a file that is about to be received. One that is received again, by a job that runs again, is received
/// anew.
pub(crate) async fn begin(tx: &Tx, file: &Receiving<'_>, now: Timestamp) -> Result<(), DbError> {
    let sql = "insert into file (network_id, file_id, person_id, purpose, name, media_type, size_bytes, sha256, state, \
               received_at) values ($1, $2, $3, $4, $5, $6, 0, '', 'receiving', $7) \
               on conflict (network_id, file_id) do update set name = excluded.name, media_type = excluded.media_type, \
               size_bytes = 0, sha256 = '', state = 'receiving', received_at = excluded.received_at, expires_at = null";
    let values = [
        uuid(file.network),
        uuid(file.id),
        file.person.map(Uuid::from).into(),
        file.purpose.into(),
        file.name.into(),
        file.file_type.media_type().into(),
        Ts(now).into(),
    ];
    tx.run(sql, values).await?;
    look_again(tx, file.network, file.id, now + UNKEPT_FOR).await
}

/// Records what arrived.
pub(crate) async fn received(
    tx: &Tx,
    network: NetworkId,
    id: FileId,
    size_bytes: u64,
    sha256: &str,
) -> Result<(), DbError> {
    let size = i64::try_from(size_bytes).map_err(|error| DbError::inconsistent("file", error))?;
    let sql = "update file set size_bytes = $3, sha256 = $4, state = 'received' \
               where network_id = $1 and file_id = $2 and state = 'receiving'";
    tx.run(sql, [uuid(network), uuid(id), size.into(), sha256.into()]).await?;
    Ok(())
}

/// A received file, and whose and for what it must be.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The file.
    pub id: FileId,
    /// Who sent it; `None` for the system itself.
    pub person: Option<PersonId>,
    /// What it was sent for.
    pub purpose: &'a str,
}

/// Keeps a received file of a person and purpose, in the transaction of the use-case that wants it. Returns nothing if there is
/// no such file: it was not received, is somebody else's, is for something else, or was swept.
///
/// # Errors
/// The database is away.
pub async fn keep(
    tx: &Tx,
    network: NetworkId,
    wanted: Wanted<'_>,
    now: Timestamp,
    expires_at: Option<Timestamp>,
) -> Result<Option<StoredFile>, DbError> {
    let Wanted { id, person, purpose } = wanted;
    let lock = if tx.is_postgres() { "for update" } else { "" };
    let sql = format!(
        "select * from file where network_id = $1 and file_id = $2 and state in ('received', 'kept') {lock}"
    );
    let Some(row) = tx.row(&sql, [uuid(network), uuid(id)]).await? else { return Ok(None) };
    let mut file = read(&row)?;
    if file.person != person || file.purpose != purpose {
        return Ok(None);
    }
    let sql = "update file set state = 'kept', kept_at = $3, expires_at = $4 where network_id = $1 and file_id = $2";
    tx.run(sql, [uuid(network), uuid(id), Ts(now).into(), expires_at.map(Ts).into()]).await?;
    match expires_at {
        Some(expires_at) => look_again(tx, network, id, expires_at).await?,
        None => {
            tx.run("delete from file_sweep where file_id = $1", [uuid(id)]).await?;
        }
    }
    (file.kept_at, file.expires_at) = (now, expires_at);
    Ok(Some(file))
}

/// Finds a file that is kept and has not expired, in a transaction that reaches the network.
///
/// # Errors
/// The database is away.
pub async fn find(
    tx: &Tx,
    network: NetworkId,
    id: FileId,
    now: Timestamp,
) -> Result<Option<StoredFile>, DbError> {
    let sql = "select * from file where network_id = $1 and file_id = $2 and state = 'kept' \
               and (expires_at is null or expires_at > $3)";
    tx.row(sql, [uuid(network), uuid(id), Ts(now).into()]).await?.map(|row| read(&row)).transpose()
}

/// Removes a file: nobody finds it any more, and the next sweep deletes its bytes.
///
/// # Errors
/// The database is away.
pub async fn remove(tx: &Tx, network: NetworkId, id: FileId, now: Timestamp) -> Result<(), DbError> {
    let sql = "update file set state = 'removed', person_id = null, name = '' where network_id = $1 and file_id = $2";
    if tx.run(sql, [uuid(network), uuid(id)]).await?.rows_affected() > 0 {
        look_again(tx, network, id, now).await?;
    }
    Ok(())
}

/// Removes all files of a person, for their erasure, in its transaction.
///
/// # Errors
/// The database is away.
pub async fn forget_person(
    tx: &Tx,
    network: NetworkId,
    person: PersonId,
    now: Timestamp,
) -> Result<(), DbError> {
    let sql = "select file_id from file where network_id = $1 and person_id = $2";
    for row in tx.rows(sql, [uuid(network), uuid(person)]).await? {
        remove(tx, network, row.try_get::<Uuid>("", "file_id")?.into(), now).await?;
    }
    Ok(())
}

/// How much is stored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FileCounts {
    /// Files that are due to be looked at: unkept, expired or removed.
    pub due: i64,
    /// When the first of them was due.
    pub since: Option<Timestamp>,
}

/// Counts what is due to be swept in a database.
///
/// # Errors
/// The database is away.
pub async fn count(db: &platform_db::Db, now: Timestamp) -> Result<FileCounts, DbError> {
    let sql = "select count(*) as due, min(due_at_ms) as since from file_sweep where due_at_ms <= $1";
    let rows = db.alone(sql, [now.as_millisecond().into()]).await?;
    let Some(row) = rows.first() else { return Ok(FileCounts::default()) };
    let since = row.try_get::<Option<i64>>("", "since")?;
    Ok(FileCounts {
        due: row.try_get("", "due")?,
        since: since.and_then(|ms| Timestamp::from_millisecond(ms).ok()),
    })
}

async fn look_again(tx: &Tx, network: NetworkId, id: FileId, at: Timestamp) -> Result<(), DbError> {
    let sql = "insert into file_sweep (file_id, networkid, due_at_ms) values ($1, $2, $3) \
               on conflict (file_id) do update set due_at_ms = excluded.due_at_ms";
    tx.run(sql, [uuid(id), network.to_string().into(), at.as_millisecond().into()]).await?;
    Ok(())
}

/// A row of `file_sweep` that is due.
pub(crate) struct Due {
    pub(crate) network: NetworkId,
    pub(crate) file: FileId,
}

pub(crate) async fn list_due(db: &platform_db::Db, now: Timestamp, most: i64) -> Result<Vec<Due>, DbError> {
    let sql = "select file_id, networkid from file_sweep where due_at_ms <= $1 order by due_at_ms limit $2";
    let rows = db.alone(sql, [now.as_millisecond().into(), most.into()]).await?;
    let due = |row: &Row| {
        let network: String = row.try_get("", "networkid")?;
        Ok(Due {
            network: network.parse().map_err(|error| DbError::inconsistent("file_sweep", error))?,
            file: row.try_get::<Uuid>("", "file_id")?.into(),
        })
    };
    rows.iter().map(due).collect()
}

/// Takes a due file out of use, unless it was kept meanwhile; whether its bytes are to be deleted.
pub(crate) async fn condemn(tx: &Tx, due: &Due, now: Timestamp) -> Result<bool, DbError> {
    let sql = "update file set state = 'removed', person_id = null, name = '' where network_id = $1 and file_id = $2 and \
               (state = 'removed' or (state = 'kept' and expires_at <= $3) \
               or (state in ('receiving', 'received') and received_at <= $4))";
    let unkept_since = Ts(now - UNKEPT_FOR);
    let values = [uuid(due.network), uuid(due.file), Ts(now).into(), unkept_since.into()];
    if tx.run(sql, values).await?.rows_affected() > 0 {
        return Ok(true);
    }
    let sql = "delete from file_sweep where file_id = $1 and due_at_ms <= $2 \
               and not exists (select 1 from file where network_id = $3 and file_id = $1 and state <> 'kept')";
    tx.run(sql, [uuid(due.file), now.as_millisecond().into(), uuid(due.network)]).await?;
    Ok(false)
}

/// Forgets a file whose bytes are deleted.
pub(crate) async fn forget(tx: &Tx, due: &Due) -> Result<(), DbError> {
    let sql = "delete from file where network_id = $1 and file_id = $2 and state = 'removed'";
    if tx.run(sql, [uuid(due.network), uuid(due.file)]).await?.rows_affected() > 0 {
        tx.run("delete from file_sweep where file_id = $1", [uuid(due.file)]).await?;
    }
    Ok(())
}

fn read(row: &Row) -> Result<StoredFile, DbError> {
    let media_type: String = row.try_get("", "media_type")?;
    let size: i64 = row.try_get("", "size_bytes")?;
    Ok(StoredFile {
        id: row.try_get::<Uuid>("", "file_id")?.into(),
        network: row.try_get::<Uuid>("", "network_id")?.into(),
        person: row.try_get::<Option<Uuid>>("", "person_id")?.map(PersonId::from),
        purpose: row.try_get("", "purpose")?,
        name: row.try_get("", "name")?,
        file_type: FileType::of_media_type(&media_type)
            .ok_or_else(|| DbError::inconsistent("file", format!("media type {media_type:?}")))?,
        size_bytes: u64::try_from(size).map_err(|error| DbError::inconsistent("file", error))?,
        sha256: row.try_get("", "sha256")?,
        kept_at: row.try_get::<Option<Ts>>("", "kept_at")?.map_or(Timestamp::UNIX_EPOCH, |at| at.0),
        expires_at: row.try_get::<Option<Ts>>("", "expires_at")?.map(|at| at.0),
    })
}

pub(crate) fn uuid(id: impl Into<Uuid>) -> platform_db::Value {
    id.into().into()
}

pub(crate) fn new_id(world: &kernel::World) -> FileId {
    FileId::generate(world)
}
