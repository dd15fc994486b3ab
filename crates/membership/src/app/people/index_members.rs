//! Keeps the words by which members are found.
//!
//! Always true: they are replaced in the transaction that changes a name, an address or a category.

use kernel::{EmailAddress, Language, MemberId};
use platform_db::{Reach, Tx};

use crate::{
    Member, Membership, MembershipError,
    search_form::{sort_key, words_of},
    store,
};

/// The members that one transaction of the job indexes.
const AT_ONCE: i64 = 200;

impl Membership {
    /// Inserts the words of members who have none, in the transaction that changes them.
    pub(crate) async fn index_members(&self, tx: &Tx, members: &[Member]) -> Result<(), MembershipError> {
        let mut found = Vec::with_capacity(members.len());
        for member in members {
            let hub = self.hub_within(tx, member.home).await?;
            let language: Language = hub.language.parse().unwrap_or_default();
            let email = member.email.as_ref().map_or("", EmailAddress::as_str);
            let words = words_of(member.name.as_str(), email).into_iter().collect();
            found.push((member, words, sort_key(language, member.name.as_str())));
        }
        Ok(store::member_search::insert(tx, found).await?)
    }

    /// Adds the words of all members that have none; returns their number. There are such members after an upgrade
    /// from a version without a search.
    ///
    /// # Errors
    /// The database is away.
    #[tracing::instrument(name = "membership.index_all_members", skip_all)]
    pub async fn index_all_members(&self) -> Result<usize, MembershipError> {
        let tx = self.db.read(Reach::Directory).await?;
        let networks = store::network::list(&tx).await?;
        drop(tx);
        let mut indexed = 0;
        for network in networks {
            loop {
                let tx = self.db.write(Reach::Network(network.id)).await?;
                let members = store::member_search::without(&tx, network.id, AT_ONCE).await?;
                if members.is_empty() {
                    break;
                }
                let ids: Vec<MemberId> = members.iter().map(|member| member.id).collect();
                store::person::lock_all(&tx, network.id, &ids, &[]).await?;
                // What is corrected or erased meanwhile is read again under the lock.
                let members = store::member::find(&tx, network.id, &ids).await?;
                store::member_search::forget(&tx, &ids).await?;
                self.index_members(&tx, &members).await?;
                store::member_search::mark(&tx, network.id, &ids).await?;
                tx.commit().await?;
                indexed += ids.len();
            }
        }
        Ok(indexed)
    }
}
