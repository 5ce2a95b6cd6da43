//! A GraphQL server over the graph of inter-parliamentary assemblies.
//!
//! # The map
//!
//! | module | what it is |
//! | --- | --- |
//! | [`cli`] | the commands; nothing else prints |
//! | [`check`] | the state of the data, for its keepers |
//! | [`config`] | each setting once; nothing else reads the environment |
//! | [`telemetry`] | log lines, and, with the feature `otel`, spans to a collector |
//! | [`http`] | the server on the wire; nothing else knows axum |
//! | [`store`] | databases: connect, settings, migrate |
//! | [`sql`] | what all modules that write SQL share: keys as one parameter, one state to read |
//! | [`import`] | how facts come in: read, judged, applied in one transaction |
//! | [`export`] | how data goes out: one state of it, streamed, in open formats |
//! | [`evidence`] | the rule that picks the served value, the days of things, contradictions |
//! | [`limits`] | what requests are held to |
//! | [`graph`] | the engine: how resolvers read; names no table |
//! | [`sample`] | a synthetic data set of any size, for tests and benchmarks |
//! | [`schema`] | the GraphQL schema, made of the descriptions of kinds; from a request to its response |
//! | [`search`] | records by their texts: what is found, and what comes first |
//!
//! | crate | what it is |
//! | --- | --- |
//! | `crates/fold` | folds names for comparison: ignores case, diacritics, punctuation and script |
//! | `crates/page-reader` | saved pages to rows of the data set; knows neither SeaORM nor our tables |
//! | `crates/query-guard` | parses, validates and bounds documents; knows neither axum nor SeaORM |
//! | `entity` | the tables, and the description of each kind of record, which all else reads |
//! | `migration` | the steps that make the tables |
//!
//! # Invariants
//!
//! - `graph` names no table; `entity` and `migration` know neither each other nor the server.
//! - Only `graph/wave.rs` knows a loader crate.
//! - No resolver builds SQL: it calls a method of `Graph` or `View`.
//! - Nothing is loaded outside a batch, and no list is without a limit.
//! - No document runs before `query-guard` has parsed and validated it, whichever way it comes in.
//! - Nothing runs before its cost is known and within the limit, and nothing runs on after its time.
//! - Every refusal is an error with a code; what is ours is told by a reference alone.
//! - All statements of a request read one state of the data, and their number depends on the
//!   depth of the document, never on the number of rows.

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

pub use fold;
