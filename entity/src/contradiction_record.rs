//! Links from contradictions to their records.

use sea_orm::entity::prelude::*;

use crate::{Id, RecordKind};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contradiction_record")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub contradiction_id: Id,
    #[sea_orm(primary_key, auto_increment = false, indexed)]
    pub record_id: Id,
    pub record_kind: RecordKind,
    pub position: i32,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::contradiction::Entity",
        from = "Column::ContradictionId",
        to = "super::contradiction::Column::Id"
    )]
    Contradiction,
    #[sea_orm(
        belongs_to = "super::record::Entity",
        from = "Column::RecordId",
        to = "super::record::Column::Id"
    )]
    Record,
}

impl ActiveModelBehavior for ActiveModel {}
