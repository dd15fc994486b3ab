//! Rows of networks.

use kernel::{Currency, NetworkId};
use platform_db::{DbError, Ts, Tx};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, entity::prelude::*,
};
use uuid::Uuid;

use super::count;
use crate::Network;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "network")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub network_id: Uuid,
    pub slug: String,
    pub name: String,
    pub clearing_currency: String,
    pub time_zone: String,
    pub home_commission_bp: i64,
    pub network_commission_bp: i64,
    pub demonstration: bool,
    pub founded_at: Ts,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<&Network> for Model {
    fn from(network: &Network) -> Self {
        Self {
            network_id: network.id.into(),
            slug: network.slug.clone(),
            name: network.name.clone(),
            clearing_currency: network.clearing_currency.to_string(),
            time_zone: network.time_zone.to_string(),
            home_commission_bp: network.home_commission_bp.into(),
            network_commission_bp: network.network_commission_bp.into(),
            demonstration: network.demonstration,
            founded_at: Ts(network.founded_at),
        }
    }
}

impl TryFrom<Model> for Network {
    type Error = DbError;
    fn try_from(row: Model) -> Result<Self, DbError> {
        Ok(Self {
            id: row.network_id.into(),
            slug: row.slug,
            name: row.name,
            clearing_currency: Currency::recorded(&row.clearing_currency)
                .map_err(|error| DbError::inconsistent("network", error))?,
            time_zone: row.time_zone.parse().map_err(|error| DbError::inconsistent("network", error))?,
            home_commission_bp: count("network", row.home_commission_bp)?,
            network_commission_bp: count("network", row.network_commission_bp)?,
            demonstration: row.demonstration,
            founded_at: row.founded_at.0,
        })
    }
}

pub(crate) async fn insert(tx: &Tx, network: &Network) -> Result<(), DbError> {
    Model::from(network).into_active_model().insert(tx.conn()).await?;
    Ok(())
}

pub(crate) async fn find(tx: &Tx, ids: &[NetworkId]) -> Result<Vec<Network>, DbError> {
    let ids = ids.iter().map(|id| Uuid::from(*id));
    let rows = Entity::find().filter(Column::NetworkId.is_in(ids)).all(tx.conn()).await?;
    rows.into_iter().map(Network::try_from).collect()
}

pub(crate) async fn find_by_slug(tx: &Tx, slug: &str) -> Result<Option<Network>, DbError> {
    Entity::find().filter(Column::Slug.eq(slug)).one(tx.conn()).await?.map(Network::try_from).transpose()
}

pub(crate) async fn list(tx: &Tx) -> Result<Vec<Network>, DbError> {
    let rows = Entity::find().order_by_asc(Column::Slug).all(tx.conn()).await?;
    rows.into_iter().map(Network::try_from).collect()
}

/// Returns whether any network is a demonstration network.
pub(crate) async fn has_demonstration(tx: &Tx) -> Result<bool, DbError> {
    Ok(tx.row("select network_id from network where demonstration limit 1", []).await?.is_some())
}
