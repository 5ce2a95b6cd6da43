//! Limits of requests and responses, in addition to [`query_guard::limits`]. A limit that only one module
//! uses is defined in that module.

// Documents.

/// Maximum cost of a document.
pub const MAX_COST: u64 = 250_000;
/// Maximum fields of a document. Fields of a fragment count for each spread.
///
/// Fields excluded by `@skip` or `@include` cost nothing, but async-graphql visits them.
pub const MAX_FIELDS: u64 = 50_000;
/// Maximum depth of fields of a document, including the levels of connections. Allows the usual
/// introspection query.
pub const MAX_DEPTH: u64 = 48;
/// Maximum nesting of selection sets, with fragments expanded.
pub const MAX_SELECTION_NESTING: usize = 96;
/// Maximum fields at the root of an operation, with fragments expanded.
pub const MAX_ROOT_FIELDS: u64 = 200;

// Lists.

/// Default page size.
pub const DEFAULT_PAGE_SIZE: usize = 20;
/// Maximum page size, and maximum length of a list argument.
pub const MAX_PAGE_SIZE: usize = 100;
/// Maximum rows of a list that is not paginated.
pub const MAX_LIST_ROWS: usize = 10_000;
/// Maximum rows of all lists without pagination in one response. The cost of such a list assumes a
/// typical length, so the rows of nested long lists would otherwise not be limited.
pub const MAX_RESPONSE_ROWS: usize = 100_000;
/// Default number of groups.
pub const DEFAULT_GROUPS: usize = 100;
/// Maximum number of groups.
pub const MAX_GROUPS: usize = 1_000;
/// Maximum dates of a series.
pub const MAX_SERIES_DATES: usize = 100;

// Ordering and filters.

/// Maximum sort keys of `orderBy`.
pub const MAX_ORDER_KEYS: usize = 5;
/// Maximum conditions of a filter.
pub const MAX_FILTER_CONDITIONS: usize = 50;
/// Maximum nesting depth of a filter.
pub const MAX_FILTER_DEPTH: usize = 12;
/// Maximum values of a condition.
pub const MAX_FILTER_VALUES: usize = 1_000;
/// Maximum characters of a string in a condition.
pub const MAX_FILTER_TEXT_LENGTH: usize = 200;
/// Minimum letters and digits of a substring condition: trigram indexes do not support shorter ones.
pub const MIN_FILTER_PART_LENGTH: usize = 3;

// Search.

/// Maximum characters of a search query.
pub const MAX_SEARCH_LENGTH: usize = 200;
/// Maximum words of a search query.
pub const MAX_SEARCH_WORDS: usize = 10;

// Errors.

/// Maximum errors of a response.
pub const MAX_RESPONSE_ERRORS: usize = 100;
/// Maximum characters of an error message, not counting the ellipsis of a truncated one.
pub const MAX_MESSAGE_LENGTH: usize = 999;

// HTTP.

/// Maximum bytes of a request body.
pub const MAX_REQUEST_SIZE: usize = 1 << 20;
/// Maximum JSON values of a request body. A parsed value takes many times more memory than its JSON.
pub const MAX_REQUEST_VALUES: u64 = 2 * query_guard::limits::MAX_VALUES;
/// Maximum bytes of a request target (path and query string). Leaves 16 KiB of the head for headers.
/// Lower than the limits of hyper, which rejects requests without a response body.
pub const MAX_TARGET_SIZE: usize = 48 << 10;
/// Maximum bytes of a request head: the request line and the headers.
pub const MAX_HEAD_SIZE: usize = 64 << 10;
/// Maximum headers of a request.
pub const MAX_HEADERS: usize = 100;
/// Maximum bytes of a response. Exports are not limited.
pub const MAX_RESPONSE_SIZE: u64 = 16 << 20;
/// Maximum seconds of `Retry-After`.
pub const MAX_RETRY_AFTER: u64 = 60;
