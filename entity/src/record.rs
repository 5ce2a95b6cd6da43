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
    /// Inter-parliamentary assembly.
    Assembly,
    /// Country.
    State,
    /// Status of a state, a parliament or an assembly in an assembly.
    Participation,
    /// Parliament of a state or of a part of a state.
    Parliament,
    /// House of a parliament.
    Chamber,
    /// Delegation of a parliament to an assembly.
    Delegation,
    /// Number of a delegation's seats that a chamber fills.
    SeatAllocation,
    /// Person.
    Member,
    /// Role of a member in an organization.
    Membership,
    /// Body of one or several assemblies, or an external body that works with them.
    Commission,
    /// Party or parliamentary group.
    PoliticalGroup,
    /// Period for which a parliament or chamber is elected.
    LegislativePeriod,
    /// Dated gathering.
    Session,
    /// Attendance of a person or body at a session.
    Attendance,
    /// Act of an assembly, or a related act of a state.
    Decision,
    /// Step in the procedure of a decision.
    Stage,
    /// Position taken at a stage of a decision.
    Stance,
    /// Relation between two decisions.
    DecisionRelation,
    /// Source.
    Document,
    /// State of the text that a website repeats on all its pages.
    SiteState,
}
