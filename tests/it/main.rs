//! One test crate. Every test runs on SQLite; where `TEST_POSTGRES_URL` is set, on PostgreSQL too.

mod batching;
mod cli;
mod contract;
mod drift;
mod executor;
mod hostile;
mod http;
mod identity;
mod import;
mod pages;
mod queries;
mod readme;
mod waves;
mod world;
