//! Where bytes are: a local folder, or an S3 bucket.
//!
//! Always true: a key is a network and a file, nothing else; a file is there whole or not at all.

use std::{fmt, fs, io, path::Path, sync::Arc, time::Duration};

use kernel::{FileId, NetworkId};
use object_store::{
    ClientOptions, ObjectStore, ObjectStoreExt as _, RetryConfig, aws::AmazonS3Builder,
    local::LocalFileSystem, path::Path as Key,
};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

/// A store that takes no connection for so long is away; the caller or the job tries again.
const PATIENCE: Duration = Duration::from_secs(5);
/// A long file may be read or written for so long.
const LONGEST: Duration = Duration::from_mins(10);
const RETRIES: usize = 2;

/// How to reach a bucket.
#[derive(Clone, Debug)]
pub struct S3Settings {
    /// The bucket.
    pub bucket: String,
    /// The server, `https://s3.example.org`; nothing for Amazon's own.
    pub endpoint: Option<String>,
    /// The region.
    pub region: String,
    /// The name of the access key.
    pub access_key_id: String,
    /// The access key.
    pub secret_access_key: SecretString,
}

/// The store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder cannot be made or written.
    #[error("the folder of the files, {0}, cannot be used")]
    Folder(std::path::PathBuf, #[source] io::Error),
    /// The store is away or full.
    #[error("the store of the files takes nothing now")]
    Away(#[source] object_store::Error),
    /// The settings make no store.
    #[error("the store of the files cannot be opened")]
    Settings(#[source] object_store::Error),
}

/// Where bytes are.
#[derive(Clone)]
pub struct FileStore {
    inner: Arc<dyn ObjectStore>,
}

impl fmt::Debug for FileStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FileStore").field(&self.inner.to_string()).finish()
    }
}

impl FileStore {
    /// Opens a folder, which is made if it is missing; its files are for this user alone.
    ///
    /// # Errors
    /// The folder cannot be used.
    pub fn local(folder: &Path) -> Result<Self, StoreError> {
        use std::os::unix::fs::DirBuilderExt as _;
        let wrong = |error| StoreError::Folder(folder.to_owned(), error);
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(wrong)?;
        let store = LocalFileSystem::new_with_prefix(folder).map_err(StoreError::Settings)?;
        // A file that was acknowledged survives a loss of power.
        Ok(Self { inner: Arc::new(store.with_fsync(true)) })
    }

    /// Opens a bucket.
    ///
    /// # Errors
    /// The settings are no bucket.
    pub fn s3(settings: &S3Settings) -> Result<Self, StoreError> {
        let is_plain = settings.endpoint.as_ref().is_some_and(|endpoint| endpoint.starts_with("http://"));
        let client = ClientOptions::new()
            .with_connect_timeout(PATIENCE)
            .with_timeout(LONGEST)
            .with_allow_http(is_plain);
        let retry =
            RetryConfig { max_retries: RETRIES, retry_timeout: 2 * PATIENCE, ..RetryConfig::default() };
        let mut builder = AmazonS3Builder::new()
            .with_client_options(client)
            .with_retry(retry)
            .with_bucket_name(&settings.bucket)
            .with_region(&settings.region)
            .with_access_key_id(&settings.access_key_id)
            .with_secret_access_key(settings.secret_access_key.expose_secret());
        if let Some(endpoint) = &settings.endpoint {
            builder = builder.with_endpoint(endpoint).with_allow_http(is_plain);
        }
        Ok(Self { inner: Arc::new(builder.build().map_err(StoreError::Settings)?) })
    }

    /// Writes a file and deletes it, to see whether the store is there and takes more.
    ///
    /// # Errors
    /// It is away or full.
    pub async fn examine(&self) -> Result<(), StoreError> {
        let key = Key::from("health");
        self.inner.put(&key, "well".into()).await.map_err(StoreError::Away)?;
        self.inner.delete(&key).await.map_err(StoreError::Away)
    }

    pub(crate) fn inner(&self) -> Arc<dyn ObjectStore> {
        Arc::clone(&self.inner)
    }

    /// Deletes a file's bytes; none is as good.
    pub(crate) async fn delete(&self, network: NetworkId, file: FileId) -> Result<(), object_store::Error> {
        match self.inner.delete(&key(network, file)).await {
            Err(object_store::Error::NotFound { .. }) => Ok(()),
            deleted => deleted,
        }
    }
}

pub(crate) fn key(network: NetworkId, file: FileId) -> Key {
    Key::from_iter([Uuid::from(network).simple().to_string(), Uuid::from(file).simple().to_string()])
}
