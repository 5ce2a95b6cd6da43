//! What cannot all be true: looked for by `find`, and kept by `keep` beside what the data's keepers
//! wrote down. Neither settles anything.

mod find;
mod keep;

pub use find::{bounded_by, sides};
pub use keep::{awaiting, link_claims, link_records, refresh, remove_claims};
