//! Membership's fields of a hub.

use std::sync::Arc;

use async_graphql::{Context, Object, Result, SimpleObject, dataloader::DataLoader};
use graph::{
    Category, Connection, Counted, DateTime, Entity, Graph, Money, OpContextExt, connection, is_counted,
    to_id,
};
use kernel::{HubId, PageArguments, PageRequest};
use std::marker::PhantomData;

use super::{
    hub_description::{
        self, Accessibility, Contact, Equipment, HubStatus, Line, OpeningHoursVersion, OutOfUse, PastVersion,
        SpecialDay,
    },
    input::PositionInput,
    loaders::{Hubs, PlansOf, SpacesOf},
    people::{MemberSearchInput, MemberSort},
    refuse, service,
    visit::Visit,
};
use crate::{
    DeviceKind, Hub, HubKind, MembershipError, ResourceKind, SpaceKind, VisitQuery, app::MemberPosition,
    graphql::visit::visit_cursor,
};

/// Membership's fields of a hub.
pub struct HubFields<G> {
    id: HubId,
    graph: PhantomData<fn() -> G>,
}

impl<G> From<HubId> for HubFields<G> {
    fn from(id: HubId) -> Self {
        Self { id, graph: PhantomData }
    }
}

impl<G> std::fmt::Debug for HubFields<G> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HubFields({})", self.id)
    }
}

impl<G> HubFields<G> {
    async fn hub(&self, ctx: &Context<'_>) -> Result<Arc<Hub>> {
        // A loader waits a millisecond to batch keys; a cached hub needs no wait.
        if let Some(known) = service(ctx)?.known_hub(self.id).await {
            return Ok(known);
        }
        let hubs = ctx.data::<DataLoader<Hubs>>()?;
        hubs.load_one(self.id).await?.ok_or_else(|| refuse(MembershipError::NotFound("hub")))
    }
}

#[Object(name = "MembershipHubFields")]
impl<G: Graph> HubFields<G> {
    /// The slug used in URLs.
    async fn slug(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(self.hub(ctx).await?.slug.clone())
    }

    /// The display name, in the hub's language.
    async fn name(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(self.hub(ctx).await?.name.clone())
    }

    /// The legal entity that signs contracts.
    async fn legal_name(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(self.hub(ctx).await?.legal_name.clone())
    }

    /// The kind of hub.
    async fn kind(&self, ctx: &Context<'_>) -> Result<HubKind> {
        Ok(self.hub(ctx).await?.kind)
    }

    /// The language of the hub, ISO 639-1.
    async fn language(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(self.hub(ctx).await?.language.clone())
    }

    /// The IANA time zone that bounds the hub's days and months.
    async fn time_zone(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(self.hub(ctx).await?.time_zone.to_string())
    }

    /// The ISO 4217 currency the hub charges in.
    async fn currency(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(self.hub(ctx).await?.currency.to_string())
    }

    /// The usual opening hours of today in the OpenStreetMap syntax, in the hub's local time. What is different on single
    /// days is in `specialDays`.
    async fn opening_hours(&self, ctx: &Context<'_>) -> Result<String> {
        let hub = self.hub(ctx).await?;
        Ok(hub.timetable.text_on(hub.time_zone.day_of(ctx.op()?.now())).to_owned())
    }

    /// The usual opening hours of all times, the latest last.
    async fn opening_hours_versions(&self, ctx: &Context<'_>) -> Result<Option<Vec<OpeningHoursVersion>>> {
        Ok(Some(hub_description::versions(&*self.hub(ctx).await?)))
    }

    /// The days from today on that differ from the usual hours.
    async fn special_days(&self, ctx: &Context<'_>) -> Result<Option<Vec<SpecialDay>>> {
        let hub = self.hub(ctx).await?;
        Ok(Some(hub_description::special_days(&hub, hub.time_zone.day_of(ctx.op()?.now()))))
    }

    /// Whether the hub is open now.
    async fn open_now(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(self.hub(ctx).await?.opening_hours.is_open_at(ctx.op()?.now()))
    }

    /// Where the hub is in its life.
    async fn status(&self, ctx: &Context<'_>) -> Result<HubStatus> {
        Ok(self.hub(ctx).await?.state_at(ctx.op()?.now()).into())
    }

    /// The version of the hub, the `expectedVersion` of the next change.
    async fn version(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok(i32::try_from(self.hub(ctx).await?.version).unwrap_or(i32::MAX))
    }

    /// How the public reaches the hub.
    async fn contact(&self, ctx: &Context<'_>) -> Result<Contact> {
        Ok(self.hub(ctx).await?.details.contact.clone().into())
    }

    /// The languages spoken there, ISO 639-1.
    async fn languages(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        Ok(self.hub(ctx).await?.details.languages.clone())
    }

    /// What helps people to get in and to stay.
    async fn accessibility(&self, ctx: &Context<'_>) -> Result<Accessibility> {
        Ok(self.hub(ctx).await?.details.accessibility.into())
    }

    /// What is there to be used.
    async fn equipment(&self, ctx: &Context<'_>) -> Result<Vec<Equipment>> {
        Ok(self.hub(ctx).await?.details.equipment.iter().cloned().map(Into::into).collect())
    }

    /// The metres from a point to the hub along the surface of the earth.
    async fn distance(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The point.")] from: PositionInput,
    ) -> Result<Option<i32>> {
        let from = from.read("from").map_err(refuse)?;
        let metres = crate::distance_m(from, self.hub(ctx).await?.position);
        Ok(Some(i32::try_from(metres).unwrap_or(i32::MAX)))
    }

    /// What is to be done before a draft goes live. For those who manage the hub.
    async fn checklist(&self, ctx: &Context<'_>) -> Result<Option<Vec<Line>>> {
        let list = service(ctx)?.checklist(ctx.op()?, self.id).await.map_err(refuse)?;
        Ok(Some(list.into_iter().map(Into::into).collect()))
    }

    /// The last hundred versions of the hub, the latest first. For those who manage the hub.
    async fn history(&self, ctx: &Context<'_>) -> Result<Option<Vec<PastVersion>>> {
        let versions = service(ctx)?.hub_history(ctx.op()?, self.id).await.map_err(refuse)?;
        Ok(Some(versions.into_iter().map(Into::into).collect()))
    }

    /// The number of people in the catchment area.
    async fn catchment_population(&self, ctx: &Context<'_>) -> Result<u32> {
        Ok(self.hub(ctx).await?.catchment_population)
    }

    /// The postal address and position.
    async fn address(&self, ctx: &Context<'_>) -> Result<Address> {
        let hub = self.hub(ctx).await?;
        let (address, position) = (hub.address.clone(), hub.position);
        Ok(Address {
            street: address.street,
            city: address.city,
            postal_code: address.postal_code,
            country: address.country,
            latitude: position.latitude.to_string(),
            longitude: position.longitude.to_string(),
        })
    }

    /// The network the hub belongs to.
    async fn network(&self, ctx: &Context<'_>) -> Result<G::Network> {
        Ok(G::Network::from_key(self.hub(ctx).await?.network))
    }

    /// Whether people are let in beyond the capacity; the capacity then only shows how full the hub is.
    async fn capacity_is_soft(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(self.hub(ctx).await?.capacity_is_soft)
    }

    /// The number of people present now, and the number of free places.
    async fn occupancy(&self, ctx: &Context<'_>) -> Result<Option<Occupancy>> {
        let hub = self.hub(ctx).await?;
        let present = service(ctx)?.present(self.id).await.map_err(refuse)?;
        Ok(Some(Occupancy::of(present, hub.capacity)))
    }

    /// The spaces of the hub.
    async fn spaces(&self, ctx: &Context<'_>) -> Result<Option<Vec<Space>>> {
        let spaces = ctx.data::<DataLoader<SpacesOf>>()?.load_one(self.id).await?.unwrap_or_default();
        Ok(Some(spaces.into_iter().map(Into::into).collect()))
    }

    /// What the hub sells by the month.
    async fn plans(&self, ctx: &Context<'_>) -> Result<Option<Vec<Plan>>> {
        let currency = self.hub(ctx).await?.currency;
        let plans = ctx.data::<DataLoader<PlansOf>>()?.load_one(self.id).await?.unwrap_or_default();
        Ok(Some(plans.into_iter().map(|plan| Plan::of(plan, currency)).collect()))
    }

    /// The readers, kiosks and doors. For the hub's staff and for those who run the network.
    async fn devices(&self, ctx: &Context<'_>) -> Result<Option<Vec<Device>>> {
        let devices = service(ctx)?.list_devices(ctx.op()?, self.id).await.map_err(refuse)?;
        let device = |it: crate::Device| Device {
            id: to_id(it.id),
            code: it.code,
            kind: it.kind,
            retired_at: it.retired_at.map(Into::into),
        };
        Ok(Some(devices.into_iter().map(device).collect()))
    }

    /// The members whose home is this hub. For the hub's staff. `search` selects those who meet all its conditions;
    /// with it, or with `sort`, they are sorted, else they are in the order of their ids.
    #[expect(clippy::too_many_arguments, reason = "a list of the graph has four arguments of its own")]
    async fn members(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The conditions that members must meet.")] search: Option<MemberSearchInput>,
        #[graphql(desc = "The order of the list; by name if there is a search.")] sort: Option<MemberSort>,
        #[graphql(desc = "The number of items, 1 to 100. Default: 20.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the page starts.")] after: Option<String>,
        #[graphql(desc = "The number of items from the end, 1 to 100; not with `first` or `after`.")]
        last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends; not with `first` or `after`.")]
        before: Option<String>,
    ) -> Result<Option<Counted<G::Member>>> {
        let page = PageRequest::of(PageArguments { first, after, last, before }).map_err(refuse)?;
        if search.is_some() || sort.is_some() {
            let find = MemberSearchInput::command(search, sort, self.id, page)?;
            let members = service(ctx)?.find_members(ctx.op()?, &find).await.map_err(refuse)?;
            let total = if is_counted(ctx) {
                Some(service(ctx)?.count_found_members(ctx.op()?, &find).await.map_err(refuse)?)
            } else {
                None
            };
            let cursor = |(_, at): &(crate::Member, MemberPosition)| at.to_string();
            let members = connection(members, cursor, |(it, _)| G::Member::from_key(it.id));
            return Ok(Some(members.counted(total)));
        }
        let members = service(ctx)?.list_members(ctx.op()?, self.id, &page).await.map_err(refuse)?;
        let total = if is_counted(ctx) {
            Some(service(ctx)?.count_members(ctx.op()?, self.id).await.map_err(refuse)?)
        } else {
            None
        };
        let members = connection(members, |it| it.id.to_string(), |it| G::Member::from_key(it.id));
        Ok(Some(members.counted(total)))
    }

    /// The visits at this hub, latest first. For the hub's staff.
    async fn visits(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number of items, 1 to 100. Default: 20.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the page starts.")] after: Option<String>,
        #[graphql(desc = "The number of items from the end, 1 to 100; not with `first` or `after`.")]
        last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends; not with `first` or `after`.")]
        before: Option<String>,
    ) -> Result<Option<Connection<Visit<G>>>> {
        let page = PageRequest::of(PageArguments { first, after, last, before }).map_err(refuse)?;
        let cursor = page.read_cursor(visit_cursor::read).map_err(refuse)?;
        let query = VisitQuery { hub: self.id, member: None, cursor, page };
        let visits = service(ctx)?.list_visits(ctx.op()?, &query).await.map_err(refuse)?;
        Ok(Some(connection(visits, visit_cursor::write, Visit::from)))
    }
}

/// How full a hub is.
#[derive(SimpleObject, Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occupancy {
    /// The number of people present now.
    pub present: u32,
    /// The capacity: the number of people who fit in at once.
    pub capacity: u32,
    /// The number of free places; 0 if the hub is full or over-full.
    pub free: u32,
}

impl Occupancy {
    pub(super) fn of(present: u32, capacity: u32) -> Self {
        Self { present, capacity, free: capacity.saturating_sub(present) }
    }
}

/// The postal address and position of a hub.
#[derive(SimpleObject, Debug)]
pub struct Address {
    /// Street and number.
    street: String,
    /// Town.
    city: String,
    /// Postal code.
    postal_code: String,
    /// Country, ISO 3166 alpha-2.
    country: String,
    /// Degrees north, WGS 84, as a decimal.
    latitude: String,
    /// Degrees east, WGS 84, as a decimal.
    longitude: String,
}

/// A space of a hub.
#[derive(SimpleObject, Debug)]
pub struct Space {
    /// The stable id.
    id: async_graphql::ID,
    /// The hub's own code for it.
    code: String,
    /// The display name.
    name: String,
    /// The purpose of the space.
    kind: SpaceKind,
    /// The number of people who fit in.
    capacity: u32,
    /// Why it is not used, and when; null while it is.
    out_of_use: Option<OutOfUse>,
    /// The resources in the space.
    resources: Vec<Resource>,
}

/// A desk, computer or printer.
#[derive(SimpleObject, Debug)]
pub struct Resource {
    /// The stable id.
    id: async_graphql::ID,
    /// The hub's own code for it.
    code: String,
    /// The display name.
    name: String,
    /// The kind of resource.
    kind: ResourceKind,
    /// Why it is not used, and when; null while it is.
    out_of_use: Option<OutOfUse>,
}

impl From<crate::Space> for Space {
    fn from(space: crate::Space) -> Self {
        let resource = |it: crate::Resource| Resource {
            id: to_id(it.id),
            code: it.code,
            name: it.name,
            kind: it.kind,
            out_of_use: it.out_of_use.map(Into::into),
        };
        Self {
            id: to_id(space.id),
            code: space.code,
            name: space.name,
            kind: space.kind,
            capacity: space.capacity,
            out_of_use: space.out_of_use.map(Into::into),
            resources: space.resources.into_iter().map(resource).collect(),
        }
    }
}

/// A monthly plan that a hub sells.
#[derive(SimpleObject, Debug)]
pub struct Plan {
    /// The stable id.
    id: async_graphql::ID,
    /// The hub's own code for it.
    code: String,
    /// The display name.
    name: String,
    /// The monthly fee.
    monthly_fee: Money,
    /// The minutes of presence included in the fee.
    included_minutes: u32,
    /// Whether the plan allows a roaming pass. A member with another plan, or without one, cannot get a pass.
    roaming: bool,
    /// The categories that may take the plan; empty means all.
    categories: Vec<Category>,
}

impl Plan {
    pub(super) fn of(plan: crate::Plan, currency: kernel::Currency) -> Self {
        Self {
            id: to_id(plan.id),
            code: plan.code,
            name: plan.name,
            monthly_fee: kernel::Money::new(plan.monthly_fee_minor, currency).into(),
            included_minutes: plan.included_minutes,
            roaming: plan.roaming,
            categories: plan.categories.into_iter().map(Into::into).collect(),
        }
    }
}

/// A reader, kiosk or door.
#[derive(SimpleObject, Debug)]
pub struct Device {
    /// The stable id.
    id: async_graphql::ID,
    /// The code that the device writes in its log.
    code: String,
    /// The kind of device.
    kind: DeviceKind,
    /// When it was retired: its touches count until then.
    retired_at: Option<DateTime>,
}
