//! Recounts occupancy: sets the live state from the open visits (R4).

use std::collections::HashMap;

use kernel::{HubId, VisitId};
use platform_db::Reach;

use crate::{Membership, MembershipError, store};

impl Membership {
    /// Counts every hub's open visits and sets the live state. A hub that changes meanwhile keeps its newer count.
    ///
    /// # Errors
    /// Fails if the database is unavailable.
    #[tracing::instrument(name = "membership.recount_occupancy", skip_all)]
    pub async fn recount_occupancy(&self) -> Result<(), MembershipError> {
        self.live.recounting();
        let tx = self.db.read(Reach::Directory).await?;
        let networks = store::network::list(&tx).await?;
        let every_hub =
            kernel::PageRequest::new(Some(i32::try_from(kernel::PageRequest::MAX).unwrap_or(1)), None)?;
        let mut hubs = HashMap::new();
        for network in &networks {
            let mut page = every_hub.clone();
            loop {
                let found = page.page(store::hub::list(&tx, Some(network.id), &page).await?);
                let last = found.items.last().map(|hub| hub.slug.clone());
                hubs.entry(network.id)
                    .or_insert_with(Vec::new)
                    .extend(found.items.into_iter().map(|hub| hub.id));
                if !found.has_next {
                    break;
                }
                page = kernel::PageRequest::new(i32::try_from(page.first()).ok(), last)?;
            }
        }
        drop(tx);
        for (network, hubs) in hubs {
            let mut marks = Vec::with_capacity(hubs.len());
            for hub in hubs {
                marks.push((hub, self.live.mark(hub).await));
            }
            let tx = self.db.read(Reach::Network(network)).await?;
            let mut present: HashMap<HubId, Vec<VisitId>> = HashMap::new();
            for visit in store::visit::open(&tx, network).await? {
                present.entry(visit.stay.hub).or_default().push(visit.stay.id);
            }
            drop(tx);
            for (hub, mark) in marks {
                self.live.restate(hub, mark, present.get(&hub).map_or(&[], Vec::as_slice)).await;
            }
        }
        Ok(())
    }
}
