//! The limits that requests are held to, beside those of [`query_guard::limits`]. A limit of one
//! module's own matters stands in that module.

// Documents.

/// Maximum cost of a document.
pub const MAX_COST: u64 = 250_000;
/// Maximum fields of a document, counted again wherever their fragment is spread.
///
/// Fields that are excluded cost nothing, and yet the library visits them all.
pub const MAX_FIELDS: u64 = 50_000;
/// Maximum levels of fields of a document: twelve steps through the graph, each with its connection,
/// and introspection.
pub const MAX_DEPTH: u64 = 48;
/// Maximum selection sets within each other, fragments written out.
pub const MAX_SELECTION_NESTING: usize = 96;
/// Maximum fields at the root of an operation, fragments written out.
pub const MAX_ROOT_FIELDS: u64 = 200;

// Lists.

/// Rows of a page if the request does not say.
pub const DEFAULT_PAGE_SIZE: usize = 20;
/// Maximum rows of a page, and values of an argument that is a list.
pub const MAX_PAGE_SIZE: usize = 100;
/// Maximum rows of a list that is short by its nature and therefore not paged.
pub const MAX_LIST_ROWS: usize = 10_000;
/// Maximum rows of all such lists in one response. Their cost is computed by what is usual; lists of
/// what is unusually much, each within the next, would otherwise multiply.
pub const MAX_RESPONSE_ROWS: usize = 100_000;
/// Groups of a list if the request does not say.
pub const DEFAULT_GROUPS: usize = 100;
/// Maximum groups of a list.
pub const MAX_GROUPS: usize = 1_000;
/// Maximum dates of a series.
pub const MAX_SERIES_DATES: usize = 100;

// Orders and filters.

/// Maximum keys of an order.
pub const MAX_ORDER_KEYS: usize = 5;
/// Maximum conditions of a filter.
pub const MAX_FILTER_CONDITIONS: usize = 50;
/// Maximum levels that conditions of a filter nest.
pub const MAX_FILTER_DEPTH: usize = 12;
/// Maximum values of a condition.
pub const MAX_FILTER_VALUES: usize = 1_000;
/// Maximum characters of a text that a condition compares.
pub const MAX_FILTER_TEXT_LENGTH: usize = 200;
/// Minimum letters and digits of a part of a text: an index finds no shorter one.
pub const MIN_FILTER_PART_LENGTH: usize = 3;

// Search.

/// Maximum characters of a text to look for.
pub const MAX_SEARCH_LENGTH: usize = 200;
/// Maximum words to look for.
pub const MAX_SEARCH_WORDS: usize = 10;

// Errors.

/// Maximum errors that a response reports.
pub const MAX_RESPONSE_ERRORS: usize = 100;
/// Maximum characters of an error message, without the mark of where it is cut.
pub const MAX_MESSAGE_LENGTH: usize = 999;

// HTTP.

/// Maximum bytes of a request: its document and its variables.
pub const MAX_REQUEST_SIZE: usize = 1 << 20;
/// Maximum values of a request: what a batch of requests with all the variables that they may have
/// comes to. A value takes many times more room than it takes to write it.
pub const MAX_REQUEST_VALUES: u64 = 2 * query_guard::limits::MAX_VALUES;
/// Maximum bytes of a request's target: its path and query string. Hyper's own limits are higher,
/// and its refusals have no body: this leaves 16 KiB of a head to the headers.
pub const MAX_TARGET_SIZE: usize = 48 << 10;
/// Maximum bytes of a request's head: its line, with the whole query, and its headers.
pub const MAX_HEAD_SIZE: usize = 64 << 10;
/// Maximum headers of a request.
pub const MAX_HEADERS: usize = 100;
/// Maximum bytes of a response; for more there are exports.
pub const MAX_RESPONSE_SIZE: u64 = 16 << 20;
/// Maximum seconds of `Retry-After`.
pub const MAX_RETRY_AFTER: u64 = 60;
