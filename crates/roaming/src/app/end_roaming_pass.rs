//! Ends a roaming pass.

use kernel::{CloudEvent, OpContext, PassId, Permission};
use platform_db::{Idempotent, Reach};

use crate::{Roaming, RoamingError, RoamingPass, audit, events::PassEnded, store};

impl Roaming {
    /// Ends a member's roaming pass from now on. Emits `roaming.pass_ended.v1`.
    ///
    /// # Errors
    /// Fails if the pass was ended before, or the caller may not manage members at the home hub.
    #[tracing::instrument(name = "roaming.end_roaming_pass", skip_all)]
    pub async fn end_roaming_pass(&self, op: &OpContext, id: PassId) -> Result<RoamingPass, RoamingError> {
        let given = self.load_pass(op, id).await?;
        let network = given.network;
        op.require_at_hub(Permission::ManageMembers, given.home_hub, network)?;
        let tx = match self.db.idempotent(op, Reach::Network(network), "endRoamingPass", &id).await? {
            Idempotent::Replayed(ended) => return Ok(ended),
            Idempotent::New(tx) => tx,
        };
        let pass = store::roaming_pass::find(&tx, network, id).await?;
        let ended = pass.ok_or(RoamingError::NotFound("roaming pass"))?.end(op.now())?;
        store::roaming_pass::save_end(&tx, &ended).await?;
        // A pass that expired earlier keeps its end: ending it late does not extend it.
        let ended_at = ended.valid_until.map_or(op.now(), |until| until.min(op.now()));
        let fact = PassEnded::of(&ended, ended_at);
        tx.emit(CloudEvent::new(&fact, network, Some(ended.home_hub), op.world())?).await?;
        tx.audit(op, audit::pass_ended(&ended)).await?;
        tx.commit_with_outcome(&ended).await?;
        Ok(ended)
    }

    async fn load_pass(&self, op: &OpContext, id: PassId) -> Result<RoamingPass, RoamingError> {
        for network in self.networks_of(op).await? {
            let tx = self.db.read(Reach::Network(network)).await?;
            if let Some(pass) = store::roaming_pass::find(&tx, network, id).await? {
                return Ok(pass);
            }
        }
        Err(RoamingError::NotFound("roaming pass"))
    }
}
