//! States of the text that a web site repeats on all its pages.

use sea_orm::entity::prelude::*;

use crate::{Id, RecordKind, kind::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "site_state")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id,
    #[sea_orm(unique)]
    pub slug: String,
    pub name: String,
    pub language: Option<String>,
    /// Its position among the states of the same site. Equal if the order is not known, null if the
    /// position is not known.
    pub position: Option<i32>,
    pub note: Option<String>,
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
        small: true,
        naming: Some("name"),
        evidence: true,
        fields: &[
            NAME,
            code("language", "BCP 47 tag of the language. Null if unknown."),
            rank(
                "position",
                "Position in the order of the states of the site. States whose order is unknown have \
                    the same position. Null if the position is unknown.",
            ),
            NOTE,
        ],
        ..Kind::new(
            RecordKind::SiteState,
            "site_state",
            "State of the text that a website repeats on all its pages. A page shows the state of the \
                day on which it was saved.",
        )
    };
}
