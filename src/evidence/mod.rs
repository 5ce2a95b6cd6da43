//! Derives data from evidence: preferred values, validity periods and contradictions.
//!
//! Everything is derived during an import and stored in columns, so that queries only read columns.

pub mod contradictions;
pub mod preference;
pub mod seats;
pub mod validity;

pub use preference::{is_preferred_at, value_at};

/// The version of the derived data. A database with another version is derived again when it is
/// opened.
pub const VERSION: i32 = 4;
