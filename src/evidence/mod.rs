//! What evidence comes to: which of several claimed values is served, on which days something
//! holds, and what cannot all be true.
//!
//! All of it is decided when data comes in and kept in columns, so that a plain query reads
//! columns and nothing else.

pub mod contradictions;
pub mod preference;
pub mod seats;
pub mod validity;

pub use preference::{is_preferred_at, value_at};

/// The version of what is derived here. A database that was written by another one is derived
/// anew when it is opened.
pub const VERSION: i32 = 4;
