//! Signs out: ends the present session, another one, or all of a person's.

use kernel::{AuthError, OpContext, SessionId};
use platform_db::{Idempotent, Reach};

use crate::app::{about, person, revoke::revoke};
use crate::{Identity, IdentityError, Session, SessionEnd, audit, store::session_rows};

impl Identity {
    /// Returns the running sessions of the signed-in person, the newest first.
    ///
    /// # Errors
    /// Fails if nobody is signed in.
    #[tracing::instrument(name = "identity.list_sessions", skip_all)]
    pub async fn list_sessions(&self, op: &OpContext) -> Result<Vec<Session>, IdentityError> {
        let (person, network) = person(op)?;
        let tx = self.db.read(Reach::Network(network)).await?;
        Ok(session_rows::list_running(&tx, network, person, op.now()).await?)
    }

    /// Ends the session of this token.
    ///
    /// # Errors
    /// Fails if nobody is signed in, or if the token belongs to no session.
    #[tracing::instrument(name = "identity.sign_out", skip_all)]
    pub async fn sign_out(&self, op: &OpContext) -> Result<(), IdentityError> {
        person(op)?;
        let session = op.session().ok_or(IdentityError::Conflict("this token belongs to no session"))?;
        self.end(op, session, "signOut").await
    }

    /// Ends one of the signed-in person's sessions. A repetition changes nothing.
    ///
    /// # Errors
    /// Fails if there is no such session of theirs.
    #[tracing::instrument(name = "identity.end_session", skip_all)]
    pub async fn end_session(&self, op: &OpContext, session: SessionId) -> Result<(), IdentityError> {
        self.end(op, session, "endSession").await
    }

    async fn end(
        &self,
        op: &OpContext,
        session: SessionId,
        operation: &'static str,
    ) -> Result<(), IdentityError> {
        let (person, network) = person(op)?;
        let now = op.now();
        let tx = match self.db.idempotent(op, Reach::Network(network), operation, &session).await? {
            Idempotent::Replayed(()) => return Ok(()),
            Idempotent::New(tx) => tx,
        };
        let found = session_rows::hold(&tx, network, session).await?;
        if found.is_none_or(|session| session.person != person) {
            return Err(AuthError::NotFound.into());
        }
        if session_rows::end(&tx, network, session, SessionEnd::SignOut, now).await? {
            let about = about(&tx, network, person, now).await?;
            tx.audit(op, audit::of_session(audit::SIGNED_OUT, about, session)).await?;
        }
        let revoked = revoke(&tx, network, session, now).await?;
        tx.commit_with_outcome(&()).await?;
        self.revocations.add(revoked);
        Ok(())
    }

    /// Ends all sessions of the signed-in person, including this one.
    ///
    /// # Errors
    /// Fails if nobody is signed in.
    #[tracing::instrument(name = "identity.sign_out_everywhere", skip_all)]
    pub async fn sign_out_everywhere(&self, op: &OpContext) -> Result<(), IdentityError> {
        let (person, network) = person(op)?;
        let tx = match self.db.idempotent(op, Reach::Network(network), "signOutEverywhere", &()).await? {
            Idempotent::Replayed(()) => return Ok(()),
            Idempotent::New(tx) => tx,
        };
        session_rows::end_all(&tx, network, person, SessionEnd::SignOut, op.now()).await?;
        let revoked = revoke(&tx, network, person, op.now()).await?;
        let about = about(&tx, network, person, op.now()).await?;
        tx.audit(op, audit::of_person(audit::SIGNED_OUT_EVERYWHERE, about)).await?;
        tx.commit_with_outcome(&()).await?;
        self.revocations.add(revoked);
        Ok(())
    }
}
