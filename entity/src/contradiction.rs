//! Claims that cannot all be true, kept and not settled.

use async_graphql::Enum;
use sea_orm::entity::prelude::*;

use crate::{Id, RecordKind};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contradiction")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: Id,
    #[sea_orm(unique)]
    pub slug: String,
    #[sea_orm(indexed)]
    pub record_id: Option<Id>,
    pub record_kind: Option<RecordKind>,
    pub property: String,
    pub topic: Option<String>,
    pub about: Option<String>,
    pub status: ContradictionStatus,
    pub reading: Option<String>,
    pub rule: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::entity::Entity",
        from = "Column::RecordId",
        to = "super::entity::Column::Id"
    )]
    Record,
}

impl ActiveModelBehavior for ActiveModel {}

/// Whether a contradiction is understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Enum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ContradictionStatus {
    /// Nobody has explained it.
    Open,
    /// A reading says how the claims go together, or which is likely right.
    Explained,
}
