//! The erased members, so that a late event does not restore them.
//!
//! Always true: of two transactions, one that keeps a member's copy and one that forgets it, the later sees the effect
//! of the earlier ([`Tx::serialize_erasures`]). Only the id is kept, which identifies nobody.

use std::collections::HashSet;

use kernel::{MemberId, NetworkId};
use uuid::Uuid;

use crate::{DbError, Tx};

impl Tx {
    /// Lets one transaction at a time keep or forget the members of a network; a handler calls it first. SQLite has one
    /// writer anyway.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn serialize_erasures(&self, network: NetworkId) -> Result<(), DbError> {
        if self.is_postgres() {
            let sql = "select pg_advisory_xact_lock(hashtext('erased_member'), hashtext($1))";
            self.run(sql, [Uuid::from(network).to_string().into()]).await?;
        }
        Ok(())
    }

    /// Records that a member was erased.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn remember_erased(&self, network: NetworkId, member: MemberId) -> Result<(), DbError> {
        let sql = "insert into erased_member (network_id, member_id) values ($1, $2) on conflict do nothing";
        self.run(sql, [Uuid::from(network).into(), Uuid::from(member).into()]).await?;
        Ok(())
    }

    /// Returns those of some members who were erased.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn erased_among(
        &self,
        network: NetworkId,
        members: &[MemberId],
    ) -> Result<HashSet<MemberId>, DbError> {
        if members.is_empty() {
            return Ok(HashSet::new());
        }
        let (which, ids) = self.among_ids("member_id", 2, members);
        let sql = format!("select member_id from erased_member where network_id = $1 and {which}");
        let rows = self.rows(&sql, std::iter::once(Uuid::from(network).into()).chain(ids)).await?;
        rows.iter().map(|row| Ok(row.try_get::<Uuid>("", "member_id")?.into())).collect()
    }
}
