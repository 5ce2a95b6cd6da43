//! Sources: pages, acts, press items, data sets.

use async_graphql::Enum;
use sea_orm::entity::prelude::*;

use crate::{Id, RecordKind, kind::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "document")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id,
    #[sea_orm(unique)]
    pub slug: String,
    pub kind: DocumentKind,
    pub url: Option<String>,
    pub file: Option<String>,
    pub title: Option<String>,
    pub publisher: Option<String>,
    pub published_earliest: Option<Date>,
    pub published_latest: Option<Date>,
    /// How the date of publication is known.
    pub published_basis: Option<String>,
    pub language: Option<String>,
    pub extent: Option<DocumentExtent>,
    #[sea_orm(indexed)]
    pub site_state_id: Option<Id>,
    /// The layout of the page, in short.
    pub layout: Option<String>,
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
    #[sea_orm(
        belongs_to = "super::site_state::Entity",
        from = "Column::SiteStateId",
        to = "super::site_state::Column::Id"
    )]
    SiteState,
}

impl ActiveModelBehavior for ActiveModel {}

impl RecordEntity for Entity {
    const KIND: Kind = Kind {
        naming: Some("title"),
        evidence: true,
        fields: &[
            values::<DocumentKind>("kind", "What kind of source it is.").required(),
            text("url", "Its address on the web."),
            code("file", "The name of the file in which it was saved."),
            text("title", "Its title.").search_rank(0),
            text("publisher", "Who published it."),
            date("published", "When it was published."),
            text("published_basis", "How its date is known, or why it is not."),
            code("language", "BCP 47 tag of its language."),
            values::<DocumentExtent>("extent", "How much of it was read.").multiple(),
            reference(
                "site_state",
                one(RecordKind::SiteState),
                "The state of the site that it repeats.",
            )
            .loose()
            .inverse(&[Inverse::new("documents", "The pages that repeat it.")]),
            code("layout", "The layout of the page, in short."),
            NOTE,
        ],
        links: &[
            Link {
                name: "mentions",
                description: "The records that it names.",
                table: "mention",
                own: "document_id",
                other: "record_id",
                to: None,
            },
            Link {
                name: "supports",
                description: "The records that it supports.",
                table: "citation",
                own: "document_id",
                other: "record_id",
                to: None,
            },
        ],
        dated_by: &["published"],
        ..Kind::new(
            RecordKind::Document,
            "document",
            "Source, such as a page, the text of an act, a press item or a data set.",
        )
    };
}

/// What sort of source a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Enum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DocumentKind {
    /// Published by the institution itself.
    Official,
    /// A press item.
    Press,
    /// An encyclopedia or a copy of one.
    Encyclopedia,
    /// A database of laws.
    LegalDatabase,
    /// A copy of another site's page.
    Mirror,
    /// The text of an act.
    Act,
    /// A data set.
    Dataset,
}

/// How much of a document was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Enum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DocumentExtent {
    /// All of it.
    Full,
    /// Its opening only.
    Opening,
    /// Its headline only.
    Headline,
}
