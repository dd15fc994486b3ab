//! Issues and revokes programs' keys. For managers of integrations at a place.

use jiff::Timestamp;
use kernel::{ApiKeyId, AuthError, InvalidInput, Label, NetworkId, OpContext, Permission, Place};
use platform_db::{Idempotent, Reach};
use secrecy::SecretString;

use crate::app::{revoke::revoke, roles::giver::gives};
use crate::{
    ApiKey, Identity, IdentityError, audit,
    model::machines::secret::{self, SecretKind},
    model::roles::policy,
    store::machine_rows::{self, Issued},
};

/// A key to issue.
#[derive(Clone, Debug, serde::Serialize)]
pub struct IssueApiKey {
    /// Its name for people.
    pub name: Label<100>,
    /// The place of its permissions.
    pub at: Place,
    /// Its permissions.
    pub scopes: Vec<Permission>,
    /// When it expires, if ever.
    pub expires_at: Option<Timestamp>,
}

impl Identity {
    /// Issues a key to a program.
    ///
    /// # Errors
    /// Fails if the caller does not manage keys there or lacks one of the key's permissions; if programs cannot hold
    /// one of them; or if a field breaks a rule.
    #[tracing::instrument(name = "identity.issue_api_key", skip_all)]
    pub async fn issue_api_key(
        &self,
        op: &OpContext,
        cmd: IssueApiKey,
    ) -> Result<(ApiKey, SecretString), IdentityError> {
        let network = self.managing_keys(op, cmd.at).await?;
        let tx =
            match self.db.idempotent::<ApiKeyId>(op, Reach::Network(network), "issueApiKey", &cmd).await? {
                Idempotent::Replayed(_) => return Err(IdentityError::ShownOnce),
                Idempotent::New(tx) => tx,
            };
        let mut scopes = cmd.scopes;
        scopes.sort_by_key(|permission| permission.word());
        scopes.dedup();
        if scopes.is_empty() || !scopes.iter().copied().all(policy::is_fit_for_programs) {
            return Err(InvalidInput::new("scopes", "must name something programs may do").into());
        }
        for permission in &scopes {
            require_at(op, *permission, cmd.at, network)?;
        }
        if cmd.expires_at.is_some_and(|until| until <= op.now()) {
            return Err(InvalidInput::new("expiresAt", "must be in the future").into());
        }
        let key = ApiKey {
            id: op.new_id(),
            network,
            at: cmd.at,
            name: cmd.name,
            scopes,
            issued_at: op.now(),
            expires_at: cmd.expires_at,
            used_at: None,
            revoked_at: None,
        };
        let (text, secret_hash) = secret::make(SecretKind::ApiKey, network, key.id.into(), op.world());
        machine_rows::insert_api_key(&tx, &key, Issued { secret_hash, by: gives(op) }).await?;
        tx.audit(op, audit::api_key_issued(&key)).await?;
        tx.commit_with_outcome(&key.id).await?;
        Ok((key, text))
    }

    /// Revokes a key: within a minute the program is refused everywhere. A repetition changes nothing.
    ///
    /// # Errors
    /// Fails if the key does not exist for this caller.
    #[tracing::instrument(name = "identity.revoke_api_key", skip_all)]
    pub async fn revoke_api_key(&self, op: &OpContext, key: ApiKeyId) -> Result<ApiKey, IdentityError> {
        for network in self.networks_of(op).await? {
            let tx = self.db.read(Reach::Network(network)).await?;
            let Some((found, _)) = machine_rows::find_api_key(&tx, network, key).await? else { continue };
            drop(tx);
            require_at(op, Permission::ManageApiKeys, found.at, network)?;
            let tx = match self.db.idempotent(op, Reach::Network(network), "revokeApiKey", &key).await? {
                Idempotent::Replayed(key) => return Ok(key),
                Idempotent::New(tx) => tx,
            };
            let found = machine_rows::find_api_key(&tx, network, key).await?;
            let (found, _) = found.ok_or(AuthError::NotFound)?;
            if found.revoked_at.is_some() {
                tx.commit_with_outcome(&found).await?;
                return Ok(found);
            }
            machine_rows::revoke_api_key(&tx, network, key, op.now()).await?;
            let revoked = revoke(&tx, network, key, op.now()).await?;
            let key = ApiKey { revoked_at: Some(op.now()), ..found };
            tx.audit(op, audit::api_key_revoked(&key)).await?;
            tx.commit_with_outcome(&key).await?;
            self.revocations.add(revoked);
            return Ok(key);
        }
        Err(AuthError::NotFound.into())
    }

    /// Returns the unrevoked keys of a place.
    ///
    /// # Errors
    /// Fails if the caller does not manage keys there.
    #[tracing::instrument(name = "identity.list_api_keys", skip_all)]
    pub async fn list_api_keys(&self, op: &OpContext, at: Place) -> Result<Vec<ApiKey>, IdentityError> {
        let network = self.managing_keys(op, at).await?;
        let hub = match at {
            Place::Hub(hub) => Some(hub),
            Place::Network(_) => None,
        };
        let tx = self.db.read(Reach::Network(network)).await?;
        Ok(machine_rows::list_api_keys(&tx, network, hub).await?)
    }

    async fn managing_keys(&self, op: &OpContext, at: Place) -> Result<NetworkId, IdentityError> {
        let network = self.network_of_place(op, at).await?;
        require_at(op, Permission::ManageApiKeys, at, network)?;
        Ok(network)
    }
}

fn require_at(
    op: &OpContext,
    permission: Permission,
    at: Place,
    network: NetworkId,
) -> Result<(), AuthError> {
    match at {
        Place::Hub(hub) => op.require_at_hub(permission, hub, network),
        Place::Network(network) => op.require_in_network(permission, network),
    }
}
