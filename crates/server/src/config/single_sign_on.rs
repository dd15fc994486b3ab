//! The configured providers of single sign-on. Always true: identity refuses wrong settings and names the provider and
//! the key.

use std::path::PathBuf;

use secrecy::SecretString;
use serde::Deserialize;

use super::{Config, ConfigError, IdentityConfig};

/// A provider of single sign-on.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SingleSignOnConfig {
    /// Its short name in addresses.
    pub key: String,
    /// The label of the button.
    pub name: String,
    /// The network whose people it authenticates, by its slug or its id.
    pub network: String,
    /// Its issuer URL.
    pub issuer: String,
    /// The client id of this installation at the provider.
    pub client_id: String,
    /// The client secret. Absent, as is the file: the provider treats this installation as a public client.
    pub client_secret: Option<SecretString>,
    /// A file that holds the secret.
    pub client_secret_file: Option<PathBuf>,
    /// The exact addresses of apps that may receive the outcome.
    pub return_to: Vec<String>,
}

impl SingleSignOnConfig {
    fn settings(&self) -> identity::ProviderSettings {
        identity::ProviderSettings {
            key: self.key.clone(),
            name: self.name.clone(),
            network: self.network.clone(),
            issuer: self.issuer.clone(),
            client_id: self.client_id.clone(),
            client_secret: self.client_secret.clone(),
            return_to: self.return_to.clone(),
        }
    }
}

impl Config {
    /// The providers of single sign-on.
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn single_sign_on(&self) -> Result<identity::SingleSignOn, ConfigError> {
        let IdentityConfig { public_url, single_sign_on, .. } = &self.identity;
        let settings = single_sign_on.iter().map(SingleSignOnConfig::settings).collect();
        Ok(identity::SingleSignOn::new(public_url.as_deref(), settings)?)
    }
}
