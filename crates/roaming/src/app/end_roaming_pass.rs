//! Taking the right to roam back.

use kernel::{CloudEvent, NetworkId, PassId, Permission, Scope};
use platform_db::Reach;

use crate::{Roaming, RoamingError, RoamingPass, deeds, published::PassEnded, store};

impl Roaming {
    /// Ends a member's roaming pass from now on. Emits `roaming.pass_ended.v1`.
    ///
    /// # Errors
    /// The pass was ended before; the caller may not manage members at the home hub.
    #[tracing::instrument(name = "roaming.end_roaming_pass", skip_all)]
    pub async fn end_roaming_pass(&self, scope: &Scope, pass: PassId) -> Result<RoamingPass, RoamingError> {
        for network in self.networks_of(scope).await? {
            if let Some(ended) = self.end_pass_in(scope, network, pass).await? {
                return Ok(ended);
            }
        }
        Err(RoamingError::NotFound("roaming pass"))
    }

    async fn end_pass_in(
        &self,
        scope: &Scope,
        network: NetworkId,
        id: PassId,
    ) -> Result<Option<RoamingPass>, RoamingError> {
        let tx = self.db.write(Reach::Network(network)).await?;
        let Some(pass) = store::roaming_pass::find(&tx, network, id).await? else { return Ok(None) };
        scope.require_at_hub(Permission::ManageMembers, pass.home_hub, network)?;
        let ended = pass.end(scope.now())?;
        store::roaming_pass::save_end(&tx, &ended).await?;
        // A pass that had run out before stays run out: ending it late gives nothing back.
        let ended_at = ended.valid_until.map_or(scope.now(), |until| until.min(scope.now()));
        let fact = PassEnded::of(&ended, ended_at);
        tx.emit(CloudEvent::new(&fact, network, Some(ended.home_hub), scope.world())?).await?;
        tx.audit(scope, deeds::pass_ended(&ended)).await?;
        tx.commit().await?;
        Ok(Some(ended))
    }
}
