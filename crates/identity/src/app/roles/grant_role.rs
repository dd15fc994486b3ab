//! Offers a person a role, which takes effect once they accept it (R18).

use jiff::Timestamp;
use kernel::{AuthError, Grant, InvalidInput, OpContext, PersonId, Place, Role};
use platform_db::{Idempotent, Reach};

use crate::app::roles::giver::gives;
use crate::{
    AccountState, Identity, IdentityError, OfferedTo, RoleAssignment, model::roles::policy,
    model::roles::role_assignment::check_place, store::account_rows,
};

/// The role to offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct GrantRole {
    /// The person.
    pub person: PersonId,
    /// The role.
    pub role: Role,
    /// The place.
    pub at: Place,
    /// When it begins; `None` means now.
    pub valid_from: Option<Timestamp>,
    /// When it ends, if ever.
    pub valid_until: Option<Timestamp>,
}

impl Identity {
    /// Offers a role, which has no effect until the person accepts it.
    ///
    /// # Errors
    /// Fails if the caller may not assign it, or would offer it to themselves; if there is no such person, or they have
    /// not accepted their invitation; or if the role does not fit the place, or is theirs already.
    #[tracing::instrument(name = "identity.grant_role", skip_all)]
    pub async fn grant_role(&self, op: &OpContext, cmd: GrantRole) -> Result<RoleAssignment, IdentityError> {
        let network = self.network_of_place(op, cmd.at).await?;
        let grant = Grant { role: cmd.role, at: cmd.at };
        policy::require_granting(op, cmd.person, grant, network)?;
        let tx = match self.db.idempotent(op, Reach::Network(network), "grantRole", &cmd).await? {
            Idempotent::Replayed(role) => return Ok(role),
            Idempotent::New(tx) => tx,
        };
        check_place(cmd.role, cmd.at)?;
        let valid_from = cmd.valid_from.unwrap_or_else(|| op.now());
        if cmd.valid_until.is_some_and(|until| until <= valid_from.max(op.now())) {
            return Err(InvalidInput::new("validUntil", "must be in the future, and after validFrom").into());
        }
        let account = account_rows::hold(&tx, network, cmd.person).await?.ok_or(AuthError::NotFound)?;
        if !matches!(account.state, AccountState::Active { .. }) {
            return Err(IdentityError::Conflict(
                "this person has not accepted their invitation, or is suspended",
            ));
        }
        let role = RoleAssignment {
            id: op.new_id(),
            network,
            person: cmd.person,
            grant,
            valid_from,
            valid_until: cmd.valid_until,
            granted_at: op.now(),
            granted_by: gives(op),
            revoked_at: None,
            offered_to: Some(OfferedTo::Person),
            accepted_at: None,
        };
        self.offer(op, &tx, &role).await?;
        tx.commit_with_outcome(&role).await?;
        Ok(role)
    }
}
