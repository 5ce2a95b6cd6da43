//! The limits of a document and of its variables. Those of its text are checked while it is read; the
//! others while it is validated and coerced, and its introspection counted.

/// Maximum tokens of a document: names, numbers, strings and punctuation.
pub const MAX_TOKENS: u64 = 20_000;
/// Maximum aliases of a document.
pub const MAX_ALIASES: u64 = 500;
/// Maximum directives of a document.
pub const MAX_DIRECTIVES: u64 = 200;
/// Maximum places of a document that name a variable.
pub const MAX_VARIABLE_USES: u64 = 1_000;
/// Maximum characters of a name: an unknown one is compared with all known ones.
pub const MAX_NAME_LENGTH: u64 = 200;
/// Maximum brackets open at one place; it bounds the recursion of all that reads a document.
pub const MAX_NESTING: u64 = 100;
/// Maximum fragments of a document.
pub const MAX_FRAGMENTS: u64 = 1_000;
/// Maximum operations of a document: variables are checked for each of them.
pub const MAX_OPERATIONS: u64 = 50;
/// Maximum variables of an operation.
pub const MAX_VARIABLES: u64 = 200;
/// Maximum values in all variables of a request: each item of a list and each field of an object.
pub const MAX_VALUES: u64 = 20_000;
/// Maximum selections and arguments compared to find out whether fields can be merged; a selection
/// counts again for each set of fields that it is merged into.
pub const MAX_COMPARISONS: u64 = 100_000;
/// Maximum selections collected to count what introspection returns.
pub const MAX_COLLECTED: u64 = 500_000;
/// Maximum errors found in a document: more than a response reports.
pub const MAX_ERRORS: u64 = 200;
/// Maximum characters of a request that an error message repeats.
pub const MAX_QUOTED: usize = 80;
