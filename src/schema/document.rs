//! Sources: pages, acts, press items, data sets.

use async_graphql::Context;
use entity::{
    PartialDate, citation, claim,
    document::{DocumentExtent, DocumentKind},
    mention,
};

use super::{
    claim::Claim,
    record::{Record, any_records},
    site_state::SiteState,
};
use crate::graph::{Connection, Edge, GraphContext, List, Maybe, Result};

node! { Document of document }

record! {
    /// A source: a page, the text of an act, a press item, a data set.
    impl Document {
        /// What sort of source it is.
        pub async fn kind(&self) -> DocumentKind {
            self.0.kind
        }

        /// Where it is on the web.
        pub async fn url(&self) -> Option<&str> {
            self.0.url.as_deref()
        }

        /// The name of the file that it was saved in.
        pub async fn file(&self) -> Option<&str> {
            self.0.file.as_deref()
        }

        /// Its title.
        pub async fn title(&self) -> Option<&str> {
            self.0.title.as_deref()
        }

        /// Who published it.
        pub async fn publisher(&self) -> Option<&str> {
            self.0.publisher.as_deref()
        }

        /// When it was published.
        pub async fn published(&self) -> Option<PartialDate> {
            PartialDate::from_columns(self.0.published_earliest, self.0.published_latest)
        }

        /// How its date is known, or why it is not.
        pub async fn published_basis(&self) -> Option<&str> {
            self.0.published_basis.as_deref()
        }

        /// BCP 47 tag of its language.
        pub async fn language(&self) -> Option<&str> {
            self.0.language.as_deref()
        }

        /// How much of it was read.
        pub async fn extent(&self) -> Option<DocumentExtent> {
            self.0.extent
        }

        /// The state of the site whose repeated text it carries.
        pub async fn site_state(&self, ctx: &Context<'_>) -> Maybe<SiteState> {
            ctx.graph().maybe(self.0.site_state_id).await.into()
        }

        /// The layout of the page, in short.
        pub async fn layout(&self) -> Option<&str> {
            self.0.layout.as_deref()
        }

        /// The records that it is known to name; so far only members.
        pub async fn mentions(
            &self,
            ctx: &Context<'_>,
            #[graphql(
                desc = "How many rows from the start: at most 100; 20 where nothing is said."
            )]
            first: Option<i32>,
            #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
            #[graphql(desc = "How many rows from the end: at most 100.")] last: Option<i32>,
            #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
        ) -> Result<Connection<Record>> {
            let named = Edge::link(mention::Column::DocumentId, mention::Column::RecordId);
            any_records(ctx, named, self.0.id, List::of(ctx, first, after, last, before)).await
        }

        /// The records that it supports.
        pub async fn supports(
            &self,
            ctx: &Context<'_>,
            #[graphql(
                desc = "How many rows from the start: at most 100; 20 where nothing is said."
            )]
            first: Option<i32>,
            #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
            #[graphql(desc = "How many rows from the end: at most 100.")] last: Option<i32>,
            #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
        ) -> Result<Connection<Record>> {
            let supported = Edge::link(citation::Column::DocumentId, citation::Column::RecordId);
            any_records(ctx, supported, self.0.id, List::of(ctx, first, after, last, before)).await
        }

        /// A remark of the data's keepers.
        pub async fn note(&self) -> Option<&str> {
            self.0.note.as_deref()
        }
    }
    pages {
        /// What it says of records.
        claims_made: Claim at Edge::key(claim::Column::DocumentId);
    }
}
