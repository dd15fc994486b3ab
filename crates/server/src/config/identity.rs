//! `[identity]`: Identity: keys, addresses and single sign-on.

use std::path::PathBuf;

use serde::Deserialize;

use super::SingleSignOnConfig;

/// Tokens.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentityConfig {
    /// The folder of the signing keys, created if missing. Absent: `keys` in `data_dir`.
    pub key_folder: Option<PathBuf>,
    /// Identity's URL, from which a process of another service alone loads revocations.
    pub url: String,
    /// The router's URL, from which a process of identity alone queries the whole graph, for exports.
    pub graph_url: String,
    /// The public URL of this installation: providers of single sign-on redirect browsers back to it.
    pub public_url: Option<String>,
    /// Providers by which people sign in with the account of their organisation.
    #[serde(default)]
    pub single_sign_on: Vec<SingleSignOnConfig>,
}
