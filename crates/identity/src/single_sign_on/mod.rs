//! Single sign-on: people sign in with the account their organisation gave them, at its OpenID provider (OpenID Connect
//! Core 1.0, authorization code with PKCE).
//!
//! Always true:
//! - A provider vouches for the people of one network, and opens nothing in another.
//! - What comes back is believed only if this browser was sent there by us (state), for this sign-in (nonce, PKCE), by
//!   this provider (iss, RFC 9207), and if the ID token is signed by one of its keys, for us, and in time.
//! - An app gets no token by the way of the browser: it gets a handover, which is good once, for a minute, and only with
//!   the verifier of the challenge it began with.
//! - Providers are asked with no transaction open, for three seconds in all, over TLS unless they are on this machine.

mod code_challenge;
mod discovery;
mod error;
mod id_token;
mod journey;
mod outside;
mod provider;
mod settings;

use std::{collections::BTreeMap, sync::Arc};

pub(crate) use code_challenge::CodeChallenge;
pub(crate) use error::ProviderError;
pub(crate) use journey::{JOURNEY_LIFETIME, Journey};
pub(crate) use provider::{Answer, Provider, Vouched};
pub use settings::{ProviderSettings, SettingsError};

/// The providers of an installation.
#[derive(Clone, Debug, Default)]
pub struct SingleSignOn(BTreeMap<String, Arc<Provider>>);

impl SingleSignOn {
    /// Providers as they were configured, of an installation that browsers reach at `public_url`.
    ///
    /// # Errors
    /// See [`SettingsError`].
    pub fn new(public_url: Option<&str>, settings: Vec<ProviderSettings>) -> Result<Self, SettingsError> {
        let mut providers = BTreeMap::new();
        for settings in settings {
            let public_url = public_url.ok_or(SettingsError::NoPublicUrl)?;
            settings.check()?;
            let key = settings.key.clone();
            let provider = Provider::new(public_url, settings)?;
            if providers.insert(key.clone(), Arc::new(provider)).is_some() {
                return Err(SettingsError::SameKey(key));
            }
        }
        Ok(Self(providers))
    }

    pub(crate) fn find(&self, key: &str) -> Option<&Arc<Provider>> {
        self.0.get(key)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Arc<Provider>> {
        self.0.values()
    }
}
