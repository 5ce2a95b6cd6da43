//! Persons.

use sea_orm::entity::prelude::*;

use crate::{Id, RecordKind, kind::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "member")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id,
    #[sea_orm(unique)]
    pub slug: String,
    pub name: String,
    pub note: Option<String>,
    pub born_earliest: Option<Date>,
    pub born_latest: Option<Date>,
    pub died_earliest: Option<Date>,
    pub died_latest: Option<Date>,
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
        groups: &[Group::Actor],
        time: Temporality::Dates { start: "born", end: "died" },
        naming: Some("name"),
        fields: &[
            NAME,
            date("born", "Date of birth. Null if no document states it.").claimable().permanent(),
            date("died", "Date of death. Null if no document states it.").claimable().permanent(),
            NOTE,
        ],
        links: &[Link {
            name: "mentions",
            description: "Documents that mention the person.",
            table: "mention",
            own: "record_id",
            other: "document_id",
            to: Some(RecordKind::Document),
        }],
        order: &["name"],
        ..Kind::new(
            RecordKind::Member,
            "member",
            "Person, such as a deputy, a delegate, an officer or an expert.",
        )
    };
}
