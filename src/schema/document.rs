//! Sources: pages, acts, press items, data sets.

use async_graphql::Context;
use entity::{
    PartialDate, citation, claim,
    document::{DocumentExtent, DocumentKind},
    mention,
};

use super::{claim::Claim, record::Record, site_state::SiteState};
use crate::graph::{Edge, GraphContext, Maybe};

node! { Document of document }

filter! {
    /// Which documents.
    DocumentFilter on Document(document), record {
        kind: word(DocumentKind),
        url: text,
        title: text,
        publisher: text,
        published: date,
        language: code,
        extent: word(DocumentExtent),
        site_state: one(SiteState),
        mentions: many(Record at
            Edge::link(mention::Column::DocumentId, mention::Column::RecordId)),
        supports: many(Record at
            Edge::link(citation::Column::DocumentId, citation::Column::RecordId)),
        claims_made: many(Claim at Edge::key(claim::Column::DocumentId)),
    }
}

order! { Document { published: date, title: text_or_none } }

counts! {
    Document {
        kind: text,
        publisher: text,
        year: year(published),
        language: text,
        extent: text,
        site_state: record,
    }
}

record! {
    /// A source: a page, the text of an act, a press item, a data set.
    impl Document {
        /// What sort of source it is.
        pub async fn kind(&self) -> DocumentKind {
            self.row.kind
        }

        /// Where it is on the web.
        pub async fn url(&self) -> Option<&str> {
            self.row.url.as_deref()
        }

        /// The name of the file that it was saved in.
        pub async fn file(&self) -> Option<&str> {
            self.row.file.as_deref()
        }

        /// Its title.
        pub async fn title(&self) -> Option<&str> {
            self.row.title.as_deref()
        }

        /// Who published it.
        pub async fn publisher(&self) -> Option<&str> {
            self.row.publisher.as_deref()
        }

        /// When it was published.
        pub async fn published(&self) -> Option<PartialDate> {
            PartialDate::from_columns(self.row.published_earliest, self.row.published_latest)
        }

        /// How its date is known, or why it is not.
        pub async fn published_basis(&self) -> Option<&str> {
            self.row.published_basis.as_deref()
        }

        /// BCP 47 tag of its language.
        pub async fn language(&self) -> Option<&str> {
            self.row.language.as_deref()
        }

        /// How much of it was read.
        pub async fn extent(&self) -> Option<DocumentExtent> {
            self.row.extent
        }

        /// The state of the site whose repeated text it carries.
        pub async fn site_state(&self, ctx: &Context<'_>) -> Maybe<SiteState> {
            ctx.at(self.moment).maybe(self.row.site_state_id).await.into()
        }

        /// The layout of the page, in short.
        pub async fn layout(&self) -> Option<&str> {
            self.row.layout.as_deref()
        }

        /// A remark of the data's keepers.
        pub async fn note(&self) -> Option<&str> {
            self.row.note.as_deref()
        }
    }
    pages {
        /// The records that it is known to name.
        mentions: Record at Edge::link(mention::Column::DocumentId, mention::Column::RecordId);
        /// The records that it supports.
        supports: Record at Edge::link(citation::Column::DocumentId, citation::Column::RecordId);
        /// What it says of records.
        claims_made: Claim at Edge::key(claim::Column::DocumentId);
    }
    lives {}
}
