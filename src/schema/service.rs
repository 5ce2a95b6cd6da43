//! What the server says of itself.

use async_graphql::{Context, Object, SimpleObject};
use entity::{RecordKind, change, record};
use query_guard::limits::{
    MAX_ALIASES, MAX_DIRECTIVES, MAX_ERRORS, MAX_FRAGMENTS, MAX_NAME_LENGTH, MAX_NESTING,
    MAX_OPERATIONS, MAX_TOKENS, MAX_VALUES, MAX_VARIABLE_USES, MAX_VARIABLES,
};
use sea_orm::ActiveEnum;

use crate::{
    graph::{
        Error, GraphContext, Result,
        batch::{Highest, Tally},
    },
    limits::{
        DEFAULT_PAGE_SIZE, MAX_COST, MAX_DEPTH, MAX_FIELDS, MAX_LIST_ROWS, MAX_PAGE_SIZE,
        MAX_RESPONSE_ERRORS, MAX_RESPONSE_ROWS, MAX_ROOT_FIELDS,
    },
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
    /// The most levels of fields in a document, those of fragments too.
    deepest_selection: u64,
    /// The most brackets of any kind that are open at one place of a document.
    deepest_brackets: u64,
    /// The most tokens of a document: names, numbers, strings and punctuation.
    most_tokens: u64,
    /// The most characters of a name in a document.
    longest_name: u64,
    /// The most operations in a document.
    most_operations: u64,
    /// The most aliases in a document.
    most_aliases: u64,
    /// The most directives in a document.
    most_directives: u64,
    /// The most fields at the root of an operation, those of fragments too.
    most_root_fields: u64,
    /// The most variables of an operation.
    most_variables: u64,
    /// The most places of a document that name a variable.
    most_variable_uses: u64,
    /// The most values in the variables of a request: each item of a list and each field of an object.
    most_values: u64,
    /// The most mistakes of a document, each of which is told: fields and arguments that there are not,
    /// fields of one name that differ. One with more is refused as a whole.
    most_mistakes: u64,
    /// The most errors that an answer tells.
    most_errors: usize,
    /// The most that a document may cost. `extensions.cost` of each answer says what it did.
    highest_cost: u64,
    /// The most fields in a document, those of a fragment counted wherever it is spread.
    longest_document: u64,
    /// The most fragments in a document.
    most_fragments: u64,
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
            default_page: DEFAULT_PAGE_SIZE,
            largest_page: MAX_PAGE_SIZE,
            longest_list: MAX_LIST_ROWS,
            longest_answer: MAX_RESPONSE_ROWS,
            deepest_selection: MAX_DEPTH,
            deepest_brackets: MAX_NESTING,
            most_tokens: MAX_TOKENS,
            longest_name: MAX_NAME_LENGTH,
            most_operations: MAX_OPERATIONS,
            most_aliases: MAX_ALIASES,
            most_directives: MAX_DIRECTIVES,
            most_root_fields: MAX_ROOT_FIELDS,
            most_variables: MAX_VARIABLES,
            most_variable_uses: MAX_VARIABLE_USES,
            most_values: MAX_VALUES,
            most_mistakes: MAX_ERRORS,
            most_errors: MAX_RESPONSE_ERRORS,
            highest_cost: MAX_COST,
            longest_document: MAX_FIELDS,
            most_fragments: MAX_FRAGMENTS,
        }
    }

    /// How many records there are of each kind.
    async fn counts(&self, ctx: &Context<'_>) -> Result<Vec<KindCount>> {
        let counts = ctx.graph().overall(Tally::of(record::Column::Kind)).await?;
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
