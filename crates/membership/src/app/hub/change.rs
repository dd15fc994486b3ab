//! Changes a hub: reads the whole place under a lock, edits it, and writes the new version.
//!
//! Always true: an edit is made on the version that its author has seen, or refused with `VERSION_CONFLICT`; nothing is
//! overwritten. A change raises the version by one, keeps what was true before, is published with all facts, and is
//! audited with the names of the fields, never with their contents. An edit that changes nothing leaves no trace.

use kernel::{CloudEvent, HubId, OpContext, Permission};
use platform_db::{Idempotent, Reach, Tx};
use serde::{Deserialize, Serialize};

use crate::{
    HubState, Membership, MembershipError, Space, audit,
    events::{HubChanged, HubClosed, HubFacts, HubOnboarded},
    store::{
        self,
        hub_change::{Past, Place},
    },
};

/// The hub to change, at the version that the caller has seen.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Target {
    /// The hub.
    pub hub: HubId,
    /// The version.
    pub expected: i64,
}

/// A changed hub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HubChange {
    /// The hub.
    pub hub: HubId,
    /// Its present version.
    pub version: i64,
    /// What was taken in as it was meant, but contradicts something else.
    pub warnings: Vec<HubWarning>,
}

/// A contradiction in a hub's description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, async_graphql::Enum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HubWarning {
    /// The capacity of the hub is larger than that of its spaces together.
    CapacityAboveSpaces,
    /// A single space has a larger capacity than the hub.
    SpaceAboveCapacity,
    /// More people are inside than the capacity: nobody new is admitted until there is room (R24).
    CapacityBelowPresent,
    /// No device is left that reports check-ins.
    NoDeviceLeft,
}

/// The names of the changed fields.
pub(super) type Fields = Vec<&'static str>;

/// One kind of change.
pub(super) struct Kind {
    /// The mutation, the scope of idempotency keys.
    pub operation: &'static str,
    /// What the caller needs.
    pub permission: Permission,
}

impl Membership {
    /// Edits a place and writes it. Emits `hub_onboarded`, `hub_changed` or `hub_closed`.
    ///
    /// # Errors
    /// Fails with `VERSION_CONFLICT` if the hub is at another version than the caller has seen, and with what the edit
    /// fails with. Nothing is written then.
    pub(super) async fn change<C: Serialize>(
        &self,
        op: &OpContext,
        kind: Kind,
        target: Target,
        cmd: &C,
        edit: impl FnOnce(&mut Place) -> Result<Fields, MembershipError> + Send,
    ) -> Result<HubChange, MembershipError> {
        let known = self.hub(target.hub).await?;
        op.require_at_hub(kind.permission, known.id, known.network)?;
        let reach = Reach::Hub(known.network, known.id);
        let tx = match self.db.idempotent(op, reach, kind.operation, &(target, cmd)).await? {
            Idempotent::Replayed(change) => return Ok(change),
            Idempotent::New(tx) => tx,
        };
        let found = store::hub_change::lock(&tx, known.network, known.id).await?;
        let before = found.ok_or(MembershipError::NotFound("hub"))?;
        if before.hub.version != target.expected {
            return Err(MembershipError::VersionConflict { current: before.hub.version });
        }
        let mut after = before.clone();
        let fields = edit(&mut after)?;
        if !fields.is_empty() {
            after.hub.version += 1;
            self.write(op, &tx, &before, &after, &fields).await?;
        }
        let change =
            HubChange { hub: after.hub.id, version: after.hub.version, warnings: self.warnings(&after) };
        tx.commit_with_outcome(&change).await?;
        self.forget_hub(after.hub.id).await;
        Ok(change)
    }

    async fn write(
        &self,
        op: &OpContext,
        tx: &Tx,
        before: &Place,
        after: &Place,
        fields: &[&'static str],
    ) -> Result<(), MembershipError> {
        let saved = store::hub_change::save(tx, before, after).await;
        saved.map_err(|error| MembershipError::or_exists(error, "code"))?;
        // A hub from before versions were kept has none of its first one.
        keep_version(tx, before, before.hub.onboarded_at).await?;
        let facts = keep_version(tx, after, op.now()).await?;
        let (network, hub) = (after.hub.network, Some(after.hub.id));
        let event = match (&before.hub.details.state, &after.hub.details.state) {
            (HubState::Draft, HubState::Live) => {
                CloudEvent::new(&HubOnboarded(facts), network, hub, op.world())?
            }
            (was, HubState::Closed { .. }) if !matches!(was, HubState::Closed { .. }) => {
                CloudEvent::new(&HubClosed(facts), network, hub, op.world())?
            }
            _ => CloudEvent::new(&HubChanged(facts), network, hub, op.world())?,
        };
        tx.emit(event).await?;
        tx.audit(op, audit::hub_changed(&after.hub, fields)).await?;
        Ok(())
    }

    /// Drops what this process has cached of a hub.
    pub(crate) async fn forget_hub(&self, hub: HubId) {
        self.hubs.invalidate(&hub).await;
        self.hub_lists.invalidate_all();
        self.hub_counts.invalidate_all();
        self.directories.invalidate_all();
    }

    fn warnings(&self, place: &Place) -> Vec<HubWarning> {
        let present = self.live.present(place.hub.id).unwrap_or_default();
        warnings(place, present)
    }
}

/// Keeps a version with its facts, and returns them.
pub(crate) async fn keep_version(
    tx: &Tx,
    place: &Place,
    valid_from: jiff::Timestamp,
) -> Result<HubFacts, MembershipError> {
    let Place { hub, spaces, devices } = place;
    let facts = HubFacts::of(hub, spaces, devices, valid_from);
    let version = Past { version: hub.version, valid_from, facts: serde_json::to_string(&facts)? };
    store::hub_change::keep_version(tx, hub, &version).await?;
    Ok(facts)
}

/// Returns the contradictions of a place with so many people in it.
fn warnings(place: &Place, present: u32) -> Vec<HubWarning> {
    let capacity = place.hub.capacity;
    let in_use = |space: &&Space| space.out_of_use.as_ref().is_none_or(|out| out.until.is_some());
    let spaces: Vec<u32> = place.spaces.iter().filter(in_use).map(|space| space.capacity).collect();
    let together: u64 = spaces.iter().map(|capacity| u64::from(*capacity)).sum();
    let is_used = |device: &crate::Device| device.retired_at.is_none();
    let checks = [
        (!spaces.is_empty() && u64::from(capacity) > together, HubWarning::CapacityAboveSpaces),
        (spaces.iter().any(|one| *one > capacity), HubWarning::SpaceAboveCapacity),
        (present > capacity && !place.hub.capacity_is_soft, HubWarning::CapacityBelowPresent),
        (!place.devices.is_empty() && !place.devices.iter().any(is_used), HubWarning::NoDeviceLeft),
    ];
    checks.into_iter().filter_map(|(is_so, warning)| is_so.then_some(warning)).collect()
}

/// Sets a field, and names it if that changes it.
pub(super) fn set<T: PartialEq>(fields: &mut Fields, name: &'static str, place: &mut T, value: Option<T>) {
    if let Some(value) = value
        && *place != value
    {
        *place = value;
        fields.push(name);
    }
}
