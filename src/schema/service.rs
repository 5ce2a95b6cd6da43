//! The type `Service`: information about the server.

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

/// Information about the server: its version, its limits and its data.
pub struct Service;

/// Limits that the server enforces on each request.
#[derive(SimpleObject)]
pub struct Limits {
    /// Default number of items in a page.
    default_page_size: usize,
    /// Maximum number of items in a page, and of ids in `nodes`.
    max_page_size: usize,
    /// Maximum number of items in a list without pagination.
    max_list_items: usize,
    /// Maximum total number of items in the lists without pagination of a response.
    max_response_items: usize,
    /// Maximum depth of nested fields, with fragments expanded.
    max_depth: u64,
    /// Maximum depth of nested braces, brackets and parentheses in a document.
    max_nesting: u64,
    /// Maximum number of tokens in a document: names, numbers, strings and punctuators.
    max_tokens: u64,
    /// Maximum length of a name in a document, in characters.
    max_name_length: u64,
    /// Maximum number of operations in a document.
    max_operations: u64,
    /// Maximum number of aliases in a document.
    max_aliases: u64,
    /// Maximum number of directives in a document.
    max_directives: u64,
    /// Maximum number of root fields in an operation, with fragments expanded.
    max_root_fields: u64,
    /// Maximum number of variables in an operation.
    max_variables: u64,
    /// Maximum number of uses of variables in a document.
    max_variable_uses: u64,
    /// Maximum number of values in the variables of a request: list items and input fields.
    max_variable_values: u64,
    /// Maximum number of validation errors reported for a document.
    max_validation_errors: u64,
    /// Maximum number of errors in a response.
    max_response_errors: usize,
    /// Maximum cost of an operation. `extensions.cost` of each response is the cost of its operation.
    max_cost: u64,
    /// Maximum number of fields in a document, with fragments expanded.
    max_fields: u64,
    /// Maximum number of fragments in a document.
    max_fragments: u64,
}

/// Number of records of one kind.
#[derive(SimpleObject)]
pub struct KindCount {
    /// Kind of record.
    kind: RecordKind,
    /// Number of records.
    count: i64,
}

/// Information about the server: its version, its limits and its data.
#[Object]
impl Service {
    /// Version of the server.
    async fn version(&self) -> &str {
        env!("CARGO_PKG_VERSION")
    }

    /// Revision of the data: a number that increases with each committed change.
    async fn revision(&self, ctx: &Context<'_>) -> Result<i64> {
        Ok(*ctx.graph().overall(Highest::of(change::Column::Revision)).await?)
    }

    /// Limits that the server enforces on each request.
    async fn limits(&self) -> Limits {
        Limits {
            default_page_size: DEFAULT_PAGE_SIZE,
            max_page_size: MAX_PAGE_SIZE,
            max_list_items: MAX_LIST_ROWS,
            max_response_items: MAX_RESPONSE_ROWS,
            max_depth: MAX_DEPTH,
            max_nesting: MAX_NESTING,
            max_tokens: MAX_TOKENS,
            max_name_length: MAX_NAME_LENGTH,
            max_operations: MAX_OPERATIONS,
            max_aliases: MAX_ALIASES,
            max_directives: MAX_DIRECTIVES,
            max_root_fields: MAX_ROOT_FIELDS,
            max_variables: MAX_VARIABLES,
            max_variable_uses: MAX_VARIABLE_USES,
            max_variable_values: MAX_VALUES,
            max_validation_errors: MAX_ERRORS,
            max_response_errors: MAX_RESPONSE_ERRORS,
            max_cost: MAX_COST,
            max_fields: MAX_FIELDS,
            max_fragments: MAX_FRAGMENTS,
        }
    }

    /// Number of records of each kind.
    async fn counts(&self, ctx: &Context<'_>) -> Result<Vec<KindCount>> {
        let counts = ctx.graph().overall(Tally::of(record::Column::Kind)).await?;
        counts
            .iter()
            .map(|(kind, count)| {
                let kind = RecordKind::try_from_value(kind).map_err(Error::from)?;
                Ok(KindCount { kind, count: *count })
            })
            .collect()
    }

    /// License of the data.
    async fn data_license(&self) -> &str {
        "Built-in data set: CC0 1.0. Documents keep the terms of their publishers."
    }
}
