//! Parliaments of states.

use async_graphql::Enum;
use sea_orm::entity::prelude::*;

use crate::{Id, RecordKind, kind::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "parliament")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id,
    #[sea_orm(unique)]
    pub slug: String,
    #[sea_orm(indexed)]
    pub state_id: Option<Id>,
    pub name: String,
    pub structure: ParliamentStructure,
    pub website: Option<String>,
    pub note: Option<String>,
    pub founded_earliest: Option<Date>,
    pub founded_latest: Option<Date>,
    pub dissolved_earliest: Option<Date>,
    pub dissolved_latest: Option<Date>,
    /// The end of its existence, derived from its own dates and the records it belongs to.
    pub ended_earliest: Option<Date>,
    pub ended_latest: Option<Date>,
    /// The period in which it may exist, derived from its own dates and the records it belongs to.
    pub holds_from: Date,
    pub holds_until: Date,
    /// The values of properties that change over time, as JSON.
    pub varying: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::record::Entity",
        from = "Column::Id",
        to = "super::record::Column::Id"
    )]
    Record,
    #[sea_orm(
        belongs_to = "super::state::Entity",
        from = "Column::StateId",
        to = "super::state::Column::Id"
    )]
    State,
}

impl ActiveModelBehavior for ActiveModel {}

impl RecordEntity for Entity {
    const KIND: Kind = Kind {
        groups: PARTICIPANT,
        time: Temporality::Existence,
        small: true,
        naming: Some("name"),
        fields: &[
            reference(
                "state",
                one(RecordKind::State),
                "State of the parliament. Null if no document states it.",
            )
            .inverse(&[Inverse::new(
                "parliaments",
                "Parliaments of the state: usually one; with `history: true`, also former ones.",
            )
            .short()]),
            NAME,
            values::<ParliamentStructure>("structure", "Number of chambers: one or two.")
                .or("UNKNOWN")
                .claimable()
                .varying(),
            FOUNDED,
            DISSOLVED,
            WEBSITE,
            NOTE,
        ],
        of_state: Some("state"),
        ..Kind::new(
            RecordKind::Parliament,
            "parliament",
            "Parliament of a state or of a part of a state.",
        )
    };
}

/// Number of chambers of a parliament. New values may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Enum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ParliamentStructure {
    /// One chamber.
    Unicameral,
    /// Two chambers.
    Bicameral,
    /// Not stated by any document.
    Unknown,
}
