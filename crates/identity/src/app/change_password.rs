//! Changes one's own password. Every session ends, and a new one begins: whoever knew the old password is out.

use kernel::{Refused, Scope};
use platform_db::Reach;
use secrecy::SecretString;

use super::{about, person, revoke::outdate, sign_in::account_key};
use crate::{
    Identity, IdentityError, SessionEnd, SignedIn, deeds, password,
    store::{account_rows, session_rows},
};

impl Identity {
    /// Changes the signed-in person's password, and signs them in anew.
    ///
    /// # Errors
    /// The present password is wrong, or was tried too often; the new one is too short.
    #[tracing::instrument(name = "identity.change_password", skip_all)]
    pub async fn change_password(
        &self,
        scope: &Scope,
        present: SecretString,
        new: SecretString,
    ) -> Result<SignedIn, IdentityError> {
        let (person, network) = person(scope)?;
        password::check(&new)?;
        let tx = self.db.read(Reach::Network(network)).await?;
        let account = account_rows::find(&tx, network, person).await?.ok_or(Refused::NotFound)?;
        let found = account_rows::find_password_hash(&tx, network, &account.email).await?;
        drop(tx);
        self.count_try(scope, &account_key(network, &account.email)).await?;
        if !self.passwords.fits(present, found.map(|(_, hash)| hash)).await? {
            return Err(IdentityError::WrongCredentials);
        }
        let hash = self.passwords.hash(new, scope.world()).await?;

        let now = scope.now();
        let tx = self.db.write(Reach::Network(network)).await?;
        account_rows::set_password(&tx, network, person, &hash, now).await?;
        session_rows::end_all(&tx, network, person, SessionEnd::NewPassword, now).await?;
        let revoked = outdate(&tx, network, person, now).await?;
        let signed_in = self.open_session(scope, &tx, network, person).await?;
        let about = about(&tx, network, person, now).await?;
        tx.audit(scope, deeds::of_session(deeds::PASSWORD_CHANGED, about, signed_in.session)).await?;
        tx.commit().await?;
        self.revocations.add(revoked);
        Ok(signed_in)
    }
}
