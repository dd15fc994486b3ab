//! Exchanges a device's secret or a program's key for a short-lived access token: the only use of either.
//!
//! Always true: the token holds only permissions that the issuer of the secret still holds (R19); when they lose them,
//! running tokens end, too.

use jiff::{SignedDuration, Timestamp};
use kernel::{ApiKeyId, Caller, DeviceSecretId, OpContext, PersonId, Place};
use platform_db::{Reach, Tx};
use secrecy::{ExposeSecret, SecretString};

use crate::app::roles::giver::{Giver, giver};
use crate::{
    ACCESS_LIFETIME, Identity, IdentityError,
    model::machines::secret::{self, SecretKind, ShownSecret},
    model::roles::policy,
    store::machine_rows,
};

/// The precision of recorded use: a device that exchanges often does not write often.
const USE_REMEMBERED_AFTER: SignedDuration = SignedDuration::from_mins(15);

/// An access token of a device or program.
#[derive(Clone, Debug)]
pub struct Exchanged {
    /// The access token, sent with every request.
    pub access_token: SecretString,
    /// When it expires.
    pub expires_at: Timestamp,
}

impl Identity {
    /// Exchanges a device secret or an API key for an access token.
    ///
    /// # Errors
    /// Fails if it is invalid, was revoked or has expired, or if its issuer no longer holds any of its permissions.
    #[tracing::instrument(name = "identity.exchange_secret", skip_all)]
    pub async fn exchange_secret(
        &self,
        op: &OpContext,
        secret: SecretString,
    ) -> Result<Exchanged, IdentityError> {
        let text = secret.expose_secret();
        let (caller, until) = if let Some(shown) = secret::read(SecretKind::Device, text) {
            self.device_of(op, &shown).await?
        } else if let Some(shown) = secret::read(SecretKind::ApiKey, text) {
            self.program_of(op, &shown).await?
        } else {
            return Err(IdentityError::SecretRefused);
        };
        let expires_at =
            until.map_or(op.now() + ACCESS_LIFETIME, |until| until.min(op.now() + ACCESS_LIFETIME));
        let lifetime = expires_at.duration_since(op.now());
        let access_token = self.tokens.issue(&caller, None, op.now(), lifetime)?;
        Ok(Exchanged { access_token: access_token.into(), expires_at })
    }

    async fn device_of(
        &self,
        op: &OpContext,
        shown: &ShownSecret,
    ) -> Result<(Caller, Option<Timestamp>), IdentityError> {
        let tx = self.db.read(Reach::Network(shown.network)).await?;
        let found =
            machine_rows::find_device_secret(&tx, shown.network, DeviceSecretId::from(shown.id)).await?;
        let (secret, issued) = found
            .filter(|(secret, issued)| shown.fits(&issued.secret_hash) && secret.revoked_at.is_none())
            .ok_or(IdentityError::SecretRefused)?;
        let giver = self.good_giver(op, &tx, shown, issued.by).await?;
        drop(tx);
        let (at, capability) = (Place::Hub(secret.hub), secret.capability);
        if !policy::is_worth(&giver.op, capability, at, secret.network) {
            return Err(IdentityError::SecretRefused);
        }
        if is_due(secret.used_at, op.now()) {
            let tx = self.db.write(Reach::Network(shown.network)).await?;
            machine_rows::touch_device_secret(&tx, &secret, op.now()).await?;
            tx.commit().await?;
        }
        Ok((secret.caller(), giver.until))
    }

    async fn good_giver(
        &self,
        op: &OpContext,
        tx: &Tx,
        shown: &ShownSecret,
        by: Option<PersonId>,
    ) -> Result<Giver, IdentityError> {
        giver(op, tx, shown.network, by).await?.ok_or(IdentityError::SecretRefused)
    }

    async fn program_of(
        &self,
        op: &OpContext,
        shown: &ShownSecret,
    ) -> Result<(Caller, Option<Timestamp>), IdentityError> {
        let tx = self.db.read(Reach::Network(shown.network)).await?;
        let found = machine_rows::find_api_key(&tx, shown.network, ApiKeyId::from(shown.id)).await?;
        let (mut key, issued) = found
            .filter(|(key, issued)| shown.fits(&issued.secret_hash) && key.is_good_at(op.now()))
            .ok_or(IdentityError::SecretRefused)?;
        let giver = self.good_giver(op, &tx, shown, issued.by).await?;
        drop(tx);
        key.scopes.retain(|permission| policy::is_worth(&giver.op, *permission, key.at, key.network));
        if key.scopes.is_empty() {
            return Err(IdentityError::SecretRefused);
        }
        if is_due(key.used_at, op.now()) {
            let tx = self.db.write(Reach::Network(shown.network)).await?;
            machine_rows::touch_api_key(&tx, &key, op.now()).await?;
            tx.commit().await?;
        }
        Ok((key.caller(), [key.expires_at, giver.until].into_iter().flatten().min()))
    }
}

fn is_due(used_at: Option<Timestamp>, now: Timestamp) -> bool {
    used_at.is_none_or(|used_at| now.duration_since(used_at) >= USE_REMEMBERED_AFTER)
}
