//! Lists role assignments at a place. Personal data: for those who decide about roles there.

use std::collections::HashMap;

use kernel::{NetworkId, OpContext, Permission, PersonId, Place};
use platform_db::Reach;

use crate::{
    Account, Identity, IdentityError, RoleAssignment,
    store::{account_rows, role_rows},
};

impl Identity {
    /// Returns the present and future role assignments at a place, with the accounts of their holders.
    ///
    /// # Errors
    /// Fails if the caller may not read them.
    #[tracing::instrument(name = "identity.list_roles", skip_all)]
    pub async fn list_roles(
        &self,
        op: &OpContext,
        place: Place,
    ) -> Result<Vec<(RoleAssignment, Option<Account>)>, IdentityError> {
        let network = self.network_of_place(op, place).await?;
        let hub = match place {
            Place::Hub(hub) => {
                op.require_at_hub(Permission::ReadRoles, hub, network)?;
                Some(hub)
            }
            Place::Network(_) => {
                op.require_in_network(Permission::ReadRoles, network)?;
                None
            }
        };
        let tx = self.db.read(Reach::Network(network)).await?;
        let roles = role_rows::list_at(&tx, network, hub, op.now()).await?;
        let accounts = self.accounts(&tx, network, roles.iter().map(|role| role.person)).await?;
        Ok(roles.into_iter().map(|role| (role.clone(), accounts.get(&role.person).cloned())).collect())
    }

    async fn accounts(
        &self,
        tx: &platform_db::Tx,
        network: NetworkId,
        persons: impl Iterator<Item = PersonId>,
    ) -> Result<HashMap<PersonId, Account>, IdentityError> {
        let mut persons: Vec<PersonId> = persons.collect();
        persons.sort_unstable();
        persons.dedup();
        let accounts = account_rows::list(tx, network, &persons).await?;
        Ok(accounts.into_iter().map(|account| (account.person, account)).collect())
    }
}
