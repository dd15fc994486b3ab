//! Receiving and reading files.

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream::BoxStream};
use kernel::{Coded, ErrorCode, FileId, NetworkId, PersonId, World};
use object_store::{ObjectStoreExt as _, buffered::BufWriter};
use platform_db::{Db, DbError, Reach};
use platform_keys::LinkKey;
use sha2::{Digest as _, Sha256};

use crate::{
    FileStore, FileType, StoredFile,
    figures::count_file,
    rows::{self, Receiving},
    store::key,
};

/// The bytes of a file, in order; an error ends them.
pub type StoredBytes = BoxStream<'static, std::io::Result<Bytes>>;

/// S3 takes parts of at least five megabytes; shorter files go in one request.
const PART_BYTES: usize = 8 * 1024 * 1024;
/// So many files of a person may wait for a use-case that keeps them.
const MOST_UNKEPT: i64 = 20;
/// A name is shown and saved; longer ones are cut.
const LONGEST_NAME: usize = 100;

/// What may be received for a purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileRules {
    /// What the file is for.
    pub purpose: &'static str,
    /// The longest file.
    pub largest_bytes: u64,
    /// What it may be.
    pub types: &'static [FileType],
}

/// A file that is to be received.
#[derive(Clone, Debug)]
pub struct NewFile<'f> {
    /// The network.
    pub network: NetworkId,
    /// Whose it is.
    pub person: Option<PersonId>,
    /// The name its sender gives it; only a part of it is used.
    pub name: &'f str,
    /// Its id, if a job that runs again must make the same file.
    pub id: Option<FileId>,
}

/// A file whose bytes are stored, and which a use-case may [keep](crate::keep).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceivedFile {
    /// The file.
    pub id: FileId,
    /// What it is.
    pub file_type: FileType,
    /// Its length.
    pub size_bytes: u64,
    /// Its SHA-256, in hexadecimal digits.
    pub sha256: String,
}

/// A file is not received or not read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It is of no type that the purpose allows.
    #[error("file must be one of {}", list(.0))]
    Type(&'static [FileType]),
    /// It is too long.
    #[error("file must have at most {0} bytes")]
    TooLarge(u64),
    /// It has no bytes.
    #[error("file must not be empty")]
    Empty,
    /// Its sender has sent too many that are not used for anything.
    #[error("too many files wait to be used; try again tomorrow")]
    TooMany,
    /// Its sender went away.
    #[error("the file did not arrive whole")]
    BrokenOff(#[source] std::io::Error),
    /// The store is away or full.
    #[error("files cannot be stored or read now")]
    Store(#[from] object_store::Error),
    /// The store is away or full.
    #[error("files cannot be stored now")]
    Write(#[source] std::io::Error),
    /// The database is away.
    #[error("the database refused")]
    Db(#[from] DbError),
}

impl Coded for FileError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Type(_) => ErrorCode::UnsupportedMediaType,
            Self::TooLarge(_) => ErrorCode::PayloadTooLarge,
            Self::Empty | Self::BrokenOff(_) => ErrorCode::InvalidInput,
            Self::TooMany => ErrorCode::RateLimited,
            Self::Store(_) | Self::Write(_) => ErrorCode::Unavailable,
            Self::Db(error) => error.code(),
        }
    }

    fn field(&self) -> Option<&str> {
        match self {
            Self::Type(_) | Self::TooLarge(_) | Self::Empty | Self::BrokenOff(_) => Some("file"),
            Self::TooMany | Self::Store(_) | Self::Write(_) | Self::Db(_) => None,
        }
    }
}

fn list(types: &[FileType]) -> String {
    types.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// A service's files: its database, and the store that all services share.
#[derive(Clone, Debug)]
pub struct Files {
    pub(crate) db: Db,
    pub(crate) store: FileStore,
    pub(crate) links: LinkKey,
    pub(crate) service: &'static str,
}

impl Files {
    /// The files of a service, whose name stands in their links.
    pub fn new(service: &'static str, db: Db, store: FileStore, links: LinkKey) -> Self {
        Self { db, store, links, service }
    }

    /// Returns the database that holds what is known about them.
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// Receives a file; no transaction is open meanwhile. It is deleted in a day unless a use-case keeps it.
    ///
    /// # Errors
    /// See [`FileError`].
    #[tracing::instrument(name = "files.receive", skip_all, fields(file.purpose = rules.purpose))]
    pub async fn receive(
        &self,
        world: &World,
        rules: &FileRules,
        file: NewFile<'_>,
        mut bytes: impl Stream<Item = std::io::Result<Bytes>> + Send + Unpin,
    ) -> Result<ReceivedFile, FileError> {
        let outcome = self.try_to_receive(world, rules, file, &mut bytes).await;
        count_file(match &outcome {
            Ok(_) => "received",
            Err(FileError::Store(_) | FileError::Write(_) | FileError::Db(_)) => "failed",
            Err(_) => "refused",
        });
        outcome
    }

    async fn try_to_receive(
        &self,
        world: &World,
        rules: &FileRules,
        file: NewFile<'_>,
        bytes: &mut (impl Stream<Item = std::io::Result<Bytes>> + Send + Unpin),
    ) -> Result<ReceivedFile, FileError> {
        let head = read_head(bytes).await?;
        if head.is_empty() {
            return Err(FileError::Empty);
        }
        let file_type = FileType::of(&head).filter(|it| rules.types.contains(it));
        let file_type = file_type.ok_or(FileError::Type(rules.types))?;
        let id = file.id.unwrap_or_else(|| rows::new_id(world));
        let name = safe_name(file.name, file_type);
        let NewFile { network, person, .. } = file;
        let tx = self.db.write(Reach::Network(network)).await?;
        if let Some(person) = person
            && rows::count_unkept(&tx, network, person).await? >= MOST_UNKEPT
        {
            return Err(FileError::TooMany);
        }
        let row = Receiving { id, network, person, purpose: rules.purpose, name: &name, file_type };
        rows::begin(&tx, &row, world.now()).await?;
        tx.commit().await?;

        let mut writer = BufWriter::with_capacity(self.store.inner(), key(network, id), PART_BYTES);
        let written = write(&mut writer, head, bytes, rules.largest_bytes).await;
        let (size_bytes, sha256) = match written {
            Ok(written) => written,
            Err(error) => {
                // What is left behind has a row, and is swept. A writer that failed at its end cannot be aborted.
                if !matches!(error, FileError::Write(_))
                    && let Err(error) = writer.abort().await
                {
                    tracing::debug!(%error, "a part of a file stays until it is swept");
                }
                return Err(error);
            }
        };

        let tx = self.db.write(Reach::Network(network)).await?;
        rows::received(&tx, network, id, size_bytes, &sha256).await?;
        tx.commit().await?;
        Ok(ReceivedFile { id, file_type, size_bytes, sha256 })
    }

    /// Finds a file that is kept.
    ///
    /// # Errors
    /// The database is away.
    pub async fn find(
        &self,
        world: &World,
        network: NetworkId,
        id: FileId,
    ) -> Result<Option<StoredFile>, DbError> {
        let tx = self.db.read(Reach::Network(network)).await?;
        rows::find(&tx, network, id, world.now()).await
    }

    /// Reads the bytes of a file.
    ///
    /// # Errors
    /// The store is away, or has lost them.
    pub async fn read(&self, file: &StoredFile) -> Result<StoredBytes, FileError> {
        let found = self.store.inner().get(&key(file.network, file.id)).await?;
        Ok(found.into_stream().map(|piece| piece.map_err(std::io::Error::other)).boxed())
    }
}

/// Reads as much as is needed to recognise a file.
async fn read_head(
    bytes: &mut (impl Stream<Item = std::io::Result<Bytes>> + Unpin),
) -> Result<Vec<u8>, FileError> {
    let mut head = Vec::new();
    while head.len() < FileType::HEAD_BYTES {
        match bytes.next().await {
            Some(piece) => head.extend_from_slice(&piece.map_err(FileError::BrokenOff)?),
            None => break,
        }
    }
    Ok(head)
}

/// Writes a file to its end; returns its length and its hash.
async fn write(
    writer: &mut BufWriter,
    head: Vec<u8>,
    bytes: &mut (impl Stream<Item = std::io::Result<Bytes>> + Unpin),
    largest_bytes: u64,
) -> Result<(u64, String), FileError> {
    let (mut size, mut hash) = (0_u64, Sha256::new());
    let mut next = Some(Bytes::from(head));
    while let Some(piece) = next {
        size += u64::try_from(piece.len()).unwrap_or(u64::MAX);
        if size > largest_bytes {
            return Err(FileError::TooLarge(largest_bytes));
        }
        hash.update(&piece);
        writer.put(piece).await?;
        next = bytes.next().await.transpose().map_err(FileError::BrokenOff)?;
    }
    finish(writer).await?;
    Ok((size, hex::encode(hash.finalize())))
}

async fn finish(writer: &mut BufWriter) -> Result<(), FileError> {
    use futures_util::future::poll_fn;
    use std::pin::Pin;
    use tokio::io::AsyncWrite;
    poll_fn(|context| Pin::new(&mut *writer).poll_shutdown(context)).await.map_err(FileError::Write)
}

/// The name under which a file is saved: letters, digits and a few signs of the last part of what its sender gave it, and the
/// ending of what it is. It is only ever shown; nothing is found by it.
fn safe_name(name: &str, file_type: FileType) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = last.rsplit_once('.').map_or(last, |(stem, _ending)| stem);
    let is_kept = |sign: &char| sign.is_alphanumeric() || matches!(sign, ' ' | '-' | '_' | '(' | ')');
    let kept: String = stem.chars().filter(is_kept).take(LONGEST_NAME).collect();
    let kept = kept.split_whitespace().collect::<Vec<_>>().join(" ");
    let stem = if kept.is_empty() { "file" } else { kept.as_str() };
    format!("{stem}.{}", file_type.ending())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_keeps_what_people_read_and_nothing_of_a_path() {
        for (given, name) in [
            ("../../etc/passwd", "passwd.jpg"),
            ("..\\..\\boot.ini", "boot.jpg"),
            ("Potvrzení o studiu (1).pdf", "Potvrzení o studiu (1).jpg"),
            ("photo.php.jpg", "photophp.jpg"),
            ("a\r\nSet-Cookie: x=y.jpg", "aSet-Cookie xy.jpg"),
            ("\u{202e}gpj.exe", "gpj.jpg"),
            ("..", "file.jpg"),
            ("", "file.jpg"),
        ] {
            assert_eq!(safe_name(given, FileType::Jpeg), name, "{given:?}");
        }
    }

    proptest! {
        /// Whatever a sender calls a file, its name can be saved anywhere.
        #[test]
        fn a_name_leads_nowhere(given in any::<String>()) {
            let name = safe_name(&given, FileType::Pdf);
            prop_assert!(!name.contains(['/', '\\', '\0', '\r', '\n', '"', ':', '<']), "{name:?}");
            prop_assert!(name.strip_suffix(".pdf").is_some() && name.matches('.').count() == 1, "{name:?}");
            prop_assert!(name.chars().count() <= LONGEST_NAME + 4, "{name:?}");
        }
    }
}
