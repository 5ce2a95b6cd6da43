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
    pub reading: Option<String>,
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

/// In what way claims cannot all be true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Enum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ContradictionKind {
    /// Several values for one property at one time.
    Values,
    /// Spells that exclude each other hold on the same day.
    Overlap,
    /// An end before a start.
    EndBeforeStart,
    /// Seen to hold before its start or after its end.
    SeenOutside,
    /// It begins, ends or is seen before what it belongs to began, or after that ended; or all that
    /// it belongs to has no day in common.
    OutsideParent,
    /// A total that differs from the sum of its parts.
    Total,
    /// A reference to a record that does not exist.
    Dangling,
}

/// Whether a contradiction is understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Enum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ContradictionStatus {
    /// Nobody has explained it.
    Open,
    /// A reading says how the claims go together, or which is likely right.
    Explained,
}
