//! The rules of the specification as tables of cases, over a small schema.
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

/// Has every kind of type, and fields of one name that differ.
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

/// The errors of a document, as their messages.
pub fn errors(text: &str) -> Vec<String> {
    let errors = match parse(text) {
        Err(error) => vec![error],
        Ok(document) => validate(&schema(), &document, true).err().unwrap_or_default(),
    };
    errors.into_iter().map(message).collect()
}

/// An error with the lines and columns that it names.
pub fn message(error: Error) -> String {
    let places = error.locations.iter().map(|pos| format!("{}:{}", pos.line, pos.column));
    format!("{} {}", places.collect::<Vec<_>>().join(" "), error.kind)
}

/// The first operation of a valid document as it is executed, and its variables.
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
