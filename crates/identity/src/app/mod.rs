//! The use-cases of the service, one per file.
//!
//! Always true: a use-case checks the context first, and a command is one transaction.

mod accounts;
mod begin_export;
mod compose_mail;
mod count_mail;
mod examine_addresses;
mod examine_sealing_key;
mod factors;
mod machines;
mod revoke;
mod roles;
mod sessions;
mod single_sign_on;

pub(crate) use accounts::forget_person::{ErasedMember, forget_person};
pub use factors::remove_second_factor::FactorProof;
pub use machines::api_keys::IssueApiKey;
pub use machines::exchange_secret::Exchanged;
pub(crate) use machines::retire_devices::retire_devices;
pub(crate) use revoke::outdate;
pub use roles::accept_invitation::AcceptInvitation;
pub use roles::grant_role::GrantRole;
pub use roles::invite::{Invitation, InviteMember, InviteStaff};
pub use sessions::sign_in::SignInWithPassword;
pub use single_sign_on::complete_single_sign_on::CompleteSingleSignOn;
pub use single_sign_on::journey::JourneyAnswer;

use jiff::Timestamp;
use kernel::{AuthError, Caller, HubId, NetworkId, OpContext, PersonId, Place};
use platform_bus::await_arrival;
use platform_db::{DbError, Reach, Tx};

use crate::{
    Account, Identity, IdentityError,
    audit::About,
    model::roles::policy::Holdings,
    store::{account_rows, copies, role_rows},
};

impl Identity {
    /// Returns the network of a hub. The existence of a hub is public.
    async fn network_of_hub(&self, op: &OpContext, hub: HubId) -> Result<NetworkId, IdentityError> {
        let find = || async {
            let tx = self.db.read(Reach::Directory).await?;
            copies::find_network_of_hub(&tx, hub).await
        };
        Ok(await_arrival(op, hub, find).await?.ok_or(AuthError::NotFound)?)
    }

    /// Returns the network of a place.
    async fn network_of_place(&self, op: &OpContext, place: Place) -> Result<NetworkId, IdentityError> {
        match place {
            Place::Hub(hub) => self.network_of_hub(op, hub).await,
            Place::Network(network) => Ok(network),
        }
    }

    /// Returns the signed-in person's own account; `None` for a token from the command line.
    ///
    /// # Errors
    /// Fails if nobody is signed in.
    pub async fn find_own_account(&self, op: &OpContext) -> Result<Option<Account>, IdentityError> {
        let (person, network) = person(op)?;
        let tx = self.db.read(Reach::Network(network)).await?;
        Ok(account_rows::find(&tx, network, person).await?)
    }

    /// Returns the networks whose people a caller may read: their own; for the system itself, all (at most two are
    /// returned).
    async fn networks_of(&self, op: &OpContext) -> Result<Vec<NetworkId>, IdentityError> {
        match (op.network(), op.caller()) {
            (Some(network), _) => Ok(vec![network]),
            (None, Caller::System) => {
                let tx = self.db.read(Reach::Directory).await?;
                Ok(copies::list_networks(&tx).await?)
            }
            (None, _) => Err(AuthError::Unauthenticated.into()),
        }
    }
}

/// Returns the signed-in person.
fn person(op: &OpContext) -> Result<(PersonId, NetworkId), AuthError> {
    match op.caller() {
        Caller::Person { person, network, .. } => Ok((*person, *network)),
        Caller::Anonymous => Err(AuthError::Unauthenticated),
        Caller::Device { .. } | Caller::Program { .. } | Caller::System => Err(AuthError::Forbidden),
    }
}

/// Returns a person and the hub whose log holds their audit events: their home, or their workplace; else the network's
/// log.
async fn about(tx: &Tx, network: NetworkId, person: PersonId, now: Timestamp) -> Result<About, DbError> {
    let memberships = copies::list_memberships(tx, network, person).await?;
    let roles = role_rows::list_of_person(tx, network, person, now).await?;
    let works_at = roles.iter().find_map(|role| match role.grant.at {
        Place::Hub(hub) => Some(hub),
        Place::Network(_) => None,
    });
    let hub = memberships.first().map(|member| member.home).or(works_at);
    Ok(About { network, hub, person })
}

/// Returns everything an account is: every membership, every accepted role that has not ended.
async fn holdings(
    tx: &Tx,
    network: NetworkId,
    person: PersonId,
    now: Timestamp,
) -> Result<Holdings, DbError> {
    let memberships = copies::list_memberships(tx, network, person).await?;
    let roles = role_rows::list_of_person(tx, network, person, now).await?;
    Ok(Holdings {
        homes: memberships.into_iter().map(|member| member.home).collect(),
        roles: roles.into_iter().map(|role| role.grant).collect(),
    })
}

/// Returns the acting person; `None` for the system itself.
fn actor(op: &OpContext) -> Option<PersonId> {
    match op.caller() {
        Caller::Person { person, .. } => Some(*person),
        _ => None,
    }
}
