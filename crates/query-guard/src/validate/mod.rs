//! Validation (section 5 of the specification, September 2025).
//!
//! Each rule takes linear time or counts its steps against a limit, so validating a document within
//! [`limits`](crate::limits) takes milliseconds.

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

/// Validates all operations and fragments of a document.
///
/// # Errors
/// Returns all errors, or one error of [`Category::Limit`](crate::Category::Limit) if the document exceeds
/// `MAX_ERRORS` or `MAX_COMPARISONS`.
pub fn validate(schema: &Schema, document: &Document, suggestions: bool) -> Result<(), Vec<Error>> {
    let mut fragments = HashMap::new();
    for fragment in &document.fragments {
        fragments.entry(fragment.name.text).or_insert(fragment);
    }
    let types: Vec<Vec<_>> = document
        .operations
        .iter()
        .map(|operation| {
            operation.variables.iter().map(|variable| schema.ty(&variable.ty)).collect()
        })
        .collect();
    let validation = Validation {
        schema,
        document,
        fragments,
        suggestions,
        value_path: Vec::new(),
        errors: Vec::new(),
        has_too_many_errors: false,
    };
    validation.run(&types)
}

struct Validation<'a> {
    schema: &'a Schema,
    document: &'a Document<'a>,
    fragments: HashMap<&'a str, &'a Fragment<'a>>,
    suggestions: bool,
    /// The path to the current value, from its argument or variable.
    value_path: Vec<PathSegment<'a>>,
    errors: Vec<Error>,
    /// Whether the number of errors exceeds `MAX_ERRORS`.
    has_too_many_errors: bool,
}

#[derive(Clone, Copy)]
enum PathSegment<'a> {
    Argument(&'a str),
    /// The default value of a variable.
    Default(&'a str),
    Field(&'a str),
    Item(usize),
}

/// The references of an operation or a fragment.
#[derive(Default)]
struct References<'a> {
    variables: Vec<VariableUsage<'a>>,
    spreads: Vec<&'a str>,
}

/// A usage of a variable.
struct VariableUsage<'a> {
    name: &'a str,
    pos: Pos,
    location: Option<InputLocation<'a>>,
}

/// An argument, input field or list item that a value is provided for.
#[derive(Clone, Copy)]
struct InputLocation<'a> {
    ty: &'a Ty,
    /// Whether it has a default value other than null.
    has_default: bool,
    /// Whether it is a field of a `@oneOf` input object, which must not be null.
    one_of: bool,
}

impl<'a> Validation<'a> {
    /// Applies all rules; `types` are the types of the variables of each operation.
    fn run(mut self, types: &'a [Vec<Result<Ty, String>>]) -> Result<(), Vec<Error>> {
        let document = self.document;
        self.operation_names();
        let mut fragment_references = HashMap::new();
        for fragment in &document.fragments {
            let references = self.fragment(fragment);
            fragment_references.entry(fragment.name.text).or_insert(references);
        }
        let mut operation_references = Vec::new();
        for (operation, types) in document.operations.iter().zip(types) {
            operation_references.push(self.operation(operation, types));
        }
        let acyclic = self.fragment_cycles(&fragment_references);
        let mut used = HashSet::new();
        let operations = document.operations.iter().zip(&operation_references).zip(types);
        for ((operation, references), types) in operations {
            let reachable = reachable(references, &fragment_references);
            let reachable_references =
                reachable.iter().filter_map(|name| fragment_references.get(name));
            self.variables(operation, types, references, reachable_references.collect());
            used.extend(reachable);
        }
        self.unused_fragments(&used);
        // Merging does not terminate on a fragment cycle.
        if acyclic && !self.has_too_many_errors {
            self.merge().map_err(|limit| vec![limit])?;
        }
        if self.has_too_many_errors {
            let limit = ErrorKind::Limit {
                what: "validation errors",
                got: MAX_ERRORS + 1,
                max: MAX_ERRORS,
            };
            let locations = self.errors.pop().map(|error| error.locations).unwrap_or_default();
            return Err(vec![Error { kind: Box::new(limit), locations }]);
        }
        if self.errors.is_empty() { Ok(()) } else { Err(self.errors) }
    }

    fn report(&mut self, pos: Pos, kind: impl FnOnce(&Self) -> ErrorKind) {
        self.has_too_many_errors |= self.errors.len() as u64 >= MAX_ERRORS;
        if !self.has_too_many_errors {
            let error = kind(self).at(pos);
            self.errors.push(error);
        }
    }

    /// Returns the end of a message about an unknown name.
    fn hint<'n>(&self, unknown: &str, names: impl Iterator<Item = &'n str>) -> String {
        hint(self.suggestions, unknown, names)
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

    /// Returns the type of a type condition; reports it if it is unknown or not composite.
    fn type_condition(&mut self, name: &'a str, pos: Pos) -> Option<usize> {
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

    fn unknown_type(&mut self, name: &str, pos: Pos, is_allowed: fn(&Schema, usize) -> bool) {
        self.report(pos, |this| {
            let ids = (0..this.schema.types.len()).filter(|id| is_allowed(this.schema, *id));
            let hint = this.hint(name, ids.map(|id| this.schema.name(id)));
            ErrorKind::UnknownType { name: quote(name), hint }
        });
    }
}

/// Returns the fragments that an operation spreads, directly or through other fragments.
fn reachable<'a>(
    from: &References<'a>,
    fragments: &HashMap<&'a str, References<'a>>,
) -> HashSet<&'a str> {
    let mut reached = HashSet::new();
    let mut pending: Vec<&str> = from.spreads.clone();
    while let Some(name) = pending.pop() {
        if let Some(references) = fragments.get(name)
            && reached.insert(name)
        {
            pending.extend(&references.spreads);
        }
    }
    reached
}

/// Formats an operation for an error message.
fn describe(operation: &Operation) -> String {
    match operation.name {
        Some(name) => format!("operation {}", quote(name.text)),
        None => "the operation".to_owned(),
    }
}
