//! The registry of all records. Ids and slugs are unique across all kinds of record.

use async_graphql::Enum;
use sea_orm::entity::prelude::*;

use crate::Id;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "record")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id,
    pub kind: RecordKind,
    #[sea_orm(unique)]
    pub slug: String,
    /// The record that this one was merged into.
    #[sea_orm(indexed)]
    pub merged_into_id: Option<Id>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "Entity", from = "Column::MergedIntoId", to = "Column::Id")]
    MergedInto,
}

impl ActiveModelBehavior for ActiveModel {}

/// Kind of a record. New values may be added.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Enum,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RecordKind {
    /// An inter-parliamentary assembly.
    Assembly,
    /// A country.
    State,
    /// The status of a state, parliament or assembly in an assembly.
    Participation,
    /// A state's parliament.
    Parliament,
    /// A house of a parliament.
    Chamber,
    /// A delegation of a parliament to an assembly.
    Delegation,
    /// A number of seats of a delegation that a chamber fills.
    SeatAllocation,
    /// A person.
    Member,
    /// A role of a member in an organization for a validity period.
    Membership,
    /// A body of one or several assemblies, or an external body.
    Commission,
    /// A party or a faction.
    PoliticalGroup,
    /// A period for which a parliament or chamber is elected.
    LegislativePeriod,
    /// A dated gathering.
    Session,
    /// An attendance at a session.
    Attendance,
    /// An act.
    Decision,
    /// A step in the procedure of a decision.
    Stage,
    /// A position taken at a stage of a decision.
    Stance,
    /// A relation between two decisions.
    DecisionRelation,
    /// A source.
    Document,
    /// A state of the text that a website repeats on all its pages.
    SiteState,
}
