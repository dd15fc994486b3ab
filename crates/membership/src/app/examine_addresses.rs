//! Finds members whose e-mail address is stored in an outdated form: one mailbox could belong to two members.

use std::collections::HashMap;

use kernel::{MemberId, NetworkId, PersonId};
use platform_db::{DbError, Reach, Tx, list_old_addresses};
use uuid::Uuid;

use crate::{Membership, MembershipError};

impl Membership {
    /// Returns members of all networks whose e-mail address is stored in an outdated form, each with the member who
    /// holds that mailbox in the current form, if any.
    ///
    /// # Errors
    /// Fails if the database is unavailable.
    pub async fn examine_addresses(&self) -> Result<Vec<(MemberId, Option<MemberId>)>, MembershipError> {
        let mut old_members = Vec::new();
        for (network, _hubs) in self.list_networks_and_hubs().await? {
            let tx = self.db.read(Reach::Network(network)).await?;
            let old = list_old_addresses(&tx, "person", network).await?;
            let persons: Vec<PersonId> =
                old.iter().flat_map(|it| [Some(it.person), it.holder]).flatten().collect();
            let members = members_of(&tx, network, &persons).await?;
            let member = |person: PersonId| members.get(&person).copied();
            old_members
                .extend(old.iter().filter_map(|it| Some((member(it.person)?, it.holder.and_then(member)))));
        }
        Ok(old_members)
    }
}

async fn members_of(
    tx: &Tx,
    network: NetworkId,
    persons: &[PersonId],
) -> Result<HashMap<PersonId, MemberId>, DbError> {
    if persons.is_empty() {
        return Ok(HashMap::new());
    }
    let (which, ids) = tx.among_ids("person_id", 2, persons);
    let sql = format!("select person_id, member_id from member where network_id = $1 and {which}");
    let rows = tx.rows(&sql, std::iter::once(Uuid::from(network).into()).chain(ids)).await?;
    let pair = |row: &platform_db::Row| {
        Ok((row.try_get::<Uuid>("", "person_id")?.into(), row.try_get::<Uuid>("", "member_id")?.into()))
    };
    rows.iter().map(pair).collect()
}
