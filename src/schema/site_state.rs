//! States of the text that a web site repeats on all its pages.

use super::document::Document;
use crate::graph::{Edge, GraphContext};

node! { SiteState of site_state }

filter! {
    /// Which states of web sites.
    SiteStateFilter on SiteState(site_state), record, few {
        name: text,
        language: code,
        position: number,
        documents: many(Document at Edge::key(entity::document::Column::SiteStateId)),
    }
}

order! { SiteState { position: number_or_none, name: text } }

counts! { SiteState { language: text } }

record! {
    /// One state of the text that a web site repeats on all its pages. It shows the site as it was
    /// when a page was saved, not when the page was written, so what it says has no date; but the
    /// states of a site can be put in order.
    impl SiteState {
        /// What it goes by.
        pub async fn name(&self) -> &str {
            &self.row.name
        }

        /// BCP 47 tag of its language.
        pub async fn language(&self) -> Option<&str> {
            self.row.language.as_deref()
        }

        /// Its place among the states of the site: equal where the order of two is not known, null
        /// where it cannot be placed.
        pub async fn position(&self) -> Option<i32> {
            self.row.position
        }

        /// A remark of the data's keepers.
        pub async fn note(&self) -> Option<&str> {
            self.row.note.as_deref()
        }
    }
    pages {
        /// The pages that carry it.
        documents: Document at Edge::key(entity::document::Column::SiteStateId);
    }
    lives {}
}
