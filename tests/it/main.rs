//! The integration tests, in one crate. A test of a store runs as `…::sqlite`, and as `…::postgres` if
//! `TEST_POSTGRES_URL` is set; otherwise the latter is reported as ignored.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test says what it does, is set by variables, and may fail"
)]

mod batching;
mod cancel;
mod cases;
mod cli;
mod config;
mod connections;
mod cost;
mod coverage;
mod documented;
mod drift;
mod evidence;
mod executor;
mod explorer;
mod export;
mod export_http;
mod filters;
mod forged_input;
mod http;
mod identity;
mod import;
mod interrupted_import;
mod malicious_requests;
mod page;
mod pages;
mod panels;
mod plans;
mod popolo;
mod queries;
mod random;
mod readme;
mod relations;
mod roundtrip;
mod schema;
mod search;
mod server;
mod style;
mod values;
mod waves;
mod world;
