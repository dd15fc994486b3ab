//! The present standing of a giver (of a key, a device's secret, an invitation, an offered role).
//!
//! Always true: a given thing is worth at most what its giver may do now (R19): nothing while they are suspended,
//! nothing they lost the right to, nothing once they are erased. Things given by the installation itself keep their
//! worth.

use jiff::Timestamp;
use kernel::{Caller, NetworkId, OpContext, PersonId};
use platform_db::{DbError, Tx};

use crate::app::{
    revoke::{Ended, revoke},
    sessions::open_session::standing,
};
use crate::{IdentityError, store::machine_rows};

/// A giver's present standing.
pub(crate) struct Giver {
    /// The context the giver would have as a caller.
    pub(crate) op: OpContext,
    /// When their standing ends at the latest, if one of their roles ends.
    pub(crate) until: Option<Timestamp>,
}

/// Returns the giver: the person, or `None` for the installation itself. Tokens from the server's own machine belong to
/// no session, and are made by the holder of the signing keys.
pub(crate) fn gives(op: &OpContext) -> Option<PersonId> {
    match op.caller() {
        Caller::Person { person, .. } if op.session().is_some() => Some(*person),
        _ => None,
    }
}

/// Returns the giver's present standing; `None` for a person who cannot sign in.
pub(crate) async fn giver(
    op: &OpContext,
    tx: &Tx,
    network: NetworkId,
    by: Option<PersonId>,
) -> Result<Option<Giver>, IdentityError> {
    let Some(person) = by else {
        return Ok(Some(Giver { op: OpContext::system(op.world().clone()), until: None }));
    };
    match standing(tx, network, person, op.now()).await {
        Ok(standing) => {
            let op = OpContext::new(standing.caller, op.world().clone());
            Ok(Some(Giver { op, until: Some(standing.until) }))
        }
        Err(IdentityError::WrongCredentials) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Ends the tokens of every key and device whose secret the person gave: their next tokens are worth what the person
/// may do then. The caller adds them to this process's revocations after the commit.
pub(crate) async fn end_given_by(
    tx: &Tx,
    network: NetworkId,
    person: PersonId,
    now: Timestamp,
) -> Result<Ended, DbError> {
    let mut ended = Ended::default();
    for subject in machine_rows::list_given_by(tx, network, person).await? {
        ended.push(revoke(tx, network, subject, now).await?);
    }
    Ok(ended)
}
