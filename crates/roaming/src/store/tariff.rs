//! Rows of tariffs; the elements of a tariff are one JSON text.

use std::collections::HashMap;

use kernel::{HubId, Label, Money, NetworkId};
use platform_db::{
    DbError, Ts, Tx,
    column::{narrow, parsed, recorded_currency},
};
use sea_orm::{ActiveModelTrait, IntoActiveModel, QueryOrder, entity::prelude::*};

use crate::{Tariff, Terms};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tariff")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub network_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub tariff_id: Uuid,
    pub hub_id: Uuid,
    pub version: i64,
    pub valid_from: Ts,
    pub published_at: Ts,
    pub name: String,
    pub currency: String,
    pub price_per_hour: String,
    pub grace_minutes: i64,
    pub billing_step_seconds: i64,
    pub minimum_per_day_minor: i64,
    pub maximum_per_day_minor: Option<i64>,
    pub elements: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<&Tariff> for Model {
    type Error = DbError;
    fn try_from(tariff: &Tariff) -> Result<Self, DbError> {
        let terms = &tariff.terms;
        let elements = serde_json::to_string(&terms.elements);
        Ok(Self {
            network_id: tariff.network.into(),
            tariff_id: tariff.id.into(),
            hub_id: tariff.hub.into(),
            version: tariff.version.into(),
            valid_from: Ts(tariff.valid_from),
            published_at: Ts(tariff.published_at),
            name: terms.name.clone().into(),
            currency: terms.currency().code().into(),
            price_per_hour: terms.price_per_hour.to_string(),
            grace_minutes: terms.grace_minutes.into(),
            billing_step_seconds: terms.billing_step_seconds.into(),
            minimum_per_day_minor: terms.minimum_per_day.minor,
            maximum_per_day_minor: terms.maximum_per_day.map(|maximum| maximum.minor),
            elements: elements.map_err(|error| DbError::inconsistent("tariff", error))?,
        })
    }
}

impl TryFrom<Model> for Tariff {
    type Error = DbError;
    fn try_from(row: Model) -> Result<Self, DbError> {
        let currency = recorded_currency("tariff", &row.currency)?;
        let elements = serde_json::from_str(&row.elements);
        let terms = Terms {
            name: Label::stored(row.name),
            price_per_hour: parsed("tariff", &row.price_per_hour)?,
            grace_minutes: narrow("tariff", row.grace_minutes)?,
            billing_step_seconds: narrow("tariff", row.billing_step_seconds)?,
            minimum_per_day: Money::new(row.minimum_per_day_minor, currency),
            maximum_per_day: row.maximum_per_day_minor.map(|minor| Money::new(minor, currency)),
            elements: elements.map_err(|error| DbError::inconsistent("tariff", error))?,
        };
        Ok(Self {
            id: row.tariff_id.into(),
            network: row.network_id.into(),
            hub: row.hub_id.into(),
            version: narrow("tariff", row.version)?,
            valid_from: row.valid_from.0,
            published_at: row.published_at.0,
            terms,
        })
    }
}

pub(crate) async fn insert(tx: &Tx, tariff: &Tariff) -> Result<(), DbError> {
    Model::try_from(tariff)?.into_active_model().insert(tx.conn()).await?;
    Ok(())
}

/// Returns all versions of some hubs of a network, first version first.
pub(crate) async fn versions(
    tx: &Tx,
    network: NetworkId,
    hubs: &[HubId],
) -> Result<HashMap<HubId, Vec<Tariff>>, DbError> {
    let rows = Entity::find()
        .filter(Column::NetworkId.eq(Uuid::from(network)))
        .filter(Column::HubId.is_in(hubs.iter().map(|hub| Uuid::from(*hub))))
        .order_by_asc(Column::Version);
    by_hub(rows.all(tx.conn()).await?)
}

/// Returns all versions of some hubs of any network: guest prices are public.
pub(crate) async fn public_versions(tx: &Tx, hubs: &[HubId]) -> Result<HashMap<HubId, Vec<Tariff>>, DbError> {
    let rows = Entity::find()
        .filter(Column::HubId.is_in(hubs.iter().map(|hub| Uuid::from(*hub))))
        .order_by_asc(Column::Version);
    by_hub(rows.all(tx.conn()).await?)
}

fn by_hub(rows: Vec<Model>) -> Result<HashMap<HubId, Vec<Tariff>>, DbError> {
    let mut versions: HashMap<HubId, Vec<Tariff>> = HashMap::new();
    for row in rows {
        let tariff = Tariff::try_from(row)?;
        versions.entry(tariff.hub).or_default().push(tariff);
    }
    Ok(versions)
}
