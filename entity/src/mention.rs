//! Mentions of records in documents.

use sea_orm::entity::prelude::*;

use crate::{Id, RecordKind};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "mention")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub document_id: Id,
    #[sea_orm(primary_key, auto_increment = false, indexed)]
    pub record_id: Id,
    pub record_kind: RecordKind,
    pub locator: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::document::Entity",
        from = "Column::DocumentId",
        to = "super::document::Column::Id"
    )]
    Document,
    #[sea_orm(
        belongs_to = "super::record::Entity",
        from = "Column::RecordId",
        to = "super::record::Column::Id"
    )]
    Record,
}

impl ActiveModelBehavior for ActiveModel {}
