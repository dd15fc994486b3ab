//! One's own sign-in links: listing them, and removing one.
//!
//! Always true: nobody can remove their last way to sign in.

use kernel::{AuthError, OpContext, SignInLinkId};
use platform_db::{Idempotent, Reach};

use crate::app::{about, person};
use crate::{
    Identity, IdentityError, NamedLink, SignInLink, audit,
    store::{account_rows, link_rows},
};

const LAST_WAY_IN: &str = "this is the last way into the account: set a password first";

impl Identity {
    /// Returns the signed-in person's links, the oldest first.
    ///
    /// # Errors
    /// Fails if nobody is signed in.
    #[tracing::instrument(name = "identity.list_sign_in_links", skip_all)]
    pub async fn list_sign_in_links(&self, op: &OpContext) -> Result<Vec<NamedLink>, IdentityError> {
        let (person, network) = person(op)?;
        let tx = self.db.read(Reach::Network(network)).await?;
        let links = link_rows::list(&tx, network, person).await?;
        Ok(links.into_iter().map(|link| self.named(link)).collect())
    }

    /// Removes one of the signed-in person's links: they can no longer sign in by that provider. Running sessions
    /// continue.
    ///
    /// # Errors
    /// Fails if there is no such link of theirs. Fails with `CONFLICT` if it is the last way into the account.
    #[tracing::instrument(name = "identity.remove_sign_in_link", skip_all)]
    pub async fn remove_sign_in_link(&self, op: &OpContext, link: SignInLinkId) -> Result<(), IdentityError> {
        let (person, network) = person(op)?;
        let reach = Reach::Network(network);
        let tx = match self.db.idempotent(op, reach, "removeSignInLink", &link).await? {
            Idempotent::Replayed(()) => return Ok(()),
            Idempotent::New(tx) => tx,
        };
        // The lock on the account ensures that one of two links removed at once stays.
        account_rows::hold(&tx, network, person).await?.ok_or(AuthError::NotFound)?;
        let found = link_rows::hold(&tx, network, link).await?;
        if found.is_none_or(|found| found.person != person) {
            return Err(AuthError::NotFound.into());
        }
        let is_last = link_rows::list(&tx, network, person).await?.len() == 1;
        if is_last && !account_rows::has_password(&tx, network, person).await? {
            return Err(IdentityError::Conflict(LAST_WAY_IN));
        }
        link_rows::delete(&tx, network, link).await?;
        let about = about(&tx, network, person, op.now()).await?;
        tx.audit(op, audit::of_link(audit::UNLINKED, about, link)).await?;
        tx.commit_with_outcome(&()).await?;
        Ok(())
    }

    fn named(&self, link: SignInLink) -> NamedLink {
        let mut providers = self.single_sign_on.all().map(|provider| &provider.settings);
        let name = providers.find(|settings| settings.issuer == link.issuer).map(|it| it.name.clone());
        NamedLink { provider: name.unwrap_or_else(|| link.issuer.clone()), link }
    }
}
