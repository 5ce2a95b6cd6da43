//! Limits of documents and variables. The parser enforces the limits of the document, validation,
//! coercion and cost analysis enforce the others.

/// Maximum number of tokens of a document: names, numbers, strings and punctuation.
pub const MAX_TOKENS: u64 = 20_000;
/// Maximum number of aliases of a document.
pub const MAX_ALIASES: u64 = 500;
/// Maximum number of directives of a document.
pub const MAX_DIRECTIVES: u64 = 200;
/// Maximum number of definitions and uses of variables in a document.
pub const MAX_VARIABLE_USES: u64 = 1_000;
/// Maximum length of a name, since suggestions compare an unknown name with all known names.
pub const MAX_NAME_LENGTH: u64 = 200;
/// Maximum depth of nested brackets. It bounds the recursion of the parser and of validation.
pub const MAX_NESTING: u64 = 100;
/// Maximum number of fragments of a document.
pub const MAX_FRAGMENTS: u64 = 1_000;
/// Maximum number of operations of a document, since variables are validated for each operation.
pub const MAX_OPERATIONS: u64 = 50;
/// Maximum number of variables of an operation.
pub const MAX_VARIABLES: u64 = 200;
/// Maximum number of values in the variables of a request, counting list items and object fields.
pub const MAX_VALUES: u64 = 20_000;
/// Maximum number of selections and argument values that field selection merging compares. A selection
/// counts for each set of fields that it is merged into.
pub const MAX_COMPARISONS: u64 = 100_000;
/// Maximum number of selections that are collected to count the fields of an introspection result.
pub const MAX_COLLECTED: u64 = 500_000;
/// Maximum number of validation errors.
pub const MAX_ERRORS: u64 = 200;
/// Maximum length of text from the request in an error message.
pub const MAX_QUOTED: usize = 80;
