//! A provider's published metadata: its addresses, its capabilities, its keys.
//!
//! Always true: metadata is cached for an hour, and keys until a token is signed with an unknown one; keys are fetched
//! at most once a minute. Concurrent requests wait for the same response.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use openidconnect::{
    AdditionalProviderMetadata, IssuerUrl, JsonWebKeySet, ProviderMetadata,
    core::{
        CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType, CoreJsonWebKey,
        CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreResponseMode, CoreResponseType,
        CoreSubjectIdentifierType,
    },
};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use super::{
    error::{ProviderError, away},
    outside::Outside,
};

const METADATA_KEPT: SignedDuration = SignedDuration::from_hours(1);
const KEYS_ASKED_EVERY: SignedDuration = SignedDuration::from_mins(1);

/// The metadata read here.
pub(super) type Metadata = ProviderMetadata<
    More,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;
/// Additional metadata of a provider.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct More {
    #[serde(default)]
    pub(super) authorization_response_iss_parameter_supported: bool,
    pub(super) code_challenge_methods_supported: Option<Vec<String>>,
}

impl AdditionalProviderMetadata for More {}

/// The cached metadata of a provider.
#[derive(Clone, Debug)]
struct Known {
    metadata: Arc<Metadata>,
    fetched_at: Timestamp,
    keys_fetched_at: Timestamp,
}

/// The cache for one provider.
#[derive(Debug)]
pub(super) struct Discovery {
    issuer: IssuerUrl,
    known: Mutex<Option<Known>>,
}

impl Discovery {
    pub(super) fn of(issuer: IssuerUrl) -> Self {
        Self { issuer, known: Mutex::new(None) }
    }

    pub(super) fn issuer(&self) -> &str {
        self.issuer.as_str()
    }

    /// Returns the cached metadata; fetches it if it is too old.
    pub(super) async fn metadata(
        &self,
        outside: &Outside,
        now: Timestamp,
    ) -> Result<Arc<Metadata>, ProviderError> {
        let mut known = self.known.lock().await;
        if let Some(known) = known.as_ref().filter(|known| now < known.fetched_at + METADATA_KEPT) {
            return Ok(Arc::clone(&known.metadata));
        }
        let metadata = Arc::new(self.anew(outside).await?);
        *known = Some(Known { metadata: Arc::clone(&metadata), fetched_at: now, keys_fetched_at: now });
        Ok(metadata)
    }

    /// Fetches the metadata.
    pub(super) async fn anew(&self, outside: &Outside) -> Result<Metadata, ProviderError> {
        let found = Metadata::discover_async(self.issuer.clone(), outside).await;
        found.map_err(|error| away(&error))
    }

    /// Returns the metadata with freshly fetched keys, unless they were fetched within the last minute.
    pub(super) async fn with_fresh_keys(
        &self,
        outside: &Outside,
        now: Timestamp,
    ) -> Result<Arc<Metadata>, ProviderError> {
        let mut known = self.known.lock().await;
        let found = known.as_mut().ok_or_else(|| ProviderError::Away("nothing is known of it".into()))?;
        if now >= found.keys_fetched_at + KEYS_ASKED_EVERY {
            let keys = JsonWebKeySet::fetch_async(found.metadata.jwks_uri(), outside).await;
            let keys = keys.map_err(|error| away(&error))?;
            found.metadata = Arc::new(Metadata::clone(&found.metadata).set_jwks(keys));
            found.keys_fetched_at = now;
        }
        Ok(Arc::clone(&found.metadata))
    }
}
