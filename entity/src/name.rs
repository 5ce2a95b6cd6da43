//! The names of a record: official, short, native, in other languages and spellings.

use async_graphql::Enum;
use sea_orm::entity::prelude::*;

use crate::Id;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "name")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: Id,
    #[sea_orm(indexed)]
    pub record_id: Id,
    pub position: i32,
    pub value: String,
    /// The BCP 47 tag, or null if the source does not state the language.
    pub language: Option<String>,
    pub kind: NameKind,
}

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

/// Kind of a name. New values may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Enum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum NameKind {
    /// Main name.
    Main,
    /// Full official name.
    Official,
    /// Short form.
    Short,
    /// Acronym.
    Acronym,
    /// Name in the language of the country.
    Native,
    /// Another wording, spelling or translation.
    Variant,
    /// Name that is no longer used.
    Former,
    /// Title of a draft.
    Draft,
}
