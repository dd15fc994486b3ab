//! Exchanges a device's secret or a program's key for a short access token: the only thing either is good for.

use jiff::{SignedDuration, Timestamp};
use kernel::{ApiKeyId, Caller, DeviceSecretId, Scope};
use platform_db::Reach;
use secrecy::{ExposeSecret, SecretString};

use crate::{
    ACCESS_LIFETIME, Identity, IdentityError,
    secret::{self, SecretKind, ShownSecret},
    store::machine_rows,
};

/// Use is remembered this coarsely: a device that asks often does not write often.
const USE_REMEMBERED_AFTER: SignedDuration = SignedDuration::from_mins(15);

/// An access token of a device or program.
#[derive(Clone, Debug)]
pub struct Exchanged {
    /// Sent with every request.
    pub access_token: SecretString,
    /// Until when.
    pub expires_at: Timestamp,
}

impl Identity {
    /// Exchanges a device secret or an API key for an access token.
    ///
    /// # Errors
    /// It is none, or was taken back, or its time is over.
    #[tracing::instrument(name = "identity.exchange_secret", skip_all)]
    pub async fn exchange_secret(
        &self,
        scope: &Scope,
        secret: SecretString,
    ) -> Result<Exchanged, IdentityError> {
        let text = secret.expose_secret();
        let (caller, until) = if let Some(shown) = secret::read(SecretKind::Device, text) {
            self.device_of(scope, &shown).await?
        } else if let Some(shown) = secret::read(SecretKind::ApiKey, text) {
            self.program_of(scope, &shown).await?
        } else {
            return Err(IdentityError::SecretRefused);
        };
        let expires_at =
            until.map_or(scope.now() + ACCESS_LIFETIME, |until| until.min(scope.now() + ACCESS_LIFETIME));
        let lifetime = expires_at.duration_since(scope.now());
        let access_token = self.tokens.issue(&caller, None, scope.now(), lifetime)?;
        Ok(Exchanged { access_token: access_token.into(), expires_at })
    }

    async fn device_of(
        &self,
        scope: &Scope,
        shown: &ShownSecret,
    ) -> Result<(Caller, Option<Timestamp>), IdentityError> {
        let tx = self.db.read(Reach::Network(shown.network)).await?;
        let found =
            machine_rows::find_device_secret(&tx, shown.network, DeviceSecretId::from(shown.id)).await?;
        drop(tx);
        let (secret, _) = found
            .filter(|(secret, hash)| shown.fits(hash) && secret.revoked_at.is_none())
            .ok_or(IdentityError::SecretRefused)?;
        if is_due(secret.used_at, scope.now()) {
            let tx = self.db.write(Reach::Network(shown.network)).await?;
            machine_rows::touch_device_secret(&tx, &secret, scope.now()).await?;
            tx.commit().await?;
        }
        Ok((secret.caller(), None))
    }

    async fn program_of(
        &self,
        scope: &Scope,
        shown: &ShownSecret,
    ) -> Result<(Caller, Option<Timestamp>), IdentityError> {
        let tx = self.db.read(Reach::Network(shown.network)).await?;
        let found = machine_rows::find_api_key(&tx, shown.network, ApiKeyId::from(shown.id)).await?;
        drop(tx);
        let (key, _) = found
            .filter(|(key, hash)| shown.fits(hash) && key.is_good_at(scope.now()))
            .ok_or(IdentityError::SecretRefused)?;
        if is_due(key.used_at, scope.now()) {
            let tx = self.db.write(Reach::Network(shown.network)).await?;
            machine_rows::touch_api_key(&tx, &key, scope.now()).await?;
            tx.commit().await?;
        }
        Ok((key.caller(), key.expires_at))
    }
}

fn is_due(used_at: Option<Timestamp>, now: Timestamp) -> bool {
    used_at.is_none_or(|used_at| now.duration_since(used_at) >= USE_REMEMBERED_AFTER)
}
