//! Rows of hubs, their spaces, resources, plans and devices.

use std::collections::HashMap;

use kernel::{Currency, DeviceId, HubId, NetworkId, PageRequest};
use platform_db::{DbError, Ts, Tx};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, Order, QueryFilter, QueryOrder, QueryResult,
    QuerySelect, Value, entity::prelude::*,
};
use uuid::Uuid;

use super::{count, from_text, maybe, to_text};
use crate::{Device, Hub, HubDetails, OutOfUse, Plan, Resource, Space, Timetable};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "hub")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub hub_id: Uuid,
    pub network_id: Uuid,
    pub slug: String,
    pub name: String,
    pub legal_name: String,
    pub tax_number: String,
    pub kind: String,
    pub language: String,
    pub time_zone: String,
    pub currency: String,
    pub opening_hours: String,
    pub catchment_population: i64,
    pub capacity: i64,
    pub capacity_is_soft: bool,
    pub address: String,
    pub position: String,
    pub onboarded_at: Ts,
    pub version: i64,
    pub state: String,
    pub details: String,
    pub timetable: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<&Hub> for Model {
    type Error = DbError;
    fn try_from(hub: &Hub) -> Result<Self, DbError> {
        Ok(Self {
            hub_id: hub.id.into(),
            network_id: hub.network.into(),
            slug: hub.slug.clone(),
            name: hub.name.clone(),
            legal_name: hub.legal_name.clone(),
            tax_number: hub.tax_number.clone(),
            kind: to_text(&hub.kind)?,
            language: hub.language.clone(),
            time_zone: hub.time_zone.to_string(),
            currency: hub.currency.to_string(),
            opening_hours: hub.timetable.usual.clone(),
            catchment_population: hub.catchment_population.into(),
            capacity: hub.capacity.into(),
            capacity_is_soft: hub.capacity_is_soft,
            address: to_text(&hub.address)?,
            position: to_text(&hub.position)?,
            onboarded_at: Ts(hub.onboarded_at),
            version: hub.version,
            state: hub.details.state.word().to_owned(),
            details: to_text(&hub.details)?,
            timetable: to_text(&hub.timetable)?,
        })
    }
}

impl TryFrom<Model> for Hub {
    type Error = DbError;
    fn try_from(row: Model) -> Result<Self, DbError> {
        let address: crate::Address = from_text("hub", &row.address)?;
        let zone: kernel::Zone =
            row.time_zone.parse().map_err(|error| DbError::inconsistent("hub", error))?;
        let position = from_text("hub", &row.position)?;
        let details: HubDetails = from_text("hub", &row.details)?;
        let timetable =
            Timetable { usual: row.opening_hours, ..from_text::<Timetable>("hub", &row.timetable)? };
        let opening_hours = timetable
            .compile(&zone, &address.country, position)
            .map_err(|error| DbError::inconsistent("hub", error))?;
        Ok(Self {
            id: row.hub_id.into(),
            network: row.network_id.into(),
            slug: row.slug,
            name: row.name,
            legal_name: row.legal_name,
            tax_number: row.tax_number,
            kind: from_text("hub", &row.kind)?,
            language: row.language,
            time_zone: zone,
            currency: Currency::recorded(&row.currency)
                .map_err(|error| DbError::inconsistent("hub", error))?,
            timetable,
            opening_hours,
            catchment_population: count("hub", row.catchment_population)?,
            capacity: count("hub", row.capacity)?,
            capacity_is_soft: row.capacity_is_soft,
            address,
            position,
            onboarded_at: row.onboarded_at.0,
            version: row.version,
            details,
        })
    }
}

pub(crate) async fn insert(tx: &Tx, hub: &Hub) -> Result<(), DbError> {
    Model::try_from(hub)?.into_active_model().insert(tx.conn()).await?;
    Ok(())
}

pub(crate) async fn find(tx: &Tx, ids: &[HubId]) -> Result<Vec<Hub>, DbError> {
    let ids = ids.iter().map(|id| Uuid::from(*id));
    let rows = Entity::find().filter(Column::HubId.is_in(ids)).all(tx.conn()).await?;
    rows.into_iter().map(Hub::try_from).collect()
}

pub(crate) async fn find_by_slug(tx: &Tx, slug: &str) -> Result<Option<Hub>, DbError> {
    Entity::find().filter(Column::Slug.eq(slug)).one(tx.conn()).await?.map(Hub::try_from).transpose()
}

/// Lists hubs of one network or of all, without drafts, in order of their slugs, ascending or descending.
pub(crate) async fn list(
    tx: &Tx,
    network: Option<NetworkId>,
    page: &PageRequest,
) -> Result<Vec<Hub>, DbError> {
    let order = if page.is_backward() { Order::Desc } else { Order::Asc };
    let mut query =
        Entity::find().filter(Column::State.ne("draft")).order_by(Column::Slug, order).limit(page.fetch());
    if let Some(network) = network {
        query = query.filter(Column::NetworkId.eq(Uuid::from(network)));
    }
    if let Some(slug) = page.cursor() {
        let beyond = if page.is_backward() { Column::Slug.lt(slug) } else { Column::Slug.gt(slug) };
        query = query.filter(beyond);
    }
    query.all(tx.conn()).await?.into_iter().map(Hub::try_from).collect()
}

/// Counts the hubs of a network, or of all networks, without drafts.
pub(crate) async fn count_hubs(tx: &Tx, network: Option<NetworkId>) -> Result<i64, DbError> {
    let of_network = if network.is_some() { "and network_id = $1" } else { "" };
    let sql = format!("select count(*) as hubs from hub where state <> 'draft' {of_network}");
    let row = tx.row(&sql, network.map(|network| Uuid::from(network).into())).await?;
    row.map_or(Ok(0), |row| Ok(row.try_get("", "hubs")?))
}

/// Writes new spaces and resources, and changed ones over their former state.
pub(crate) async fn save_spaces<'s>(
    tx: &Tx,
    hub: &Hub,
    spaces: impl IntoIterator<Item = &'s Space>,
) -> Result<(), DbError> {
    let (network_id, hub_id) = (Uuid::from(hub.network), Uuid::from(hub.id));
    let mut space_rows = Vec::new();
    let mut resource_rows = Vec::new();
    for space in spaces {
        let space_id = Uuid::from(space.id);
        space_rows.push([
            space_id.into(),
            network_id.into(),
            hub_id.into(),
            space.code.clone().into(),
            space.name.clone().into(),
            to_text(&space.kind)?.into(),
            i64::from(space.capacity).into(),
            out_of_use(space.out_of_use.as_ref())?,
        ]);
        for resource in &space.resources {
            resource_rows.push([
                Uuid::from(resource.id).into(),
                network_id.into(),
                hub_id.into(),
                space_id.into(),
                resource.code.clone().into(),
                resource.name.clone().into(),
                to_text(&resource.kind)?.into(),
                out_of_use(resource.out_of_use.as_ref())?,
            ]);
        }
    }
    let head = "insert into space (space_id, network_id, hub_id, code, name, kind, capacity, out_of_use)";
    let tail = "on conflict (space_id) do update set name = excluded.name, kind = excluded.kind, \
                capacity = excluded.capacity, out_of_use = excluded.out_of_use";
    tx.insert_rows(head, space_rows, tail).await?;
    let head =
        "insert into resource (resource_id, network_id, hub_id, space_id, code, name, kind, out_of_use)";
    let tail = "on conflict (resource_id) do update set name = excluded.name, kind = excluded.kind, \
                out_of_use = excluded.out_of_use";
    tx.insert_rows(head, resource_rows, tail).await?;
    Ok(())
}

fn out_of_use(reason: Option<&OutOfUse>) -> Result<Value, DbError> {
    Ok(maybe(reason.map(to_text).transpose()?))
}

fn read_out_of_use(row: &QueryResult, table: &'static str) -> Result<Option<OutOfUse>, DbError> {
    let text: Option<String> = row.try_get("", "out_of_use")?;
    text.map(|text| from_text(table, &text)).transpose()
}

pub(crate) async fn insert_plans(tx: &Tx, hub: &Hub, plans: &[Plan]) -> Result<(), DbError> {
    let rows = plans
        .iter()
        .map(|plan| {
            Ok([
                Uuid::from(plan.id).into(),
                Uuid::from(hub.network).into(),
                Uuid::from(hub.id).into(),
                plan.code.clone().into(),
                plan.name.clone().into(),
                plan.monthly_fee_minor.into(),
                i64::from(plan.included_minutes).into(),
                plan.roaming.into(),
                to_text(&plan.categories)?.into(),
            ])
        })
        .collect::<Result<Vec<_>, DbError>>()?;
    let head = "insert into plan (plan_id, network_id, hub_id, code, name, monthly_fee_minor, included_minutes, \
                roaming, categories)";
    tx.insert_rows(head, rows, "").await?;
    Ok(())
}

/// Writes new devices, and changed ones over their former state.
pub(crate) async fn save_devices<'d>(
    tx: &Tx,
    hub: &Hub,
    devices: impl IntoIterator<Item = &'d Device>,
) -> Result<(), DbError> {
    let rows = devices
        .into_iter()
        .map(|device| {
            Ok([
                Uuid::from(device.id).into(),
                Uuid::from(hub.network).into(),
                Uuid::from(hub.id).into(),
                device.code.clone().into(),
                to_text(&device.kind)?.into(),
                maybe(device.retired_at.map(Ts)),
            ])
        })
        .collect::<Result<Vec<_>, DbError>>()?;
    let head = "insert into device (device_id, network_id, hub_id, code, kind, retired_at)";
    let tail = "on conflict (device_id) do update set code = excluded.code, retired_at = excluded.retired_at";
    tx.insert_rows(head, rows, tail).await?;
    Ok(())
}

/// Returns spaces with their resources, by hub, in order of their codes.
pub(crate) async fn spaces(tx: &Tx, hubs: &[HubId]) -> Result<HashMap<HubId, Vec<Space>>, DbError> {
    let (within, ids) = tx.among_ids("hub_id", 1, hubs);
    let sql = format!(
        "select resource_id, space_id, code, name, kind, out_of_use from resource where {within} order by code"
    );
    let mut resources: HashMap<Uuid, Vec<Resource>> = HashMap::new();
    for row in tx.rows(&sql, ids.clone()).await? {
        let kind: String = row.try_get("", "kind")?;
        resources.entry(row.try_get("", "space_id")?).or_default().push(Resource {
            id: row.try_get::<Uuid>("", "resource_id")?.into(),
            code: row.try_get("", "code")?,
            name: row.try_get("", "name")?,
            kind: from_text("resource", &kind)?,
            out_of_use: read_out_of_use(&row, "resource")?,
        });
    }
    let sql = format!(
        "select hub_id, space_id, code, name, kind, capacity, out_of_use from space where {within} order by code"
    );
    let mut spaces: HashMap<HubId, Vec<Space>> = HashMap::new();
    for row in tx.rows(&sql, ids).await? {
        let (id, kind): (Uuid, String) = (row.try_get("", "space_id")?, row.try_get("", "kind")?);
        spaces.entry(row.try_get::<Uuid>("", "hub_id")?.into()).or_default().push(Space {
            id: id.into(),
            code: row.try_get("", "code")?,
            name: row.try_get("", "name")?,
            kind: from_text("space", &kind)?,
            capacity: count("space", row.try_get("", "capacity")?)?,
            out_of_use: read_out_of_use(&row, "space")?,
            resources: resources.remove(&id).unwrap_or_default(),
        });
    }
    Ok(spaces)
}

/// Returns plans by hub, in order of their codes.
pub(crate) async fn plans(tx: &Tx, hubs: &[HubId]) -> Result<HashMap<HubId, Vec<Plan>>, DbError> {
    let (which, ids) = tx.among_ids("hub_id", 1, hubs);
    let sql = format!("select * from plan where {which} order by code");
    let mut plans: HashMap<HubId, Vec<Plan>> = HashMap::new();
    for row in tx.rows(&sql, ids).await? {
        let categories: String = row.try_get("", "categories")?;
        plans.entry(row.try_get::<Uuid>("", "hub_id")?.into()).or_default().push(Plan {
            id: row.try_get::<Uuid>("", "plan_id")?.into(),
            code: row.try_get("", "code")?,
            name: row.try_get("", "name")?,
            monthly_fee_minor: row.try_get("", "monthly_fee_minor")?,
            included_minutes: count("plan", row.try_get("", "included_minutes")?)?,
            roaming: row.try_get("", "roaming")?,
            categories: from_text("plan", &categories)?,
        });
    }
    Ok(plans)
}

/// Returns a hub's devices, in order of their codes.
pub(crate) async fn devices(tx: &Tx, network: NetworkId, hub: HubId) -> Result<Vec<Device>, DbError> {
    let sql = "select device_id, code, kind, retired_at from device where network_id = $1 and hub_id = $2 \
               order by code";
    let rows = tx.rows(sql, [Uuid::from(network).into(), Uuid::from(hub).into()]).await?;
    rows.iter()
        .map(|row| {
            let kind: String = row.try_get("", "kind")?;
            Ok(Device {
                id: DeviceId::from(row.try_get::<Uuid>("", "device_id")?),
                code: row.try_get("", "code")?,
                kind: from_text("device", &kind)?,
                retired_at: row.try_get::<Option<Ts>>("", "retired_at")?.map(|at| at.0),
            })
        })
        .collect()
}
