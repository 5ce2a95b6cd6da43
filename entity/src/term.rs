//! Texts of a record, folded: what search and filters compare. Derived from the record's row and
//! its names whenever those are written. (Identifiers are looked up where they are.)

use sea_orm::entity::prelude::*;

use crate::{Id, RecordKind};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "term")]
pub struct Model {
    /// Terms that count more in search have lower ids.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id,
    #[sea_orm(indexed)]
    pub record_id: Id,
    pub record_kind: RecordKind,
    /// The field that has the text.
    pub property: String,
    /// How much it counts in search: the less, the more.
    pub rank: i32,
    /// BCP 47 tag; none where nothing says.
    pub language: Option<String>,
    /// The text as it is served.
    pub value: String,
    /// The text in plain letters; of a long one, the beginning.
    pub folded: String,
    /// The words of `folded`, and after a `~` how each sounds; empty where it is not searched.
    pub words: String,
}

/// The rank of what is not searched, only filtered by.
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
