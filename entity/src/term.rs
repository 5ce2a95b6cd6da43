//! Folded texts of records for search and filters. Derived from the row and the names of a record
//! whenever they are written. Identifiers are searched in their own table.

use sea_orm::entity::prelude::*;

use crate::{Id, RecordKind};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "term")]
pub struct Model {
    /// Terms with a higher search rank have lower ids.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id,
    #[sea_orm(indexed)]
    pub record_id: Id,
    pub record_kind: RecordKind,
    /// The field with the text.
    pub property: String,
    /// The search rank, the lowest first.
    pub rank: i32,
    /// The BCP 47 tag, or null if the language is not known.
    pub language: Option<String>,
    /// The original text.
    pub value: String,
    /// The folded text, truncated if it is long.
    pub folded: String,
    /// The words of `folded`, and their phonetic keys with the prefix `~`. Empty if the text is not
    /// searchable.
    pub words: String,
}

/// The rank of texts that are only used by filters, not by search.
pub const NOT_SEARCHED: i32 = 9;

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::record::Entity",
        from = "Column::RecordId",
        to = "super::record::Column::Id"
    )]
    Record,
}

impl ActiveModelBehavior for ActiveModel {}
