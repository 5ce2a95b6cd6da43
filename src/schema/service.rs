//! What the server says of itself.

use async_graphql::{Context, Object, SimpleObject};
use entity::{RecordKind, change, entity as registry};
use sea_orm::ActiveEnum;

use crate::graph::{
    Error, GraphContext, LONGEST_ANSWER, LONGEST_LIST, Result,
    batch::{Highest, Tally},
    cost::{HIGHEST_COST, LONGEST_DOCUMENT, MOST_FRAGMENTS},
    page::{DEFAULT_PAGE, LARGEST_PAGE},
};

/// What the server says of itself and of its data.
pub struct Service;

/// The limits that requests are held to.
#[derive(SimpleObject)]
pub struct Limits {
    /// Rows of a page where the request does not say.
    default_page: usize,
    /// The most rows of a page, and the most ids of `nodes`.
    largest_page: usize,
    /// The most rows of a list that is not paged.
    longest_list: usize,
    /// The most rows of all lists of one answer that are not paged.
    longest_answer: usize,
    /// The most levels of selection in a document.
    deepest_selection: usize,
    /// The most that a document may cost. `extensions.cost` of each answer says what it did.
    highest_cost: u64,
    /// The most fields in a document, those of a fragment counted wherever it is spread.
    longest_document: u64,
    /// The most fragments in a document.
    most_fragments: usize,
}

/// How many records of a kind there are.
#[derive(SimpleObject)]
pub struct KindCount {
    /// The kind.
    kind: RecordKind,
    /// How many.
    count: i64,
}

/// What the server says of itself and of its data.
#[Object]
impl Service {
    /// The version of the server.
    async fn version(&self) -> &str {
        env!("CARGO_PKG_VERSION")
    }

    /// The state of the data: a number that rises with every committed change.
    async fn revision(&self, ctx: &Context<'_>) -> Result<i64> {
        Ok(*ctx.graph().overall(Highest::of(change::Column::Revision)).await?)
    }

    /// The limits in force.
    async fn limits(&self) -> Limits {
        Limits {
            default_page: DEFAULT_PAGE,
            largest_page: LARGEST_PAGE,
            longest_list: LONGEST_LIST,
            longest_answer: LONGEST_ANSWER,
            deepest_selection: super::DEEPEST,
            highest_cost: HIGHEST_COST,
            longest_document: LONGEST_DOCUMENT,
            most_fragments: MOST_FRAGMENTS,
        }
    }

    /// How many records there are of each kind.
    async fn counts(&self, ctx: &Context<'_>) -> Result<Vec<KindCount>> {
        let counts = ctx.graph().overall(Tally::of(registry::Column::Kind)).await?;
        let counts = counts.iter().map(|(kind, count)| {
            let kind = RecordKind::try_from_value(kind).map_err(Error::from)?;
            Ok(KindCount { kind, count: *count })
        });
        counts.collect()
    }

    /// Under what terms the data may be used.
    async fn licence(&self) -> &str {
        "Facts with their sources; each document keeps the terms of its publisher."
    }
}
