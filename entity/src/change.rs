//! Committed changes of records, in commit order. The highest revision is that of the data.

use async_graphql::Enum;
use sea_orm::entity::prelude::*;

use crate::{Id, RecordKind};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "change")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub revision: Id,
    pub recorded_at: DateTimeUtc,
    pub operation: Operation,
    #[sea_orm(indexed)]
    pub record_id: Id,
    pub record_kind: RecordKind,
    /// The names of the changed properties, as a JSON list.
    pub properties: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Kind of a change. New values may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Enum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Operation {
    /// The record was added.
    Created,
    /// Some properties of the record were changed.
    Updated,
    /// The record was removed.
    Deleted,
    /// The record was merged into another one.
    Merged,
}
