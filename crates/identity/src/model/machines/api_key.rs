//! An API key, which a program exchanges for access tokens.
//!
//! Always true: a key holds the permissions it was issued with at its place, and none of them can create more power. It
//! is worth the part of them that its issuer still holds there.

use jiff::Timestamp;
use kernel::{ApiKeyId, Caller, Label, NetworkId, Permission, Place, Scoped};

/// An API key, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ApiKey {
    /// The stable id.
    pub id: ApiKeyId,
    /// The network.
    pub network: NetworkId,
    /// The place of its permissions.
    pub at: Place,
    /// The name that its managers gave it.
    pub name: Label<100>,
    /// Its permissions.
    pub scopes: Vec<Permission>,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it expires, if ever.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to a quarter of an hour.
    pub used_at: Option<Timestamp>,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Timestamp>,
}

impl ApiKey {
    /// Returns whether it is valid at an instant.
    pub fn is_good_at(&self, at: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|until| at < until)
    }

    /// Returns the caller of its tokens.
    pub(crate) fn caller(&self) -> Caller {
        let scopes = self.scopes.iter().map(|permission| Scoped { permission: *permission, at: self.at });
        Caller::Program { key: self.id, network: self.network, scopes: scopes.collect() }
    }
}
