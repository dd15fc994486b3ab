//! Exchanges a refresh token for a new pair. A token that was exchanged before, longer than a moment ago, is taken for
//! a stolen copy: the session ends for the thief and for the person, who signs in again.

use kernel::{OpContext, RefreshTokenId};
use platform_db::Reach;
use secrecy::{ExposeSecret, SecretString};

use crate::{
    Identity, IdentityError, SessionEnd, SignedIn, audit,
    model::machines::secret::{self, SecretKind},
    model::sessions::session::Refresh,
    store::session_rows,
};

use crate::app::{about, revoke::revoke};

impl Identity {
    /// Exchanges a refresh token.
    ///
    /// # Errors
    /// Fails if the token is invalid, or if its session has ended.
    #[tracing::instrument(name = "identity.refresh_session", skip_all)]
    pub async fn refresh_session(
        &self,
        op: &OpContext,
        token: SecretString,
    ) -> Result<SignedIn, IdentityError> {
        let shown = secret::read(SecretKind::Refresh, token.expose_secret());
        let shown = shown.ok_or(IdentityError::SecretRefused)?;
        let (network, now) = (shown.network, op.now());
        let tx = self.db.write(Reach::Network(network)).await?;
        let held = session_rows::hold_token(&tx, network, RefreshTokenId::from(shown.id)).await?;
        let held = held.filter(|(kept, _)| shown.fits(&kept.secret_hash));
        let (kept, session) = held.ok_or(IdentityError::SecretRefused)?;
        match session.judge(kept.expires_at, kept.replaced_at, now) {
            Refresh::Over => Err(IdentityError::SecretRefused),
            Refresh::Reused => {
                session_rows::end(&tx, network, session.id, SessionEnd::Reuse, now).await?;
                let about = about(&tx, network, session.person, now).await?;
                tx.audit(op, audit::of_session(audit::TOKEN_REUSED, about, session.id)).await?;
                let revoked = revoke(&tx, network, session.id, now).await?;
                tx.commit().await?;
                self.revocations.add(revoked);
                tracing::warn!(session.id = %session.id, "a refresh token came twice; its session has ended");
                Err(IdentityError::SecretRefused)
            }
            Refresh::Replace | Refresh::Again => {
                session_rows::replace_token(&tx, network, kept.id, now).await?;
                session_rows::touch(&tx, network, session.id, now).await?;
                let fresh = self.tokens_of(op, &tx, &session).await;
                let fresh = fresh.map_err(|error| match error {
                    IdentityError::WrongCredentials => IdentityError::SecretRefused,
                    other => other,
                })?;
                tx.commit().await?;
                Ok(fresh)
            }
        }
    }
}
