//! Lists the states of a hub's visits in pages, for the comparison with the other services.

use jiff::Timestamp;
use kernel::{HubId, NetworkId, VisitId};
use platform_db::{Reach, Ts};
use uuid::Uuid;

use crate::{Membership, MembershipError, store};

const PAGE: i64 = 2_000;

/// The state of a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VisitState {
    /// The visit.
    pub visit: VisitId,
    /// The start of the visit.
    pub started_at: Timestamp,
    /// The last emitted revision.
    pub revision: i64,
    /// Whether the visit has ended and is not annulled.
    pub is_ended: bool,
}

impl Membership {
    /// Returns every network with its hubs.
    ///
    /// # Errors
    /// Fails if the database is unavailable.
    pub async fn list_networks_and_hubs(&self) -> Result<Vec<(NetworkId, Vec<HubId>)>, MembershipError> {
        let tx = self.db.read(Reach::Directory).await?;
        let mut all = Vec::new();
        for network in store::network::list(&tx).await? {
            let sql = "select hub_id from hub where network_id = $1 order by hub_id";
            let hubs = tx.rows(sql, [Uuid::from(network.id).into()]).await?;
            let hubs = hubs.iter().map(|row| row.try_get::<Uuid>("", "hub_id").map(HubId::from));
            all.push((network.id, hubs.collect::<Result<_, _>>().map_err(platform_db::DbError::from)?));
        }
        Ok(all)
    }

    /// Returns the next visits of a hub after a given one, in order of their start.
    ///
    /// # Errors
    /// Fails if the database is unavailable.
    pub async fn list_visit_states(
        &self,
        network: NetworkId,
        hub: HubId,
        after: Option<VisitState>,
    ) -> Result<Vec<VisitState>, MembershipError> {
        let tx = self.db.read(Reach::Hub(network, hub)).await?;
        let later =
            if after.is_some() { "and started_at >= $4 and (started_at > $4 or visit_id > $5)" } else { "" };
        let sql = format!(
            "select visit_id, started_at, revision, ended_at, annulled from visit \
             where network_id = $1 and hub_id = $2 {later} order by started_at, visit_id limit $3"
        );
        let mut values = vec![Uuid::from(network).into(), Uuid::from(hub).into(), PAGE.into()];
        if let Some(last) = after {
            values.extend([Ts(last.started_at).into(), Uuid::from(last.visit).into()]);
        }
        let rows = tx.rows(&sql, values).await?;
        Ok(rows.iter().map(state).collect::<Result<_, _>>()?)
    }
}

fn state(row: &platform_db::Row) -> Result<VisitState, platform_db::DbError> {
    let ended_at: Option<Ts> = row.try_get("", "ended_at")?;
    let annulled: bool = row.try_get("", "annulled")?;
    Ok(VisitState {
        visit: row.try_get::<Uuid>("", "visit_id")?.into(),
        started_at: row.try_get::<Ts>("", "started_at")?.0,
        revision: row.try_get("", "revision")?,
        is_ended: ended_at.is_some() && !annulled,
    })
}
