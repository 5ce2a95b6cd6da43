//! Inter-parliamentary assemblies.

use sea_orm::entity::prelude::*;

use crate::Id;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "assembly")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id,
    #[sea_orm(unique)]
    pub slug: String,
    pub name: String,
    pub acronym: Option<String>,
    pub founded_earliest: Option<Date>,
    pub founded_latest: Option<Date>,
    #[sea_orm(indexed)]
    pub founding_decision_id: Option<Id>,
    pub seat: Option<String>,
    /// The organization it is the assembly of.
    #[sea_orm(indexed)]
    pub parent_id: Option<Id>,
    pub website: Option<String>,
    pub note: Option<String>,
    pub dissolved_earliest: Option<Date>,
    pub dissolved_latest: Option<Date>,
    /// When it ended, by its own dates or those of what it belongs to.
    pub ended_earliest: Option<Date>,
    pub ended_latest: Option<Date>,
    /// The first and the last day on which it may exist; from the dates of its own and of what it
    /// belongs to.
    pub holds_from: Date,
    pub holds_until: Date,
    /// The values of those properties that differ between dates, as JSON.
    pub varying: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::entity::Entity",
        from = "Column::Id",
        to = "super::entity::Column::Id"
    )]
    Entity,
    #[sea_orm(
        belongs_to = "super::decision::Entity",
        from = "Column::FoundingDecisionId",
        to = "super::decision::Column::Id"
    )]
    FoundingDecision,
    #[sea_orm(
        belongs_to = "super::commission::Entity",
        from = "Column::ParentId",
        to = "super::commission::Column::Id"
    )]
    Parent,
}

impl ActiveModelBehavior for ActiveModel {}
