//! Confirms a second factor with a code of it, which proves that the secret is in the person's phone. From now on
//! sign-in requires it. Running sessions continue.

use kernel::{Code, OpContext};
use platform_db::{Reach, Tx};
use secrecy::{ExposeSecret, SecretString};

use crate::app::{
    about, factors::enroll_second_factor::IN_FORCE, factors::renew_recovery_codes::new_codes,
    sessions::sign_in::account_key,
};
use crate::{
    Account, FactorState, Identity, IdentityError, SecondFactor, audit, mail::Notice,
    model::factors::second_factor::digits, store::factor_rows,
};

const NOTHING_WAITS: &str = "no second factor waits to be confirmed: enrol one first";

impl Identity {
    /// Confirms the signed-in person's second factor; returns their recovery codes, once.
    ///
    /// # Errors
    /// Fails if no second factor waits for confirmation, if the code is wrong, or after too many attempts.
    #[tracing::instrument(name = "identity.confirm_second_factor", skip_all)]
    pub async fn confirm_second_factor(
        &self,
        op: &OpContext,
        code: SecretString,
    ) -> Result<Vec<SecretString>, IdentityError> {
        let account = self.own_account(op).await?;
        let (network, person) = (account.network, account.person);
        let tx = self.db.read(Reach::Network(network)).await?;
        require_waiting(factor_rows::find(&tx, network, person).await?)?;
        drop(tx);
        self.count_try(op, &account_key(network, &account.email)).await?;

        let tx = self.db.write(Reach::Network(network)).await?;
        self.use_first_code(op, &tx, &account, code.expose_secret()).await?;
        let codes = new_codes(op, &tx, (network, person)).await?;
        self.notify(op, &tx, (network, person), Notice::FactorAdded).await?;
        let about = about(&tx, network, person, op.now()).await?;
        tx.audit(op, audit::of_person(audit::FACTOR_CONFIRMED, about)).await?;
        tx.commit().await?;
        Ok(codes)
    }

    async fn use_first_code(
        &self,
        op: &OpContext,
        tx: &Tx,
        account: &Account,
        code: &str,
    ) -> Result<(), IdentityError> {
        let held = factor_rows::hold(tx, account.network, account.person).await?;
        let (factor, sealed) = held.ok_or(IdentityError::Conflict(NOTHING_WAITS))?;
        let factor = require_waiting(Some(factor))?;
        let typed = Code::parse(code).map_err(|_none| IdentityError::WrongCode)?;
        let code = digits(&typed).ok_or(IdentityError::WrongCode)?;
        let used = self.use_code(op, tx, (factor, &sealed), code).await?;
        used.map(|_phone| ()).ok_or(IdentityError::WrongCode)
    }
}

fn require_waiting(factor: Option<SecondFactor>) -> Result<SecondFactor, IdentityError> {
    match factor {
        None => Err(IdentityError::Conflict(NOTHING_WAITS)),
        Some(factor) => match factor.state {
            FactorState::Enrolled => Ok(factor),
            FactorState::Confirmed { .. } => Err(IdentityError::Conflict(IN_FORCE)),
        },
    }
}
