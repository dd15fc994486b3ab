//! What an operator says about a provider. Always true: what makes no sense is refused before anything is opened, with
//! the name of the provider and of the key.

use kernel::{Label, Slug, TextError};
use reqwest::Url;
use secrecy::SecretString;

const LONGEST_NAME: usize = 200;
/// It travels in a cookie, which browsers keep up to 4096 bytes long.
const LONGEST_ADDRESS: usize = 1000;

/// A provider, as it is configured.
#[derive(Clone, Debug)]
pub struct ProviderSettings {
    /// Its short name in addresses.
    pub key: String,
    /// What people read on the button.
    pub name: String,
    /// The network for whose people it vouches, by its slug or its id.
    pub network: String,
    /// Its issuer, as its discovery document says it.
    pub issuer: String,
    /// Under which id it knows us.
    pub client_id: String,
    /// With which secret; nothing if it takes us for a public client.
    pub client_secret: Option<SecretString>,
    /// The exact addresses of apps that may receive the outcome.
    pub return_to: Vec<String>,
}

/// The configuration of single sign-on makes no sense.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// Nobody said where browsers find this installation.
    #[error(
        "identity.public_url must say where browsers find this installation, for providers to send them back"
    )]
    NoPublicUrl,
    /// Two providers have one key.
    #[error("two providers of identity.single_sign_on are called {0:?}")]
    SameKey(String),
    /// A key of a provider.
    #[error("identity.single_sign_on {provider:?}: {key} {problem}")]
    Wrong {
        /// Which provider.
        provider: String,
        /// Which of its keys.
        key: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// No client to ask providers with.
    #[error("providers cannot be asked from here")]
    NoClient(#[from] reqwest::Error),
}

impl ProviderSettings {
    pub(super) fn check(&self) -> Result<(), SettingsError> {
        let wrong = |key, problem| SettingsError::Wrong { provider: self.key.clone(), key, problem };
        // It stands in addresses as it is, so not even a blank may surround it.
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

/// An address to which secrets may be sent: by TLS, or without on this machine.
pub(super) fn secure_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_plain = url.username().is_empty() && url.password().is_none() && !text.contains(char::is_control);
    let is_secure = url.scheme() == "https" || url.scheme() == "http" && is_of_this_machine(&url);
    (is_plain && is_secure && url.host_str().is_some()).then_some(url)
}

/// Whether an address is of this machine itself.
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
