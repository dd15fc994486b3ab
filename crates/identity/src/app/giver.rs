//! Whoever gave something (a key, a device's secret, an invitation, a role that is offered), as they are now.
//!
//! Always true: what was given is worth at most what its giver is worth now (R19): nothing while they are suspended,
//! nothing they lost the right to, nothing once they are erased. What the installation itself gave has its worth.

use jiff::Timestamp;
use kernel::{Caller, NetworkId, OpContext, PersonId};
use platform_db::{DbError, Tx};

use super::{
    open_session::standing,
    revoke::{Ended, revoke},
};
use crate::{IdentityError, store::machine_rows};

/// A giver as they are now.
pub(super) struct Giver {
    /// What they would be asked as, if they called.
    pub(super) op: OpContext,
    /// Until when they are it at the latest, if a role of theirs ends.
    pub(super) until: Option<Timestamp>,
}

/// Who gives: the person, or nobody where the installation itself does. Tokens from the server's own machine belong to
/// no session, and are made by whoever holds the signing keys.
pub(super) fn gives(op: &OpContext) -> Option<PersonId> {
    match op.caller() {
        Caller::Person { person, .. } if op.session().is_some() => Some(*person),
        _ => None,
    }
}

/// The giver as they are now; nobody for a person who cannot sign in.
pub(super) async fn giver(
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

/// Ends the tokens of every key and device that works by what a person gave: their next ones are worth what the person
/// is worth then. The caller makes them known to this process after the commit.
pub(super) async fn end_given_by(
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
