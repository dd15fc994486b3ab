//! An operator's configuration of a provider.
//!
//! Always true: an invalid setting is refused before any socket is opened, with the name of the provider and of the
//! key.

use kernel::{Label, Slug, TextError};
use reqwest::Url;
use secrecy::SecretString;

const LONGEST_NAME: usize = 200;
/// It travels in a cookie, which browsers limit to 4096 bytes.
const LONGEST_ADDRESS: usize = 1000;

/// The configuration of a provider.
#[derive(Clone, Debug)]
pub struct ProviderSettings {
    /// Its short name in addresses.
    pub key: String,
    /// The text of the button.
    pub name: String,
    /// The network for whose people it vouches, by its slug or its id.
    pub network: String,
    /// Its issuer, as in its discovery document.
    pub issuer: String,
    /// The client id of this installation at the provider.
    pub client_id: String,
    /// The client secret; `None` for a public client.
    pub client_secret: Option<SecretString>,
    /// The exact addresses of apps that may receive the outcome.
    pub return_to: Vec<String>,
}

/// The configuration of single sign-on is invalid.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The public address of this installation is not configured.
    #[error(
        "identity.public_url must say where browsers find this installation, for providers to send them back"
    )]
    NoPublicUrl,
    /// Two providers have the same key.
    #[error("two providers of identity.single_sign_on are called {0:?}")]
    SameKey(String),
    /// A setting of a provider is invalid.
    #[error("identity.single_sign_on {provider:?}: {key} {problem}")]
    Wrong {
        /// The provider.
        provider: String,
        /// The setting.
        key: &'static str,
        /// The problem.
        problem: String,
    },
    /// The HTTP client for providers cannot be made.
    #[error("providers cannot be asked from here")]
    NoClient(#[from] reqwest::Error),
}

impl ProviderSettings {
    pub(super) fn check(&self) -> Result<(), SettingsError> {
        let wrong = |key, problem| SettingsError::Wrong { provider: self.key.clone(), key, problem };
        // It is part of addresses unescaped, so not even a blank may surround it.
        let key = Slug::parse(&self.key).map_err(|error| wrong("key", error.to_string()))?;
        if key.as_str() != self.key {
            return Err(wrong("key", TextError::NotASlug.to_string()));
        }
        for (key, value) in [("name", &self.name), ("network", &self.network), ("client_id", &self.client_id)]
        {
            Label::<LONGEST_NAME>::parse(value).map_err(|error| wrong(key, error.to_string()))?;
        }
        let wrong = |key, problem: &str| wrong(key, problem.to_owned());
        let issuer = secure_url(&self.issuer)
            .ok_or_else(|| wrong("issuer", "must be an https address, or http of this machine"))?;
        if issuer.query().is_some() || issuer.fragment().is_some() {
            return Err(wrong("issuer", "must have no query and no fragment"));
        }
        if self.return_to.is_empty() {
            return Err(wrong("return_to", "must name at least one address of an app"));
        }
        for address in &self.return_to {
            let url = secure_url(address).filter(|url| url.fragment().is_none());
            if url.is_none() || address.len() > LONGEST_ADDRESS {
                return Err(wrong(
                    "return_to",
                    "must hold https addresses, or http of this machine, without a fragment",
                ));
            }
        }
        Ok(())
    }
}

/// Checks an address that receives secrets: it uses TLS, or stays on this machine.
pub(super) fn secure_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_plain = url.username().is_empty() && url.password().is_none() && !text.contains(char::is_control);
    let is_secure = url.scheme() == "https" || url.scheme() == "http" && is_of_this_machine(&url);
    (is_plain && is_secure && url.host_str().is_some()).then_some(url)
}

/// Returns whether an address is of this machine itself.
pub(super) fn is_of_this_machine(url: &Url) -> bool {
    matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> ProviderSettings {
        ProviderSettings {
            key: "town-hall".into(),
            name: "Town hall".into(),
            network: "central".into(),
            issuer: "https://id.example.org/realms/town".into(),
            client_id: "hubnet".into(),
            client_secret: None,
            return_to: vec!["https://app.example.org/signed-in".into()],
        }
    }

    #[test]
    fn what_goes_by_tls_or_stays_on_this_machine_is_taken() {
        assert!(settings().check().is_ok());
        for issuer in ["http://127.0.0.1:8090", "http://localhost:8090/op", "http://[::1]:8090"] {
            assert!(ProviderSettings { issuer: issuer.into(), ..settings() }.check().is_ok(), "{issuer}");
        }
    }

    #[test]
    fn what_could_be_listened_to_or_makes_no_sense_is_refused() {
        for issuer in [
            "http://id.example.org",
            "http://127.0.0.1.example.org",
            "http://localhost@example.org",
            "https://user:word@id.example.org",
            "https://id.example.org/?a=b",
            "https://id.example.org/#a",
            "ftp://id.example.org",
            "id.example.org",
            "",
        ] {
            assert!(ProviderSettings { issuer: issuer.into(), ..settings() }.check().is_err(), "{issuer}");
        }
        for return_to in
            ["http://app.example.org/", "https://app.example.org/#x", "app:signed-in", "/signed-in"]
        {
            let settings = ProviderSettings { return_to: vec![return_to.into()], ..settings() };
            assert!(settings.check().is_err(), "{return_to}");
        }
        for key in ["", "Town", "a/b", "town hall", &"k".repeat(61)] {
            assert!(ProviderSettings { key: key.into(), ..settings() }.check().is_err(), "{key:?}");
        }
        assert!(ProviderSettings { return_to: Vec::new(), ..settings() }.check().is_err());
    }
}
