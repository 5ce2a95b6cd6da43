//! The computed lists and filters of documents.

use std::sync::Arc;

use entity::{RecordKind, claim, document};
use futures_util::FutureExt;

use super::{
    claim::Claim,
    list_schema::RelatedFilter,
    object::{self, Computed, ComputedList},
};
use crate::graph::{Edge, Shown, filter::FilterField, registry::Field};

pub type Document = object::Object<document::Entity>;

pub const COMPUTED: Computed = Computed::new(RecordKind::Document).lists(LISTS).filters(filters);

const CLAIMS_MADE: &str = "claimsMade";

const LISTS: &[ComputedList] = &[ComputedList {
    name: CLAIMS_MADE,
    definition: |name| {
        Field::page_of::<Claim>(name, "Claims that this document makes about records.")
    },
    load: |view, id, list| {
        let page = view.under::<Claim>(claims_made(), id, list);
        async move { Ok(Arc::new(page.await?) as Shown) }.boxed()
    },
}];

fn claims_made() -> Edge {
    Edge::key(claim::Column::DocumentId)
}

fn filters() -> Vec<FilterField> {
    let tests = RelatedFilter::of::<Claim>().to_many(claims_made().reach(), false);
    vec![FilterField { name: CLAIMS_MADE.to_owned(), tests }]
}
