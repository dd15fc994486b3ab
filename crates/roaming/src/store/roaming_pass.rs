//! Rows of roaming passes.

use kernel::{MemberId, NetworkId, PassId};
use platform_db::{DbError, Ts, Tx, column::narrow};
use sea_orm::{ActiveModelTrait, IntoActiveModel, entity::prelude::*};

use crate::RoamingPass;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "roaming_pass")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub network_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub pass_id: Uuid,
    pub member_id: Uuid,
    pub home_hub_id: Uuid,
    pub valid_from: Ts,
    pub valid_until: Option<Ts>,
    pub monthly_ceiling_minutes: Option<i64>,
    pub issued_at: Ts,
    pub ended_at: Option<Ts>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<&RoamingPass> for Model {
    fn from(pass: &RoamingPass) -> Self {
        Self {
            network_id: pass.network.into(),
            pass_id: pass.id.into(),
            member_id: pass.member.into(),
            home_hub_id: pass.home_hub.into(),
            valid_from: Ts(pass.valid_from),
            valid_until: pass.valid_until.map(Ts),
            monthly_ceiling_minutes: pass.monthly_ceiling_minutes.map(i64::from),
            issued_at: Ts(pass.issued_at),
            ended_at: pass.ended_at.map(Ts),
        }
    }
}

impl TryFrom<Model> for RoamingPass {
    type Error = DbError;
    fn try_from(row: Model) -> Result<Self, DbError> {
        let ceiling = row.monthly_ceiling_minutes.map(|minutes| narrow("roaming_pass", minutes));
        Ok(Self {
            id: row.pass_id.into(),
            network: row.network_id.into(),
            member: row.member_id.into(),
            home_hub: row.home_hub_id.into(),
            valid_from: row.valid_from.0,
            valid_until: row.valid_until.map(|at| at.0),
            monthly_ceiling_minutes: ceiling.transpose()?,
            issued_at: row.issued_at.0,
            ended_at: row.ended_at.map(|at| at.0),
        })
    }
}

pub(crate) async fn insert(tx: &Tx, pass: &RoamingPass) -> Result<(), DbError> {
    Model::from(pass).into_active_model().insert(tx.conn()).await?;
    Ok(())
}

/// Saves the end of a pass, or an earlier end of its validity: the only changes a pass ever has.
pub(crate) async fn save_end(tx: &Tx, pass: &RoamingPass) -> Result<(), DbError> {
    Entity::update_many()
        .col_expr(Column::EndedAt, Expr::value(pass.ended_at.map(Ts)))
        .col_expr(Column::ValidUntil, Expr::value(pass.valid_until.map(Ts)))
        .filter(Column::NetworkId.eq(Uuid::from(pass.network)))
        .filter(Column::PassId.eq(Uuid::from(pass.id)))
        .exec(tx.conn())
        .await?;
    Ok(())
}

pub(crate) async fn find(tx: &Tx, network: NetworkId, pass: PassId) -> Result<Option<RoamingPass>, DbError> {
    let found = Entity::find_by_id((network.into(), pass.into())).one(tx.conn()).await?;
    found.map(RoamingPass::try_from).transpose()
}

/// Returns the passes of some members that have not ended.
pub(crate) async fn unended(
    tx: &Tx,
    network: NetworkId,
    members: &[MemberId],
) -> Result<Vec<RoamingPass>, DbError> {
    let members = members.iter().map(|member| Uuid::from(*member));
    let found = Entity::find()
        .filter(Column::NetworkId.eq(Uuid::from(network)))
        .filter(Column::MemberId.is_in(members))
        .filter(Column::EndedAt.is_null())
        .all(tx.conn())
        .await?;
    found.into_iter().map(RoamingPass::try_from).collect()
}
