//! Records touches: check-ins and check-outs, one from a reader or a whole offline log.
//!
//! This is the only way in. A call is authorised and checked here; the [batcher](super::touch_batcher) joins it with
//! concurrent calls; the [cache](super::admission_cache) decides it if it can, else the [database](super::write_touches)
//! does; visits are [read anew](super::reread) from all touches of a person. All of it is one transaction, so a log is
//! recorded as a whole or not at all; the occupancy cache is updated afterwards.

use kernel::{AuthError, Caller, HubId, OpContext, Permission};

use super::call::{Call, Reported, Reporter, TouchOutcome, Who, check};
use crate::{Direction, Membership, MembershipError, figures::count_touch};

impl Membership {
    /// Records touches at one hub and returns the outcome of each, in order. A repeated touch returns its original
    /// outcome. Emits `visit_started`, `visit_ended`, `visit_corrected`.
    ///
    /// # Errors
    /// Fails with `NOT_FOUND` for another tenant's hub, `INVALID_INPUT` for an event id or number of touches out of
    /// bounds.
    #[tracing::instrument(name = "membership.record_touches", skip_all)]
    pub async fn record_touches(
        &self,
        op: &OpContext,
        hub: HubId,
        reporter: &Reporter,
        reported: &[Reported],
    ) -> Result<Vec<TouchOutcome>, MembershipError> {
        let hub = self.hub(hub).await?;
        op.require_at_hub(Permission::RecordPresence, hub.id, hub.network)?;
        check(reported)?;
        let names_members = reported.iter().any(|one| matches!(one.who, Who::Member(_)));
        if names_members && matches!(op.caller(), Caller::Device { .. } | Caller::Program { .. }) {
            // Devices and programs prove presence by credentials; only people vouch for people.
            return Err(AuthError::Forbidden.into());
        }
        let trace = platform_telemetry::trace_context::current();
        let (reporter, reported) = (reporter.clone(), reported.to_vec());
        let received_at = op.now();
        let directions: Vec<Direction> = reported.iter().map(|one| one.direction).collect();
        let call = Call { op: op.clone(), hub, reporter, reported, received_at, trace };
        let outcomes = self.receive(call).await?;
        directions.into_iter().zip(&outcomes).for_each(|(way, outcome)| count_touch(way, outcome));
        Ok(outcomes)
    }
}
