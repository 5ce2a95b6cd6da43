pub mod graph;
pub mod schema;
