//! The rules of the specification as tables of cases, over a small schema.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod coerce;
mod corpus;
mod introspection;
mod limits;
mod lower;
mod parse;
mod validate;

use query_guard::{Error, Schema, parse};

/// Has every kind of type, and fields of one name that differ.
pub const SDL: &str = include_str!("pets.graphql");

fn even(text: &str) -> Result<(), String> {
    match text.len() % 2 {
        0 => Ok(()),
        _ => Err("a text of even length".to_owned()),
    }
}

pub fn schema() -> Schema {
    Schema::new(SDL, &[("Even", even)]).unwrap()
}

/// The errors of a document, as their messages.
pub fn errors(text: &str) -> Vec<String> {
    let errors = match parse(text) {
        Err(error) => vec![error],
        Ok((document, _)) => {
            query_guard::validate(&schema(), &document, true).err().unwrap_or_default()
        }
    };
    errors.into_iter().map(message).collect()
}

/// An error with the lines and columns that it names.
pub fn message(error: Error) -> String {
    let places = error.locations.iter().map(|pos| format!("{}:{}", pos.line, pos.column));
    format!("{} {}", places.collect::<Vec<_>>().join(" "), error.kind)
}
