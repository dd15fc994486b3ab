//! Single sign-on: people sign in with their organisation's account at its OpenID provider (OpenID Connect Core 1.0,
//! authorization code with PKCE).
//!
//! Always true:
//! - A provider vouches for the people of one network, and grants nothing in another.
//! - A response is accepted only if this browser was sent to the provider from here (state), for this sign-in (nonce,
//!   PKCE), if it comes from this provider (iss, RFC 9207), and if the ID token is signed by one of its keys, for this
//!   installation, and in time.
//! - An app receives no token through the browser: it receives a handover, which works once, for a minute, and only
//!   with the verifier of its challenge.
//! - Providers are called with no transaction open, for three seconds in all, over TLS unless they run on this machine.

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
    /// Makes the configured providers of an installation that browsers reach at `public_url`.
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
