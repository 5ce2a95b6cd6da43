//! Test cases for the rules of the specification, over a small schema.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod coerce;
mod corpus;
mod cost;
mod guard;
mod introspection;
mod limits;
mod lower;
mod parse;
mod validate;

use async_graphql_parser::types::{ExecutableDocument, Field, Selection};
use query_guard::{Error, Schema, Variables, coerce, lower, parse, validate};
use serde_json::Value;

/// A schema with every kind of type, and with fields of the same name and different types.
pub const SDL: &str = include_str!("pets.graphql");

fn even(text: &str) -> Result<(), String> {
    match text.len() % 2 {
        0 => Ok(()),
        _ => Err("a string of even length".to_owned()),
    }
}

pub fn schema() -> Schema {
    Schema::new(SDL, &[("Even", even)]).unwrap()
}

/// Returns the error messages of a document.
pub fn errors(text: &str) -> Vec<String> {
    let errors = match parse(text) {
        Err(error) => vec![error],
        Ok(document) => validate(&schema(), &document, true).err().unwrap_or_default(),
    };
    errors.into_iter().map(message).collect()
}

/// Formats an error with its locations.
pub fn message(error: Error) -> String {
    let locations = error.locations.iter().map(|pos| format!("{}:{}", pos.line, pos.column));
    format!("{} {}", locations.collect::<Vec<_>>().join(" "), error.kind)
}

/// Lowers the first operation of a valid document and coerces its variables.
pub fn prepare(text: &str, variables: Value) -> (ExecutableDocument, Variables) {
    let (schema, document) = (schema(), parse(text).unwrap());
    validate(&schema, &document, true).unwrap();
    let operation = &document.operations[0];
    let variables = coerce(&schema, operation, Variables::from_json(variables), true).unwrap();
    (lower(&document, operation, &variables), variables)
}

pub fn first_field(document: &ExecutableDocument) -> &Field {
    let (_, operation) = document.operations.iter().next().unwrap();
    match &operation.node.selection_set.node.items[0].node {
        Selection::Field(field) => &field.node,
        other => panic!("{other:?}"),
    }
}
