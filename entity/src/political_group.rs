//! Parties and parliamentary groups.

use sea_orm::entity::prelude::*;

use crate::{Id, RecordKind, kind::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "political_group")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id,
    #[sea_orm(unique)]
    pub slug: String,
    pub name: String,
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
}

impl ActiveModelBehavior for ActiveModel {}

impl RecordEntity for Entity {
    const KIND: Kind = Kind {
        groups: ORGANIZATION,
        time: Temporality::Existence,
        small: true,
        naming: Some("name"),
        fields: &[NAME, FOUNDED, DISSOLVED, WEBSITE, NOTE],
        ..Kind::new(
            RecordKind::PoliticalGroup,
            "political_group",
            "Party or parliamentary group that members represent.",
        )
    };
}
