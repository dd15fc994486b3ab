//! Changes the spaces and resources of a hub: adds and renames them, takes them out of use and puts them back.
//!
//! Always true: nothing is deleted. A space or resource that is taken out keeps its id, and what happened there stays.

use jiff::civil::Date;
use kernel::{OpContext, Permission, ResourceId, SpaceId};
use serde::Serialize;

use super::change::{Fields, HubChange, Kind, Target, set};
use crate::{
    Membership, MembershipError, NewResource, NewSpace, OutOfUse, Resource, ResourceKind, Space, SpaceKind,
    app::{line, onboard_hub},
    store::hub_change::Place,
};

/// The most spaces or resources that a hub has.
const MOST_THINGS: usize = 2_000;

/// A space to add.
pub type AddSpace = NewSpace;

/// A resource to add.
#[derive(Debug, Clone, Serialize)]
pub struct AddResource {
    /// The space it stands in.
    pub space: SpaceId,
    /// The resource.
    pub resource: NewResource,
}

/// The parts of a space to change.
#[derive(Debug, Clone, Serialize)]
pub struct ChangeSpace {
    /// The space.
    pub space: SpaceId,
    /// The display name.
    pub name: Option<String>,
    /// The purpose.
    pub kind: Option<SpaceKind>,
    /// The number of people who fit in.
    pub capacity: Option<u32>,
}

/// The parts of a resource to change.
#[derive(Debug, Clone, Serialize)]
pub struct ChangeResource {
    /// The resource.
    pub resource: ResourceId,
    /// The display name.
    pub name: Option<String>,
    /// The kind.
    pub kind: Option<ResourceKind>,
}

/// A space or a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Thing {
    /// A space, with everything in it.
    Space(SpaceId),
    /// A resource.
    Resource(ResourceId),
}

/// Something that is not used: out of order until a day, or taken out.
#[derive(Debug, Clone, Serialize)]
pub struct TakeOut {
    /// The space or resource.
    pub thing: Thing,
    /// The first day; today if `None`.
    pub from: Option<Date>,
    /// The day on which it is used again; `None` if it is taken out.
    pub until: Option<Date>,
    /// What people read.
    pub reason: String,
}

const fn kind(operation: &'static str) -> Kind {
    Kind { operation, permission: Permission::ManageHub }
}

impl Membership {
    /// Adds a space with its resources. Emits `hub_changed`.
    ///
    /// # Errors
    /// Fails with `INVALID_INPUT` naming the field, `CONFLICT` if a code is taken, or `VERSION_CONFLICT`.
    #[tracing::instrument(name = "membership.add_space", skip_all)]
    pub async fn add_space(
        &self,
        op: &OpContext,
        target: Target,
        cmd: AddSpace,
    ) -> Result<HubChange, MembershipError> {
        let new = onboard_hub::new_space(op, &cmd)?;
        self.change(op, kind("addSpace"), target, &cmd, |place| {
            check_size(place.spaces.len())?;
            let codes: Vec<&str> = place.spaces.iter().map(|space| space.code.as_str()).collect();
            is_free(&codes, &new.code, "space")?;
            let taken: Vec<&str> = resource_codes(place);
            new.resources.iter().try_for_each(|it| is_free(&taken, &it.code, "resource"))?;
            place.spaces.push(new);
            Ok(vec!["spaces"])
        })
        .await
    }

    /// Adds a resource to a space. Emits `hub_changed`.
    ///
    /// # Errors
    /// Fails with `NOT_FOUND` for a space of another hub, `INVALID_INPUT` naming the field, `CONFLICT` if the code is
    /// taken, or `VERSION_CONFLICT`.
    #[tracing::instrument(name = "membership.add_resource", skip_all)]
    pub async fn add_resource(
        &self,
        op: &OpContext,
        target: Target,
        cmd: AddResource,
    ) -> Result<HubChange, MembershipError> {
        let new = onboard_hub::new_resource(op, &cmd.resource)?;
        let space = cmd.space;
        self.change(op, kind("addResource"), target, &cmd, |place| {
            let taken = resource_codes(place);
            check_size(taken.len())?;
            is_free(&taken, &new.code, "resource")?;
            find_space(place, space)?.resources.push(new);
            Ok(vec!["resources"])
        })
        .await
    }

    /// Changes a space. Emits `hub_changed`.
    ///
    /// # Errors
    /// Fails with `NOT_FOUND` for a space of another hub, `INVALID_INPUT` naming the field, or `VERSION_CONFLICT`.
    #[tracing::instrument(name = "membership.change_space", skip_all)]
    pub async fn change_space(
        &self,
        op: &OpContext,
        target: Target,
        cmd: ChangeSpace,
    ) -> Result<HubChange, MembershipError> {
        let name = cmd.name.as_deref().map(|name| line("name", name)).transpose()?;
        cmd.capacity.map(onboard_hub::check_capacity).transpose()?;
        let ChangeSpace { space, kind: purpose, capacity, .. } = cmd;
        self.change(op, kind("changeSpace"), target, &cmd, |place| {
            let space = find_space(place, space)?;
            let mut fields = Fields::new();
            set(&mut fields, "space.name", &mut space.name, name);
            set(&mut fields, "space.kind", &mut space.kind, purpose);
            set(&mut fields, "space.capacity", &mut space.capacity, capacity);
            Ok(fields)
        })
        .await
    }

    /// Changes a resource. Emits `hub_changed`.
    ///
    /// # Errors
    /// Fails with `NOT_FOUND` for a resource of another hub, `INVALID_INPUT` naming the field, or `VERSION_CONFLICT`.
    #[tracing::instrument(name = "membership.change_resource", skip_all)]
    pub async fn change_resource(
        &self,
        op: &OpContext,
        target: Target,
        cmd: ChangeResource,
    ) -> Result<HubChange, MembershipError> {
        let name = cmd.name.as_deref().map(|name| line("name", name)).transpose()?;
        let ChangeResource { resource, kind: new_kind, .. } = cmd;
        self.change(op, kind("changeResource"), target, &cmd, |place| {
            let resource = find_resource(place, resource)?;
            let mut fields = Fields::new();
            set(&mut fields, "resource.name", &mut resource.name, name);
            set(&mut fields, "resource.kind", &mut resource.kind, new_kind);
            Ok(fields)
        })
        .await
    }

    /// Takes a space or resource out of use: until a day, or for good. Emits `hub_changed`.
    ///
    /// # Errors
    /// Fails with `NOT_FOUND` for a thing of another hub, `INVALID_INPUT` for days that have passed or are out of
    /// order, or `VERSION_CONFLICT`.
    #[tracing::instrument(name = "membership.take_out_of_use", skip_all)]
    pub async fn take_out_of_use(
        &self,
        op: &OpContext,
        target: Target,
        cmd: TakeOut,
    ) -> Result<HubChange, MembershipError> {
        let reason = line("reason", &cmd.reason)?;
        let TakeOut { thing, from, until, .. } = cmd;
        self.change(op, kind("takeOutOfUse"), target, &cmd, |place| {
            let today = place.hub.time_zone.day_of(op.now());
            let from = from.unwrap_or(today);
            if from < today {
                return Err(MembershipError::invalid("from", "not before today"));
            }
            if until.is_some_and(|until| until <= from) {
                return Err(MembershipError::invalid("until", "after from"));
            }
            let out = Some(OutOfUse { from, until, reason });
            let mut fields = Fields::new();
            set(&mut fields, "outOfUse", find_thing(place, thing)?, Some(out));
            Ok(fields)
        })
        .await
    }

    /// Puts a space or resource back into use. Emits `hub_changed`.
    ///
    /// # Errors
    /// Fails with `NOT_FOUND` for a thing of another hub, or `VERSION_CONFLICT`.
    #[tracing::instrument(name = "membership.put_back_into_use", skip_all)]
    pub async fn put_back_into_use(
        &self,
        op: &OpContext,
        target: Target,
        thing: Thing,
    ) -> Result<HubChange, MembershipError> {
        self.change(op, kind("putBackIntoUse"), target, &thing, |place| {
            let mut fields = Fields::new();
            set(&mut fields, "outOfUse", find_thing(place, thing)?, Some(None));
            Ok(fields)
        })
        .await
    }
}

fn resource_codes(place: &Place) -> Vec<&str> {
    place.spaces.iter().flat_map(|space| &space.resources).map(|it| it.code.as_str()).collect()
}

fn is_free(taken: &[&str], code: &str, what: &'static str) -> Result<(), MembershipError> {
    if taken.contains(&code) { Err(MembershipError::Exists(what)) } else { Ok(()) }
}

fn check_size(size: usize) -> Result<(), MembershipError> {
    let fits = size < MOST_THINGS;
    if fits { Ok(()) } else { Err(MembershipError::invalid("code", format!("at most {MOST_THINGS}"))) }
}

fn find_space(place: &mut Place, id: SpaceId) -> Result<&mut Space, MembershipError> {
    place.spaces.iter_mut().find(|space| space.id == id).ok_or(MembershipError::NotFound("space"))
}

fn find_resource(place: &mut Place, id: ResourceId) -> Result<&mut Resource, MembershipError> {
    let mut resources = place.spaces.iter_mut().flat_map(|space| &mut space.resources);
    resources.find(|resource| resource.id == id).ok_or(MembershipError::NotFound("resource"))
}

fn find_thing(place: &mut Place, thing: Thing) -> Result<&mut Option<OutOfUse>, MembershipError> {
    Ok(match thing {
        Thing::Space(id) => &mut find_space(place, id)?.out_of_use,
        Thing::Resource(id) => &mut find_resource(place, id)?.out_of_use,
    })
}
