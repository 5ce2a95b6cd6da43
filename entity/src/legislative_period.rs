//! The periods for which parliaments and chambers are elected.

use sea_orm::entity::prelude::*;

use crate::{Id, RecordKind};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "legislative_period")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id,
    #[sea_orm(unique)]
    pub slug: String,
    #[sea_orm(indexed)]
    pub organization_id: Id,
    pub organization_kind: RecordKind,
    pub name: String,
    pub starts_earliest: Option<Date>,
    pub starts_latest: Option<Date>,
    pub ends_earliest: Option<Date>,
    pub ends_latest: Option<Date>,
    pub note: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::entity::Entity",
        from = "Column::Id",
        to = "super::entity::Column::Id"
    )]
    Entity,
    #[sea_orm(
        belongs_to = "super::entity::Entity",
        from = "Column::OrganizationId",
        to = "super::entity::Column::Id"
    )]
    Organization,
}

impl ActiveModelBehavior for ActiveModel {}
