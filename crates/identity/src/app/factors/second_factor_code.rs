//! Checks a code of the second factor, from the phone or from paper, and uses it up.

use kernel::{Code, OpContext};
use platform_db::Tx;

use crate::{
    Identity, IdentityError, SecondFactor,
    model::factors::recovery_code,
    model::factors::second_factor::{self, FactorSecret},
    store::factor_rows,
};

/// The kind of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CodeOf {
    Phone,
    Paper,
}

impl Identity {
    /// Uses up a code of a locked factor, and returns its kind; `None` if it is wrong or was used.
    pub(crate) async fn use_code(
        &self,
        op: &OpContext,
        tx: &Tx,
        (factor, sealed_secret): (SecondFactor, &str),
        typed: &str,
    ) -> Result<Option<CodeOf>, IdentityError> {
        let SecondFactor { network, person, state } = factor;
        let Ok(typed) = Code::parse(typed) else { return Ok(None) };
        let Some(code) = second_factor::digits(&typed) else {
            let Some(hash) = recovery_code::hash(network, person, &typed) else { return Ok(None) };
            let used = factor_rows::use_recovery_code(tx, network, person, &hash, op.now()).await?;
            return Ok(used.then_some(CodeOf::Paper));
        };
        let secret = self.sealing.open_for((network, person), sealed_secret)?;
        let step = FactorSecret::of(&secret, None)?.step_of(code, op.now());
        let Some(state) = step.and_then(|step| state.accept(step, op.now())) else { return Ok(None) };
        factor_rows::save(tx, &SecondFactor { person, network, state }).await?;
        Ok(Some(CodeOf::Phone))
    }
}
