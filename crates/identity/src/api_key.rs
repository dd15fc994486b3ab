//! An API key: with it a program asks for its access tokens. Always true: a key is good for the permissions it was given
//! at its place, none of which lets it make more power; of them it is worth what whoever gave it could do there now.

use jiff::Timestamp;
use kernel::{ApiKeyId, Caller, Label, NetworkId, Permission, Place, Scoped};

/// An API key, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ApiKey {
    /// The stable id.
    pub id: ApiKeyId,
    /// In which network.
    pub network: NetworkId,
    /// Where it is good for something.
    pub at: Place,
    /// What the people who look after it call it.
    pub name: Label<100>,
    /// What it is good for.
    pub scopes: Vec<Permission>,
    /// When it was given.
    pub issued_at: Timestamp,
    /// Until when, if not for good.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, within a quarter of an hour.
    pub used_at: Option<Timestamp>,
    /// When it was taken back, if it was.
    pub revoked_at: Option<Timestamp>,
}

impl ApiKey {
    /// Whether it opens anything at an instant.
    pub fn is_good_at(&self, at: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|until| at < until)
    }

    /// Whom its tokens speak for.
    pub(crate) fn caller(&self) -> Caller {
        let scopes = self.scopes.iter().map(|permission| Scoped { permission: *permission, at: self.at });
        Caller::Program { key: self.id, network: self.network, scopes: scopes.collect() }
    }
}
