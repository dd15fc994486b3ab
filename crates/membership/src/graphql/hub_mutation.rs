//! The mutations that change a hub. Each takes the version of the hub that its author has seen.

use std::marker::PhantomData;

use async_graphql::{Context, Object, Result};
use graph::{Entity, Given, Graph, OpContextExt, parse_id};
use jiff::civil::Date;
use kernel::HubId;

use super::{
    hub_inputs::{
        AddDeviceInput, AddResourceInput, AddSpaceInput, ChangeHubInput, ChangeOpeningHoursInput,
        ChangeResourceInput, ChangeSpaceInput, CloseHubInput, CloseHubOnInput, OpenHubInput, OpenHubOnInput,
        PauseHubInput, PutBackIntoUseInput, RenameDeviceInput, ReopenHubInput, RetireDeviceInput,
        StartHubInput, TakeOutOfUseInput, WithdrawOpeningHoursInput, WithdrawSpecialHoursInput,
    },
    mutation::NightCutShort,
    refuse, service,
};
use crate::{HubChange, HubWarning};

/// The part of the mutation root that changes hubs.
pub struct HubMutation<G>(PhantomData<fn() -> G>);

impl<G> Default for HubMutation<G> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<G> std::fmt::Debug for HubMutation<G> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HubMutation")
    }
}

#[Object(name = "MembershipHubMutation")]
impl<G: Graph> HubMutation<G> {
    /// Starts the draft of a hub. It is not in the directory and admits nobody until `openHub`.
    async fn start_hub(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The draft to start.")] input: StartHubInput,
    ) -> Result<Option<StartHubPayload<G>>> {
        let op = ctx.op()?;
        let network = match &input.network_id {
            Some(id) => parse_id(id, "networkId")?,
            None => op.network().ok_or_else(|| refuse(kernel::AuthError::Unauthenticated))?,
        };
        let cmd = input.command(network).map_err(refuse)?;
        let hub = service(ctx)?.start_hub(op, cmd).await.map_err(refuse)?;
        Ok(Some(StartHubPayload { hub, graph: PhantomData }))
    }

    /// Takes a draft live: from now on it is in the directory and admits people in its hours. Refused with what is still
    /// missing (`hub { checklist }`).
    async fn open_hub(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The draft to take live.")] input: OpenHubInput,
    ) -> Result<Option<ChangeHubPayload<G>>> {
        let changed = service(ctx)?.open_hub(ctx.op()?, input.target()?).await;
        Ok(Some(changed.map_err(refuse)?.into()))
    }

    /// Changes the description of a hub: name, address, contact, languages, accessibility, equipment, capacity.
    async fn change_hub(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: ChangeHubInput,
    ) -> Result<Option<ChangeHubPayload<G>>> {
        let target = input.target()?;
        let changed = service(ctx)?.change_hub(ctx.op()?, target, input.command()?).await;
        Ok(Some(changed.map_err(refuse)?.into()))
    }

    /// Changes the usual opening hours from a day on. Days before it keep theirs.
    async fn change_opening_hours(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new hours.")] input: ChangeOpeningHoursInput,
    ) -> Result<Option<ChangeHubPayload<G>>> {
        let target = input.target()?;
        let cmd = input.command()?;
        let from = cmd.from;
        let changed = service(ctx)?.change_opening_hours(ctx.op()?, target, cmd).await.map_err(refuse)?;
        Ok(Some(ChangeHubPayload { from: Some(from), ..changed.into() }))
    }

    /// Takes back opening hours that have not begun to count.
    async fn withdraw_opening_hours(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The hours to take back.")] input: WithdrawOpeningHoursInput,
    ) -> Result<Option<ChangeHubPayload<G>>> {
        let (target, from) = (input.target()?, input.from.of("from")?);
        let changed = service(ctx)?.withdraw_opening_hours(ctx.op()?, target, from).await;
        Ok(Some(changed.map_err(refuse)?.into()))
    }

    /// Closes a hub on single days, whatever its usual hours are.
    async fn close_hub_on(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The days.")] input: CloseHubOnInput,
    ) -> Result<Option<ChangeHubPayload<G>>> {
        let target = input.target()?;
        let changed =
            service(ctx)?.set_special_hours(ctx.op()?, "closeHubOn", target, input.command()?).await;
        Ok(Some(changed.map_err(refuse)?.into()))
    }

    /// Opens a hub on single days at other times than usual: longer, shorter, or on a day on which it would be closed.
    async fn open_hub_on(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The days and their hours.")] input: OpenHubOnInput,
    ) -> Result<Option<ChangeHubPayload<G>>> {
        let target = input.target()?;
        let changed = service(ctx)?.set_special_hours(ctx.op()?, "openHubOn", target, input.command()?).await;
        Ok(Some(changed.map_err(refuse)?.into()))
    }

    /// Takes back what was different on single days: the usual hours count there again.
    async fn withdraw_special_hours(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The days.")] input: WithdrawSpecialHoursInput,
    ) -> Result<Option<ChangeHubPayload<G>>> {
        let target = input.target()?;
        let changed = service(ctx)?.withdraw_special_hours(ctx.op()?, target, input.days()?).await;
        Ok(Some(changed.map_err(refuse)?.into()))
    }

    /// Adds a space with its resources.
    async fn add_space(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The space.")] input: AddSpaceInput,
    ) -> Result<Option<ChangeHubPayload<G>>> {
        let target = input.target()?;
        let changed = service(ctx)?.add_space(ctx.op()?, target, input.command()).await;
        Ok(Some(changed.map_err(refuse)?.into()))
    }

    /// Changes a space.
    async fn change_space(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: ChangeSpaceInput,
    ) -> Result<Option<ChangeHubPayload<G>>> {
        let target = input.target()?;
        let changed = service(ctx)?.change_space(ctx.op()?, target, input.command()?).await;
        Ok(Some(changed.map_err(refuse)?.into()))
    }

    /// Adds a desk, computer or printer to a space.
    async fn add_resource(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The resource.")] input: AddResourceInput,
    ) -> Result<Option<ChangeHubPayload<G>>> {
        let target = input.target()?;
        let changed = service(ctx)?.add_resource(ctx.op()?, target, input.command()?).await;
        Ok(Some(changed.map_err(refuse)?.into()))
    }

    /// Changes a resource.
    async fn change_resource(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: ChangeResourceInput,
    ) -> Result<Option<ChangeHubPayload<G>>> {
        let target = input.target()?;
        let changed = service(ctx)?.change_resource(ctx.op()?, target, input.command()?).await;
        Ok(Some(changed.map_err(refuse)?.into()))
    }

    /// Takes a space or resource out of use: out of order until a day, or taken out from a day on. Nothing is deleted.
    async fn take_out_of_use(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The space or resource, and why.")] input: TakeOutOfUseInput,
    ) -> Result<Option<ChangeHubPayload<G>>> {
        let target = input.target()?;
        let changed = service(ctx)?.take_out_of_use(ctx.op()?, target, input.command()?).await;
        Ok(Some(changed.map_err(refuse)?.into()))
    }

    /// Puts a space or resource back into use.
    async fn put_back_into_use(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The space or resource.")] input: PutBackIntoUseInput,
    ) -> Result<Option<ChangeHubPayload<G>>> {
        let changed = service(ctx)?.put_back_into_use(ctx.op()?, input.target()?, input.thing()?).await;
        Ok(Some(changed.map_err(refuse)?.into()))
    }

    /// Adds a reader, kiosk or door. It needs a secret before it can report (`issueDeviceSecret`).
    async fn add_device(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The device.")] input: AddDeviceInput,
    ) -> Result<Option<ChangeHubPayload<G>>> {
        let target = input.target()?;
        let changed = service(ctx)?.add_device(ctx.op()?, target, input.command()).await;
        Ok(Some(changed.map_err(refuse)?.into()))
    }

    /// Gives a device another code.
    async fn rename_device(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The device and its code.")] input: RenameDeviceInput,
    ) -> Result<Option<ChangeHubPayload<G>>> {
        let target = input.target()?;
        let changed = service(ctx)?.rename_device(ctx.op()?, target, input.command()?).await;
        Ok(Some(changed.map_err(refuse)?.into()))
    }

    /// Retires a device: its touches are denied with `DEVICE_RETIRED` from now on, and its secret stops working.
    async fn retire_device(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The device.")] input: RetireDeviceInput,
    ) -> Result<Option<ChangeHubPayload<G>>> {
        let (target, device) = (input.target()?, parse_id(&input.device_id, "deviceId")?);
        let changed = service(ctx)?.retire_device(ctx.op()?, target, device).await;
        Ok(Some(changed.map_err(refuse)?.into()))
    }

    /// Pauses a hub: from now on it admits nobody, until a day or until it is reopened. Open visits end now; members
    /// keep their memberships.
    async fn pause_hub(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The hub, until when, and a note.")] input: PauseHubInput,
    ) -> Result<Option<ChangeHubPayload<G>>> {
        let target = input.target()?;
        let reopens_on = Given::optional(input.reopens_on, "reopensOn")?;
        let changed = service(ctx)?.pause_hub(ctx.op()?, target, reopens_on, input.note).await;
        Ok(Some(changed.map_err(refuse)?.into()))
    }

    /// Closes a hub: it admits nobody any more. Open visits end now; its members, visits and accounts stay.
    async fn close_hub(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The hub and a note.")] input: CloseHubInput,
    ) -> Result<Option<ChangeHubPayload<G>>> {
        let changed = service(ctx)?.close_hub(ctx.op()?, input.target()?, input.note).await;
        Ok(Some(changed.map_err(refuse)?.into()))
    }

    /// Opens a paused or closed hub again.
    async fn reopen_hub(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The hub.")] input: ReopenHubInput,
    ) -> Result<Option<ChangeHubPayload<G>>> {
        let changed = service(ctx)?.reopen_hub(ctx.op()?, input.target()?).await;
        Ok(Some(changed.map_err(refuse)?.into()))
    }
}

/// The started draft.
#[derive(Debug)]
pub struct StartHubPayload<G> {
    hub: HubId,
    graph: PhantomData<fn() -> G>,
}

/// The started draft.
#[Object(name = "StartHubPayload")]
impl<G: Graph> StartHubPayload<G> {
    /// The hub.
    async fn hub(&self) -> G::Hub {
        G::Hub::from_key(self.hub)
    }
}

/// A changed hub.
#[derive(Debug)]
pub struct ChangeHubPayload<G> {
    changed: HubChange,
    /// The first day of new opening hours.
    from: Option<Date>,
    graph: PhantomData<fn() -> G>,
}

impl<G> From<HubChange> for ChangeHubPayload<G> {
    fn from(changed: HubChange) -> Self {
        Self { changed, from: None, graph: PhantomData }
    }
}

/// The changed hub.
#[Object(name = "ChangeHubPayload")]
impl<G: Graph> ChangeHubPayload<G> {
    /// The hub.
    async fn hub(&self) -> G::Hub {
        G::Hub::from_key(self.changed.hub)
    }

    /// Its version after the change: the `expectedVersion` of the next one.
    async fn version(&self) -> i32 {
        i32::try_from(self.changed.version).unwrap_or(i32::MAX)
    }

    /// What was taken in as it was meant, but contradicts something else.
    async fn warnings(&self) -> &[HubWarning] {
        &self.changed.warnings
    }

    /// A warning about new opening hours: nights that close earlier than the rule of their evening states.
    async fn nights_cut_short(&self, ctx: &Context<'_>) -> Result<Option<Vec<NightCutShort>>> {
        let nights = service(ctx)?.nights_cut_short(ctx.op()?, self.changed.hub, self.from).await;
        Ok(Some(nights.map_err(refuse)?.into_iter().map(NightCutShort::from).collect()))
    }
}
