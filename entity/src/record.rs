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

/// What a record is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Enum,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RecordKind {
    /// An inter-parliamentary assembly.
    Assembly,
    /// A country.
    State,
    /// A state's, parliament's or assembly's standing in an assembly.
    Participation,
    /// A state's parliament.
    Parliament,
    /// A house of a parliament.
    Chamber,
    /// Those whom one parliament sends to one assembly.
    Delegation,
    /// How many of a delegation's seats a chamber fills.
    SeatAllocation,
    /// A person.
    Member,
    /// One unbroken spell of one member in one role in one organization.
    Membership,
    /// A body of one or several assemblies, or an outside body that acts with them.
    Commission,
    /// A party or a faction.
    PoliticalGroup,
    /// A period for which a parliament or a chamber is elected.
    LegislativePeriod,
    /// A dated gathering.
    Session,
    /// Who took part in a session, and in what capacity.
    Attendance,
    /// An act.
    Decision,
    /// One step in a decision's life.
    Stage,
    /// The position that someone took at a stage.
    Stance,
    /// A tie between two decisions.
    DecisionRelation,
    /// A source.
    Document,
    /// One state of the text that a web site repeats on all its pages.
    SiteState,
}
