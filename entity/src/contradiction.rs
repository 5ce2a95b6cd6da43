//! Contradictions: claims that cannot all be true.

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
    pub kind: ContradictionKind,
    pub topic: Option<String>,
    pub about: Option<String>,
    pub status: ContradictionStatus,
    pub explanation: Option<String>,
    pub rule: Option<String>,
    /// Whether the data set contains it. False if it is only computed.
    pub curated: bool,
    /// Whether it is computed from the database. False if only the data set contains it.
    pub computed: bool,
    /// The curated contradiction whose explanation applies to this one as well.
    #[sea_orm(indexed)]
    pub explained_by_id: Option<Id>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::record::Entity",
        from = "Column::RecordId",
        to = "super::record::Column::Id"
    )]
    Record,
    #[sea_orm(belongs_to = "Entity", from = "Column::ExplainedById", to = "Column::Id")]
    ExplainedBy,
}

impl ActiveModelBehavior for ActiveModel {}

/// Kind of a contradiction. New values may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Enum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ContradictionKind {
    /// Different values of one property at the same time.
    Values,
    /// Overlap of validity periods that exclude each other.
    Overlap,
    /// End before the start.
    EndBeforeStart,
    /// Observation before the start or after the end.
    SeenOutside,
    /// Start, end or observation outside the period of a record that it belongs to; or no common
    /// day of the records that it belongs to.
    OutsideParent,
    /// Total that differs from the sum of its parts.
    Total,
    /// Reference to a record that does not exist.
    Dangling,
}

/// Status of a contradiction. New values may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Enum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ContradictionStatus {
    /// Not explained.
    Open,
    /// Explained by a maintainer.
    Explained,
}
