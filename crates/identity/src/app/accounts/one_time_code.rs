//! Makes one-time codes, and checks presented ones.

use jiff::Timestamp;
use kernel::{CodeId, NetworkId, OpContext, PersonId};
use platform_db::Tx;
use platform_mail::QueuedMail;
use secrecy::SecretString;
use uuid::Uuid;

use crate::{
    CodePurpose, IdentityError,
    model::machines::secret::{self, SecretKind, ShownSecret},
    store::code_rows::{self, CodeRow},
};

/// Makes a new code for a person, which the inviter hands over, and returns its expiry; older ones for the same purpose stop working.
pub(crate) async fn new_code(
    op: &OpContext,
    tx: &Tx,
    (network, person): (NetworkId, PersonId),
    purpose: CodePurpose,
) -> Result<(SecretString, Timestamp), IdentityError> {
    let (id, expires_at): (CodeId, _) = (op.new_id(), op.now() + purpose.lifetime());
    let (code, secret_hash) = secret::make(SecretKind::Code, network, id.into(), op.world());
    let row = CodeRow { id, person, purpose, secret_hash, mailed: false, expires_at };
    code_rows::replace(tx, network, &row, op.now()).await?;
    Ok((code, expires_at))
}

/// Makes the code of a mail: the same at every try, while it is unused. A mail's code has the mail's id.
pub(crate) async fn mailed_code(
    op: &OpContext,
    tx: &Tx,
    mail: &QueuedMail,
    purpose: CodePurpose,
    secret: &[u8; 32],
) -> Result<SecretString, IdentityError> {
    let (network, person) = (mail.network, mail.person);
    let (id, expires_at) = (CodeId::from(Uuid::from(mail.id)), op.now() + purpose.lifetime());
    let (code, secret_hash) = secret::of_bytes(SecretKind::Code, network, id.into(), secret);
    let row = CodeRow { id, person, purpose, secret_hash, mailed: true, expires_at };
    code_rows::replace(tx, network, &row, op.now()).await?;
    Ok(code)
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
