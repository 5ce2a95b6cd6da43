//! The houses of parliaments.

use async_graphql::Enum;
use sea_orm::entity::prelude::*;

use crate::{Id, RecordKind, kind::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "chamber")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id,
    #[sea_orm(unique)]
    pub slug: String,
    #[sea_orm(indexed)]
    pub parliament_id: Id,
    /// State of the parliament.
    #[sea_orm(indexed)]
    pub state_id: Option<Id>,
    pub name: String,
    pub house: House,
    /// Number of seats in the chamber, not in delegations.
    pub size: Option<i32>,
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
        belongs_to = "super::parliament::Entity",
        from = "Column::ParliamentId",
        to = "super::parliament::Column::Id"
    )]
    Parliament,
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
        groups: ORGANIZATION,
        time: Temporality::Existence,
        small: true,
        naming: Some("name"),
        fields: &[
            reference(
                "parliament",
                one(RecordKind::Parliament),
                "Parliament to which the chamber belongs.",
            )
            .required()
            .bounds()
            .inverse(&[Inverse::new("chambers", "Chambers of the parliament.").short()]),
            reference("state", one(RecordKind::State), "State of the parliament.")
                .derived()
                .loose()
                .inverse(&[Inverse::new("chambers", "Chambers of the parliaments of the state.")]),
            NAME,
            values::<House>("house", "House of the parliament: lower, upper or the only one.")
                .or("UNKNOWN")
                .claimable(),
            number("size", "Number of seats in the chamber, not in delegations. Null if no document states it.")
                .claimable()
                .varying(),
            FOUNDED,
            DISSOLVED,
            WEBSITE,
            NOTE,
        ],
        of_state: Some("parliament"),
        ..Kind::new(RecordKind::Chamber, "chamber", "House of a parliament.")
    };
}

/// House of a parliament. New values may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Enum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum House {
    /// Lower house.
    Lower,
    /// Upper house.
    Upper,
    /// Only house of a unicameral parliament.
    Single,
    /// Not stated by any document.
    Unknown,
}
