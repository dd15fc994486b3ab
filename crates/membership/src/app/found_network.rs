//! Founds a network: the first step of an installation.

use kernel::{AuthError, Caller, CloudEvent, Currency, NetworkId, OpContext, Zone};
use platform_db::{Idempotent, Reach, no_network};

use super::{line, slug};
use crate::{Membership, MembershipError, Network, audit, events, store};

/// The input for founding a network.
#[derive(Debug, Clone, serde::Serialize)]
pub struct FoundNetwork {
    /// The slug used in URLs.
    pub slug: String,
    /// The display name.
    pub name: String,
    /// The clearing currency of its hubs.
    pub clearing_currency: Currency,
    /// The time zone that bounds its months.
    pub time_zone: Zone,
    /// The home hub's share of a roaming charge, in basis points.
    pub home_commission_bp: u32,
    /// The network's share of a roaming charge, in basis points.
    pub network_commission_bp: u32,
    /// Whether this is a demonstration network.
    pub demonstration: bool,
}

const WHOLE_BP: u32 = 10_000;

impl Membership {
    /// Founds a network. Only the system may do this: `hubnet onboard` on the server's machine. Emits
    /// `network_founded`.
    ///
    /// # Errors
    /// Fails with `CONFLICT` if the slug is taken.
    #[tracing::instrument(name = "membership.found_network", skip_all)]
    pub async fn found_network(
        &self,
        op: &OpContext,
        cmd: FoundNetwork,
    ) -> Result<NetworkId, MembershipError> {
        match op.caller() {
            Caller::System => {}
            Caller::Anonymous => return Err(AuthError::Unauthenticated.into()),
            Caller::Person { .. } | Caller::Device { .. } | Caller::Program { .. } => {
                return Err(AuthError::Forbidden.into());
            }
        }
        let (slug, name) = (slug("slug", &cmd.slug)?, line("name", &cmd.name)?);
        if cmd.home_commission_bp.saturating_add(cmd.network_commission_bp) > WHOLE_BP {
            return Err(MembershipError::invalid(
                "homeCommissionBp",
                "the commissions together at most 10000",
            ));
        }
        // The idempotency key is stored outside any network: the caller cannot name the new network yet.
        let tx = match self.db.idempotent(op, Reach::Network(no_network()), "foundNetwork", &cmd).await? {
            Idempotent::Replayed(network) => return Ok(network),
            Idempotent::New(tx) => tx,
        };
        let network = Network {
            id: op.new_id::<NetworkId>(),
            slug,
            name,
            clearing_currency: cmd.clearing_currency,
            time_zone: cmd.time_zone,
            home_commission_bp: cmd.home_commission_bp,
            network_commission_bp: cmd.network_commission_bp,
            demonstration: cmd.demonstration,
            founded_at: op.now(),
        };
        tx.enter(Reach::Network(network.id)).await?;
        store::network::insert(&tx, &network)
            .await
            .map_err(|error| MembershipError::or_exists(error, "network"))?;
        let fact = events::NetworkFounded::from(&network);
        tx.emit(CloudEvent::new(&fact, network.id, None, op.world())?).await?;
        tx.audit(op, audit::network_founded(&network)).await?;
        tx.commit_with_outcome(&network.id).await?;
        Ok(network.id)
    }
}
