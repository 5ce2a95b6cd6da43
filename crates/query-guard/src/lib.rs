//! Validates GraphQL documents, computes their cost and enforces limits before execution.
//!
//! Validation follows the GraphQL specification of September 2025:
//!
//! ```text
//! text ── parse ──> Document ── validate ──> cost ──> lower ──> ExecutableDocument, for async-graphql
//!                       └─────── coerce ───> Variables
//! ```
//!
//! [`Guard`] runs all of these steps. [`limits`] bounds the size of a document while it is parsed, and
//! the time that validation takes.

pub mod ast;
mod coerce;
mod cost;
mod error;
#[doc(hidden)]
pub mod fuzz;
mod guard;
mod introspection;
mod lexer;
pub mod limits;
mod lower;
mod parser;
mod schema;
mod sdl;
mod suggest;
mod validate;

pub use async_graphql_value::Variables;
pub use coerce::{coerce, defaults};
pub use cost::{Cost, Costs, ListSize};
pub use error::{Category, Error, ErrorKind, quote, truncate};
pub use guard::{Guard, Options, Prepared, Rejection, Summary};
pub use lower::lower;
pub use parser::parse;
pub use schema::{ScalarRule, Schema, SchemaError};
pub use sdl::parse_sdl;
pub use validate::validate;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
