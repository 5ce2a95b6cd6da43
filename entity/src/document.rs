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
    /// The basis of the date of publication, or the reason why it is unknown.
    pub published_basis: Option<String>,
    pub language: Option<String>,
    pub extent: Option<DocumentExtent>,
    #[sea_orm(indexed)]
    pub site_state_id: Option<Id>,
    /// Layout of the page.
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
            values::<DocumentKind>("kind", "Kind of source.").required(),
            text("url", "URL of the document."),
            code("file", "File name of the saved copy."),
            text("title", "Title of the document.").search_rank(0),
            text("publisher", "Publisher of the document."),
            date("published", "Date of publication. Null if unknown."),
            text(
                "published_basis",
                "Basis of the date of publication, or the reason why it is unknown.",
            ),
            code("language", "BCP 47 tag of the language. Null if unknown."),
            values::<DocumentExtent>(
                "extent",
                "Extent to which the document was read. Null if unknown.",
            )
            .multiple(),
            reference(
                "site_state",
                one(RecordKind::SiteState),
                "State of the repeated text that the page contains.",
            )
            .loose()
            .inverse(&[Inverse::new("documents", "Pages that contain this state.")]),
            code("layout", "Layout of the page."),
            NOTE,
        ],
        links: &[
            Link {
                name: "mentions",
                description: "Records that the document mentions.",
                table: "mention",
                own: "document_id",
                other: "record_id",
                to: None,
            },
            Link {
                name: "supports",
                description: "Records of which the document is a source.",
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

/// Kind of a source. New values may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Enum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DocumentKind {
    /// Page or document of the institution itself.
    Official,
    /// Press item.
    Press,
    /// Encyclopedia, or a copy of one.
    Encyclopedia,
    /// Database of laws.
    LegalDatabase,
    /// Copy of another site's page.
    Mirror,
    /// Text of an act.
    Act,
    /// Data set.
    Dataset,
}

/// Extent to which a document was read. New values may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Enum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DocumentExtent {
    /// The whole document.
    Full,
    /// Only the opening.
    Opening,
    /// Only the headline.
    Headline,
}
