//! A GraphQL server over the graph of inter-parliamentary assemblies.
//!
//! # Modules
//!
//! | module | purpose |
//! | --- | --- |
//! | [`cli`] | the command line; the only module that prints |
//! | [`check`] | a report on the data, for its maintainers |
//! | [`config`] | settings; the only module that reads the environment |
//! | [`telemetry`] | logging and, with the feature `otel`, export of spans |
//! | [`http`] | the HTTP server; the only module that uses axum |
//! | [`store`] | database connections and migrations |
//! | [`sql`] | helpers for SQL: a list of keys as one parameter, snapshot reads |
//! | [`import`] | import: reads, validates and applies data in one transaction |
//! | [`export`] | export: streams a snapshot of the data in open formats |
//! | [`evidence`] | preferred values, validity periods, contradictions |
//! | [`limits`] | limits of requests and responses |
//! | [`graph`] | the engine: batched reads of resolvers; contains no table names |
//! | [`sample`] | generated data of any size, for tests and benchmarks |
//! | [`schema`] | the GraphQL schema, built from the descriptions of record kinds; execution of requests |
//! | [`search`] | full-text search and its ranking |
//! | [`text`] | phrases of messages |
//!
//! | crate | purpose |
//! | --- | --- |
//! | `crates/fold` | folds names for comparison: ignores case, diacritics, punctuation and script |
//! | `crates/page-reader` | converts saved web pages to rows of the data set; does not depend on SeaORM |
//! | `crates/query-guard` | parses, validates and limits documents; does not depend on axum or SeaORM |
//! | `entity` | the tables, and the description of each kind of record |
//! | `migration` | the migrations |
//!
//! # Invariants
//!
//! - `graph` contains no table names; `entity` and `migration` depend neither on each other nor on the server.
//! - Only `graph/wave.rs` depends on a loader crate.
//! - No resolver builds SQL: it calls a method of `Graph` or `View`.
//! - All data is loaded in batches, and every list has a limit.
//! - Every document is parsed and validated by `query-guard` before execution.
//! - The cost of every operation is checked before execution, and execution stops at the timeout.
//! - Every rejected request gets an error with a code. An internal error contains only a reference to the log.
//! - All statements of a request read the same snapshot, and their number depends on the depth of the
//!   document, not on the number of rows.

pub mod check;
pub mod cli;
pub mod config;
pub mod evidence;
pub mod export;
pub mod graph;
pub mod http;
pub mod import;
pub mod limits;
pub mod sample;
pub mod schema;
pub mod search;
pub mod sql;
pub mod store;
pub mod telemetry;
pub mod text;

pub use fold;
