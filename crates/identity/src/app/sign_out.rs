//! Signs out: ends this session, another one, or all of a person's.

use kernel::{Refused, Scope, SessionId};
use platform_db::Reach;

use super::{person, revoke::revoke};
use crate::{Identity, IdentityError, Session, SessionEnd, store::session_rows};

impl Identity {
    /// The sessions of the signed-in person that still run, the newest first.
    ///
    /// # Errors
    /// Nobody is signed in.
    #[tracing::instrument(name = "identity.list_sessions", skip_all)]
    pub async fn list_sessions(&self, scope: &Scope) -> Result<Vec<Session>, IdentityError> {
        let (person, network) = person(scope)?;
        let tx = self.db.read(Reach::Network(network)).await?;
        Ok(session_rows::list_running(&tx, network, person, scope.now()).await?)
    }

    /// Ends the session of this token.
    ///
    /// # Errors
    /// Nobody is signed in, or the token belongs to no session.
    #[tracing::instrument(name = "identity.sign_out", skip_all)]
    pub async fn sign_out(&self, scope: &Scope) -> Result<(), IdentityError> {
        person(scope)?;
        let session = scope.session().ok_or(IdentityError::Conflict("this token belongs to no session"))?;
        self.end_session(scope, session).await
    }

    /// Ends one of the signed-in person's sessions. Again changes nothing.
    ///
    /// # Errors
    /// No such session of theirs.
    #[tracing::instrument(name = "identity.end_session", skip_all)]
    pub async fn end_session(&self, scope: &Scope, session: SessionId) -> Result<(), IdentityError> {
        let (person, network) = person(scope)?;
        let now = scope.now();
        let tx = self.db.write(Reach::Network(network)).await?;
        let found = session_rows::hold(&tx, network, session).await?;
        if found.is_none_or(|session| session.person != person) {
            return Err(Refused::NotFound.into());
        }
        session_rows::end(&tx, network, session, SessionEnd::SignOut, now).await?;
        let revoked = revoke(&tx, network, session, now).await?;
        tx.commit().await?;
        self.revocations.add(revoked);
        Ok(())
    }

    /// Ends all sessions of the signed-in person, this one too.
    ///
    /// # Errors
    /// Nobody is signed in.
    #[tracing::instrument(name = "identity.sign_out_everywhere", skip_all)]
    pub async fn sign_out_everywhere(&self, scope: &Scope) -> Result<(), IdentityError> {
        let (person, network) = person(scope)?;
        let tx = self.db.write(Reach::Network(network)).await?;
        session_rows::end_all(&tx, network, person, SessionEnd::SignOut, scope.now()).await?;
        let revoked = revoke(&tx, network, person, scope.now()).await?;
        tx.commit().await?;
        self.revocations.add(revoked);
        Ok(())
    }
}
