//! Parses, validates, prices and bounds GraphQL documents before they run.
//!
//! The verdict is that of the GraphQL specification, September 2025:
//!
//! ```text
//! text ── parse ──> Document ── validate ──> cost ──> lower ──> ExecutableDocument, for async-graphql
//!                       └─────── coerce ───> Variables
//! ```
//!
//! [`Guard`] takes all of these steps. Knows neither a transport nor a store, and no schema but the
//! one it is given. What it needs is bounded: the text by [`limits`] while it is read, validation by
//! the size of the document.

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
