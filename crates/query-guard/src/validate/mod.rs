//! Whether a document fits the schema, by section 5 of the specification (September 2025).
//!
//! Every rule is linear in the document, or counts its work against a limit: a document within the
//! limits of [`limits`](crate::limits) is judged in milliseconds whatever it says.

mod fragments;
mod merge;
mod selections;
mod values;
mod variables;

use std::collections::{HashMap, HashSet};

use async_graphql_parser::Pos;

use crate::{
    ast::{Document, Fragment, Operation, OperationType},
    error::{Error, ErrorKind, quote},
    limits::MAX_ERRORS,
    schema::{Schema, Ty},
    suggest::hint,
};

/// Checks a document: all its operations and fragments.
///
/// # Errors
/// All errors; or one of [`Category::Limit`](crate::Category::Limit) where there are too many, or
/// where it takes too many comparisons to find out whether fields can be merged.
pub fn validate(schema: &Schema, document: &Document, suggestions: bool) -> Result<(), Vec<Error>> {
    let mut fragments = HashMap::new();
    for fragment in &document.fragments {
        fragments.entry(fragment.name.text).or_insert(fragment);
    }
    let types: Vec<Vec<_>> = document
        .operations
        .iter()
        .map(|operation| operation.variables.iter().map(|one| schema.ty(&one.ty)).collect())
        .collect();
    let validation = Validation {
        schema,
        document,
        fragments,
        suggestions,
        place: Vec::new(),
        errors: Vec::new(),
        excess: false,
    };
    validation.run(&types)
}

struct Validation<'a> {
    schema: &'a Schema,
    document: &'a Document<'a>,
    fragments: HashMap<&'a str, &'a Fragment<'a>>,
    suggestions: bool,
    /// Where the value at hand is, from the argument or variable on.
    place: Vec<Place<'a>>,
    errors: Vec<Error>,
    /// Whether there are more errors than are kept.
    excess: bool,
}

/// A step to a value.
#[derive(Clone, Copy)]
enum Place<'a> {
    Argument(&'a str),
    Default(&'a str),
    Field(&'a str),
    Item(usize),
}

/// What an operation or a fragment refers to.
#[derive(Default)]
struct References<'a> {
    variables: Vec<Usage<'a>>,
    spreads: Vec<&'a str>,
}

/// A place that uses a variable.
struct Usage<'a> {
    name: &'a str,
    pos: Pos,
    expected: Option<Expected<'a>>,
}

/// What is expected of a value at its place.
#[derive(Clone, Copy)]
struct Expected<'a> {
    ty: &'a Ty,
    /// Whether the place has a default that is not null.
    default: bool,
    /// Whether it is a field of a `@oneOf` input object, which must not be null.
    one_of: bool,
}

impl<'a> Validation<'a> {
    /// Applies all rules; `types` are those of the variables of each operation.
    fn run(mut self, types: &'a [Vec<Result<Ty, String>>]) -> Result<(), Vec<Error>> {
        let document = self.document;
        self.operation_names();
        let mut of_fragments = HashMap::new();
        for fragment in &document.fragments {
            let references = self.fragment(fragment);
            of_fragments.entry(fragment.name.text).or_insert(references);
        }
        let mut of_operations = Vec::new();
        for (operation, types) in document.operations.iter().zip(types) {
            of_operations.push(self.operation(operation, types));
        }
        let acyclic = self.fragment_cycles(&of_fragments);
        let mut used = HashSet::new();
        for ((operation, own), types) in document.operations.iter().zip(&of_operations).zip(types) {
            let reachable = reachable(own, &of_fragments);
            let references = reachable.iter().filter_map(|name| of_fragments.get(name));
            self.variables(operation, types, own, references.collect());
            used.extend(reachable);
        }
        self.unused_fragments(&used);
        // A cycle has no end to merge, and is an error already.
        if acyclic && !self.excess {
            self.merge().map_err(|limit| vec![limit])?;
        }
        if self.excess {
            let limit = ErrorKind::Limit {
                what: "validation errors",
                got: MAX_ERRORS + 1,
                max: MAX_ERRORS,
            };
            let locations = self.errors.pop().map(|error| error.locations).unwrap_or_default();
            return Err(vec![Error { kind: Box::new(limit), locations }]);
        }
        match self.errors.is_empty() {
            true => Ok(()),
            false => Err(self.errors),
        }
    }

    fn report(&mut self, pos: Pos, kind: impl FnOnce(&Self) -> ErrorKind) {
        self.excess |= self.errors.len() as u64 >= MAX_ERRORS;
        if !self.excess {
            let error = kind(self).at(pos);
            self.errors.push(error);
        }
    }

    /// The end of a message about an unknown name.
    fn hint<'n>(&self, unknown: &str, known: impl Iterator<Item = &'n str>) -> String {
        hint(self.suggestions, unknown, known)
    }

    fn operation_names(&mut self) {
        let operations = &self.document.operations;
        let mut names = HashSet::new();
        for operation in operations {
            match operation.name {
                Some(name) if !names.insert(name.text) => {
                    let name = quote(name.text);
                    self.report(operation.pos, |_| ErrorKind::DuplicateOperation { name });
                }
                None if operations.len() > 1 => {
                    self.report(operation.pos, |_| ErrorKind::LoneAnonymousOperation);
                }
                _ => {}
            }
        }
    }

    fn operation(
        &mut self,
        operation: &'a Operation<'a>,
        types: &'a [Result<Ty, String>],
    ) -> References<'a> {
        let mut references = References::default();
        let (ty, location) = match operation.ty {
            OperationType::Query => ("query", "QUERY"),
            OperationType::Mutation => ("mutation", "MUTATION"),
            OperationType::Subscription => ("subscription", "SUBSCRIPTION"),
        };
        let root = self.schema.root(operation.ty);
        if root.is_none() {
            self.report(operation.pos, |_| ErrorKind::NoRootType { ty });
        }
        self.directives(&operation.directives, location, &mut references);
        self.variable_definitions(operation, types, &mut references);
        self.selection_set(root, &operation.selection_set, &mut references);
        if operation.ty == OperationType::Subscription {
            self.subscription_root(operation);
        }
        references
    }

    /// The type of a type condition, if it exists and has fields.
    fn composite(&mut self, name: &'a str, pos: Pos) -> Option<usize> {
        let Some(id) = self.schema.id(name) else {
            self.unknown_type(name, pos, Schema::is_composite);
            return None;
        };
        if !self.schema.is_composite(id) {
            self.report(pos, |_| ErrorKind::InvalidTypeCondition { ty: quote(name) });
            return None;
        }
        Some(id)
    }

    fn unknown_type(&mut self, name: &str, pos: Pos, fits: fn(&Schema, usize) -> bool) {
        self.report(pos, |this| {
            let known = (0..this.schema.types.len()).filter(|id| fits(this.schema, *id));
            let hint = this.hint(name, known.map(|id| this.schema.name(id)));
            ErrorKind::UnknownType { name: quote(name), hint }
        });
    }
}

/// The fragments that an operation spreads, directly or not.
fn reachable<'a>(
    from: &References<'a>,
    fragments: &HashMap<&'a str, References<'a>>,
) -> HashSet<&'a str> {
    let mut reached = HashSet::new();
    let mut ahead: Vec<&str> = from.spreads.clone();
    while let Some(name) = ahead.pop() {
        if let Some(references) = fragments.get(name)
            && reached.insert(name)
        {
            ahead.extend(&references.spreads);
        }
    }
    reached
}

/// An operation as an error message names it.
fn describe(operation: &Operation) -> String {
    match operation.name {
        Some(name) => format!("operation {}", quote(name.text)),
        None => "the operation".to_owned(),
    }
}
