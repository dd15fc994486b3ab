//! `[files]`: where the bytes of files are.

use std::path::PathBuf;

use platform_files::S3Settings;
use secrecy::SecretString;
use serde::Deserialize;

/// Where the bytes of files are.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilesConfig {
    /// A folder. Absent: `files` in `data_dir`. Not used with a bucket.
    pub folder: Option<PathBuf>,
    /// An S3 bucket. Absent: the folder.
    pub bucket: Option<String>,
    /// The server of the bucket. Absent: Amazon's own.
    pub endpoint: Option<String>,
    /// The region of the bucket.
    pub region: String,
    /// The name of the access key.
    pub access_key_id: Option<String>,
    /// The access key.
    pub secret_access_key: Option<SecretString>,
    /// A file that holds it instead.
    pub secret_access_key_file: Option<PathBuf>,
}

impl FilesConfig {
    /// How to reach the bucket, if there is one.
    pub fn s3_settings(&self) -> Option<S3Settings> {
        Some(S3Settings {
            bucket: self.bucket.clone()?,
            endpoint: self.endpoint.clone(),
            region: self.region.clone(),
            access_key_id: self.access_key_id.clone().unwrap_or_default(),
            secret_access_key: self.secret_access_key.clone().unwrap_or_default(),
        })
    }
}
