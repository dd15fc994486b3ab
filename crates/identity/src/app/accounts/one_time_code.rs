//! Makes one-time codes, and checks presented ones.

use jiff::Timestamp;
use kernel::{CodeId, NetworkId, OpContext, PersonId};
use platform_db::Tx;
use secrecy::SecretString;

use crate::{
    CodePurpose, IdentityError,
    model::machines::secret::{self, SecretKind, ShownSecret},
    store::code_rows::{self, CodeRow},
};

/// The delivery of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// Shown to the inviter, who hands it over.
    ByHand,
    /// Sent by mail to the person's address.
    ByMail,
}

/// Makes a new code for a person, and returns its expiry; older ones for the same purpose stop working.
pub(crate) async fn new_code(
    op: &OpContext,
    tx: &Tx,
    (network, person): (NetworkId, PersonId),
    purpose: CodePurpose,
    delivery: Delivery,
) -> Result<(SecretString, Timestamp), IdentityError> {
    let (id, expires_at): (CodeId, _) = (op.new_id(), op.now() + purpose.lifetime());
    let (code, secret_hash) = secret::make(SecretKind::Code, network, id.into(), op.world());
    let mailed = delivery == Delivery::ByMail;
    let row = CodeRow { id, person, purpose, secret_hash, mailed, expires_at };
    code_rows::replace(tx, network, &row, op.now()).await?;
    Ok((code, expires_at))
}

/// Returns the presented code, if it is valid for the purpose now.
pub(crate) async fn good_code(
    op: &OpContext,
    tx: &Tx,
    shown: &ShownSecret,
    purpose: CodePurpose,
) -> Result<CodeRow, IdentityError> {
    let found = code_rows::hold_unused(tx, shown.network, CodeId::from(shown.id)).await?;
    let is_good = |code: &CodeRow| {
        code.purpose == purpose && op.now() < code.expires_at && shown.fits(&code.secret_hash)
    };
    found.filter(is_good).ok_or(IdentityError::SecretRefused)
}
