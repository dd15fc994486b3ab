//! Enrols a second factor: makes a secret and shows it once. It has no effect until its owner confirms it with a code.

use kernel::OpContext;
use platform_db::{Idempotent, Reach};
use secrecy::SecretString;

use crate::{
    Enrolment, Identity, IdentityError, model::factors::second_factor::FactorSecret, store::factor_rows,
};

/// The message of a conflict with a factor in force.
pub(crate) const IN_FORCE: &str = "a second factor is in force already: switch it off first";

impl Identity {
    /// Makes a secret for the signed-in person. The password is required, so that a stolen token cannot lock anybody
    /// out. An unconfirmed secret is replaced.
    ///
    /// # Errors
    /// Fails if the password is wrong or was tried too often, or if a second factor is in force.
    #[tracing::instrument(name = "identity.enroll_second_factor", skip_all)]
    pub async fn enroll_second_factor(
        &self,
        op: &OpContext,
        password: SecretString,
    ) -> Result<Enrolment, IdentityError> {
        let account = self.own_account(op).await?;
        let (network, person) = (account.network, account.person);
        self.prove_password(op, &account, password).await?;
        let secret = FactorSecret::make(op.world());
        let tx = match self.db.idempotent(op, Reach::Network(network), "enrollSecondFactor", &()).await? {
            Idempotent::Replayed(()) => return Err(IdentityError::ShownOnce),
            Idempotent::New(tx) => tx,
        };
        let sealed = self.sealing.seal((network, person), &secret)?;
        if !factor_rows::enroll(&tx, network, person, &sealed, op.now()).await? {
            return Err(IdentityError::Conflict(IN_FORCE));
        }
        let enrolment = FactorSecret::of(&secret, Some(&account.email))?.enrolment()?;
        tx.commit_with_outcome(&()).await?;
        Ok(enrolment)
    }
}
