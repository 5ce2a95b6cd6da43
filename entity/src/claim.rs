//! Claims: the value of one property of one record in one document.

use async_graphql::Enum;
use sea_orm::entity::prelude::*;

use crate::{Id, RecordKind};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "claim")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: Id,
    #[sea_orm(indexed)]
    pub record_id: Id,
    pub record_kind: RecordKind,
    pub property: String,
    pub value: Option<String>,
    #[sea_orm(indexed)]
    pub document_id: Id,
    /// Position in the document, such as `line 7`.
    pub locator: Option<String>,
    pub attribution: Attribution,
    pub note: Option<String>,
    pub since_earliest: Option<Date>,
    pub since_latest: Option<Date>,
    pub until_earliest: Option<Date>,
    pub until_latest: Option<Date>,
    pub observed_first_earliest: Option<Date>,
    pub observed_first_latest: Option<Date>,
    pub observed_last_earliest: Option<Date>,
    pub observed_last_latest: Option<Date>,
    /// The origin of the claim: the row of the record, a separate claim, or a contradiction.
    pub by_row: bool,
    pub by_claim: bool,
    pub by_side: bool,
    pub preferred: bool,
    /// The rule by which its value is preferred.
    pub rule: Option<String>,
    /// The periods in which its value is preferred, as JSON. Null if the preferred value does not
    /// change over time.
    pub preferred_during: Option<String>,
    pub recorded_at: DateTimeUtc,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::record::Entity",
        from = "Column::RecordId",
        to = "super::record::Column::Id"
    )]
    Record,
    #[sea_orm(
        belongs_to = "super::document::Entity",
        from = "Column::DocumentId",
        to = "super::document::Column::Id"
    )]
    Document,
}

impl ActiveModelBehavior for ActiveModel {}

/// Relation between a claimed value and its document. New values may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Enum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Attribution {
    /// The document states this value.
    Value,
    /// The document is a source of the record; whether it states this value is unknown.
    Record,
}
