//! Makes new recovery codes; the old ones stop working.

use kernel::{Code, CodeId, NetworkId, OpContext, PersonId};
use platform_db::{Reach, Tx};
use secrecy::{ExposeSecret, SecretString};

use crate::app::{FactorProof, about};
use crate::{
    Identity, IdentityError, audit, mail::Notice, model::factors::recovery_code, store::factor_rows,
};

impl Identity {
    /// Makes new recovery codes for the signed-in person, and returns them once.
    ///
    /// # Errors
    /// Fails if there is no second factor, if the proof is wrong or was used, or after too many attempts.
    #[tracing::instrument(name = "identity.renew_recovery_codes", skip_all)]
    pub async fn renew_recovery_codes(
        &self,
        op: &OpContext,
        proof: FactorProof,
    ) -> Result<Vec<SecretString>, IdentityError> {
        let account = self.own_account(op).await?;
        let (network, person) = (account.network, account.person);
        let tx = self.db.read(Reach::Network(network)).await?;
        let has_factor =
            crate::app::sessions::first_factor::has_confirmed_factor(&tx, network, person).await?;
        drop(tx);
        if !has_factor {
            return Err(IdentityError::Conflict("no second factor is in force"));
        }
        self.prove_before(op, &account, &proof).await?;
        let tx = self.db.write(Reach::Network(network)).await?;
        self.prove_within(op, &tx, &account, &proof).await?;
        let codes = new_codes(op, &tx, (network, person)).await?;
        self.notify(op, &tx, (network, person), Notice::RecoveryCodesRenewed).await?;
        let about = about(&tx, network, person, op.now()).await?;
        tx.audit(op, audit::of_person(audit::RECOVERY_CODES_RENEWED, about)).await?;
        tx.commit().await?;
        Ok(codes)
    }

    /// Returns the number of the signed-in person's unused recovery codes.
    ///
    /// # Errors
    /// Fails if nobody is signed in.
    pub async fn count_recovery_codes(&self, op: &OpContext) -> Result<i64, IdentityError> {
        let (person, network) = crate::app::person(op)?;
        let tx = self.db.read(Reach::Network(network)).await?;
        Ok(factor_rows::count_recovery_codes(&tx, network, person).await?)
    }
}

/// Writes new codes in place of all old ones.
pub(crate) async fn new_codes(
    op: &OpContext,
    tx: &Tx,
    (network, person): (NetworkId, PersonId),
) -> Result<Vec<SecretString>, IdentityError> {
    let codes = recovery_code::make(op.world());
    let kept = |code: &SecretString| {
        let hash = recovery_code::hash(network, person, &Code::parse(code.expose_secret()).ok()?)?;
        Some((op.new_id::<CodeId>(), hash))
    };
    let kept: Vec<_> = codes.iter().filter_map(kept).collect();
    factor_rows::replace_recovery_codes(tx, network, person, &kept, op.now()).await?;
    Ok(codes)
}
