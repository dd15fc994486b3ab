//! Closing forgotten visits: those still open after their hub has closed.

use std::collections::HashMap;

use kernel::{NetworkId, OpContext, PersonId};
use platform_db::Reach;

use super::{reread::NewTouches, touch_batcher::TRIES};
use crate::{Membership, MembershipError, Visit, store, visit::forgotten_at};

impl Membership {
    /// Closes the visits without a check-out, in every network; returns their number. Better evidence that arrives
    /// later corrects the visit. Emits `visit_ended`.
    ///
    /// # Errors
    /// The database is away.
    #[tracing::instrument(name = "membership.close_forgotten_visits", skip_all)]
    pub async fn close_forgotten_visits(&self, op: &OpContext) -> Result<usize, MembershipError> {
        let tx = self.db.read(Reach::Directory).await?;
        let networks = store::network::list(&tx).await?;
        drop(tx);
        let mut closed = 0;
        for network in networks {
            closed += self.close_forgotten_visits_in(op, network.id).await?;
        }
        Ok(closed)
    }

    /// Closes the visits of a network whose hubs have closed.
    pub(crate) async fn close_forgotten_visits_in(
        &self,
        op: &OpContext,
        network: NetworkId,
    ) -> Result<usize, MembershipError> {
        let mut closed = 0;
        for few in self.find_forgotten(op, network).await?.chunks(200) {
            closed += self.close_some(op, network, few).await?;
        }
        Ok(closed)
    }

    /// Closes some visits. They are read again if a hub has changed since it was read.
    async fn close_some(
        &self,
        op: &OpContext,
        network: NetworkId,
        forgotten: &[Visit],
    ) -> Result<usize, MembershipError> {
        let mut tries = 1;
        loop {
            match self.close_few(op, network, forgotten).await {
                Err(MembershipError::HubChanged) if tries < TRIES => tries += 1,
                done => return done,
            }
        }
    }

    async fn find_forgotten(
        &self,
        op: &OpContext,
        network: NetworkId,
    ) -> Result<Vec<Visit>, MembershipError> {
        let tx = self.db.read(Reach::Network(network)).await?;
        let mut forgotten = Vec::new();
        for visit in store::visit::open(&tx, network).await? {
            let hub = self.hub_within(&tx, visit.stay.hub).await?;
            if forgotten_at(&hub.opening_hours, visit.stay.started_at, op.now()).is_some() {
                forgotten.push(visit);
            }
        }
        Ok(forgotten)
    }

    async fn close_few(
        &self,
        op: &OpContext,
        network: NetworkId,
        forgotten: &[Visit],
    ) -> Result<usize, MembershipError> {
        let Some(since) = forgotten.iter().map(|visit| visit.stay.started_at).min() else { return Ok(0) };
        let tx = self.db.write(Reach::Network(network)).await?;
        let nothing_new: NewTouches = forgotten.iter().map(|visit| (visit.person, Vec::new())).collect();
        let keys: Vec<_> =
            forgotten.iter().map(|visit| store::member::BearerKey::Member(visit.member)).collect();
        // Locks the persons: a check-out may be on its way at this moment.
        store::member::bearers(&tx, network, &keys).await?;
        let mut reread = self.reread(op, &tx, network, since, &nothing_new).await?;
        let persons: Vec<PersonId> = reread.histories.keys().copied().collect();
        let taken = store::seats::raise_and_lock(&tx, network, &persons, &reread.hubs_that_change()).await?;
        self.check_versions(&tx, &[], &taken).await?;
        reread.write(&tx, network, &[], &HashMap::new(), &taken).await?;
        tx.commit().await?;
        self.update_occupancy(&reread).await;
        Ok(reread.left.len())
    }
}
