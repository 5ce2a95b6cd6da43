//! Detects contradictions (`find`) and stores them together with the curated ones of the data set
//! (`store`). Neither resolves them.

mod find;
mod store;

pub use find::{contradicting_claims, records_bounded_by};
pub use store::{link_claims, link_records, records_with_dangling_claims, refresh, remove_claims};
