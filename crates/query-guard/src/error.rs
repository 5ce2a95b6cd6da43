//! The ways in which a document or its variables can be wrong.

use std::borrow::Cow;

use async_graphql_parser::Pos;

use crate::limits::MAX_QUOTED;

/// An error and where it is. A conflict of two fields has two places; an operation that does not
/// exist has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    pub kind: Box<ErrorKind>,
    pub locations: Vec<Pos>,
}

/// What an error is about, in the terms of the specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    /// The text is not a document (section 2).
    Syntax,
    /// The document does not fit the schema (section 5).
    Validation,
    /// A variable cannot be coerced to its type (section 6.1.2).
    Variable,
    /// The document or its variables exceed a limit.
    Limit,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ErrorKind {
    // Syntax.
    #[error("Syntax error: unexpected {got}; expected {expected}.")]
    Unexpected { got: String, expected: &'static str },
    #[error("Syntax error: character {} is not allowed here{}.", quote_char(*got), character_hint(*got))]
    UnknownCharacter { got: char },
    #[error("Syntax error: the string is not closed.")]
    UnclosedString,
    #[error("Syntax error: {got} does not begin a valid escape sequence.")]
    NotAnEscape { got: String },
    #[error("Syntax error: {got} is not a number.")]
    NotANumber { got: String },

    // Limits.
    #[error("Too many {what}; the maximum is {max}.")]
    Limit { what: &'static str, got: u64, max: u64 },
    /// `share` of the cost lies at the field that `heaviest` leads to, by response names.
    #[error(
        "the document costs {cost}, and {max} is the most; {share} of it lies at `{heaviest}`: ask \
        for smaller pages, fewer levels or fewer fields there"
    )]
    Cost { cost: u64, max: u64, heaviest: String, share: u64 },

    // Operations.
    #[error("Operation {name} is defined more than once.")]
    DuplicateOperation { name: String },
    #[error("An anonymous operation must be the only operation of the document.")]
    AnonymousOperationNotAlone,
    #[error("Operation {name} does not exist; the document has {names}.")]
    UnknownOperation { name: String, names: String },
    #[error("The document has several operations; choose one with operationName: {names}.")]
    OperationNameRequired { names: String },
    #[error("The schema has no {ty} type.")]
    NoRootType { ty: &'static str },
    #[error("A subscription must select exactly one field at its root, unconditionally.")]
    SubscriptionRoot,

    // Fields.
    #[error("this server does not tell its schema: its keepers give it to you")]
    IntrospectionDisabled,
    #[error("Field {field} does not exist on type {ty}{hint}")]
    UnknownField { field: String, ty: String, hint: String },
    #[error("Field {field} of type {ty} must have a selection of subfields.")]
    MissingSelection { field: String, ty: String },
    #[error("Field {field} of type {ty} has no subfields.")]
    SelectionOnLeaf { field: String, ty: String },
    #[error("Fields {key} conflict: {reason}. Use different aliases to fetch both.")]
    Conflict { key: String, reason: String },

    // Arguments and values.
    #[error("Argument {argument} does not exist on {on}{hint}")]
    UnknownArgument { argument: String, on: String, hint: String },
    #[error("Argument {argument} is given more than once.")]
    DuplicateArgument { argument: String },
    #[error("Argument {argument} of type {ty} is required on {on}.")]
    MissingArgument { argument: String, ty: String, on: String },
    #[error("{place} must be of type {ty}{}, got {got}{hint}", parenthesized(rule))]
    WrongValue { place: String, ty: String, rule: String, got: String, hint: String },
    #[error("Field {field} does not exist on input type {ty}{hint}")]
    UnknownInputField { field: String, ty: String, hint: String },
    #[error("Input field {field} is given more than once.")]
    DuplicateInputField { field: String },
    #[error("Field {field} of type {field_ty} is required in input type {ty}.")]
    MissingInputField { field: String, field_ty: String, ty: String },
    #[error("Input type {ty} takes exactly one field, and it must not be null.")]
    OneOf { ty: String },

    // Fragments and types.
    #[error("Type {name} does not exist{hint}")]
    UnknownType { name: String, hint: String },
    #[error("A fragment cannot be on type {ty}, which has no fields.")]
    FragmentOnLeaf { ty: String },
    #[error("Fragment {name} is defined more than once.")]
    DuplicateFragment { name: String },
    #[error("Fragment {name} is not used.")]
    UnusedFragment { name: String },
    #[error("Fragment {name} does not exist{hint}")]
    UnknownFragment { name: String, hint: String },
    #[error("Fragment {name} spreads itself{}.", via_clause(via))]
    FragmentCycle { name: String, via: Vec<String> },
    #[error("{fragment} cannot be spread here: type {parent} can never be of type {on}.")]
    ImpossibleSpread { fragment: String, parent: String, on: String },

    // Directives.
    #[error("Directive {name} does not exist{hint}")]
    UnknownDirective { name: String, hint: String },
    #[error("Directive {name} is not allowed on {location}.")]
    MisplacedDirective { name: String, location: &'static str },
    #[error("Directive {name} is given more than once at one place.")]
    DuplicateDirective { name: String },

    // Variables.
    #[error("Variable {name} is defined more than once.")]
    DuplicateVariable { name: String },
    #[error("Variable {name} cannot have type {ty}, which is not an input type.")]
    VariableOfOutputType { name: String, ty: String },
    #[error("Variable {name} is not defined by {operation}.")]
    UndefinedVariable { name: String, operation: String },
    #[error("Variable {name} is not used in {operation}.")]
    UnusedVariable { name: String, operation: String },
    #[error("Variable {name} of type {ty} cannot be used where type {expected} is expected.")]
    VariableType { name: String, ty: String, expected: String },

    // Values of variables.
    #[error("Variable {name} of type {ty} is required.")]
    MissingVariable { name: String, ty: String },
    /// The place is empty where the error names it.
    #[error("{place}{error}")]
    VariableValue { place: String, error: Box<ErrorKind> },
}

impl ErrorKind {
    pub fn at(self, pos: Pos) -> Error {
        Error { kind: Box::new(self), locations: vec![pos] }
    }

    /// An error that is at no place in the document.
    pub fn nowhere(self) -> Error {
        Error { kind: Box::new(self), locations: Vec::new() }
    }

    /// Refuses more of something than its maximum.
    pub fn at_most(what: &'static str, got: u64, max: u64) -> Result<(), Self> {
        match got > max {
            true => Err(Self::Limit { what, got, max }),
            false => Ok(()),
        }
    }

    pub fn category(&self) -> Category {
        match self {
            Self::Unexpected { .. }
            | Self::UnknownCharacter { .. }
            | Self::UnclosedString
            | Self::NotAnEscape { .. }
            | Self::NotANumber { .. } => Category::Syntax,
            Self::Limit { .. } | Self::Cost { .. } => Category::Limit,
            Self::MissingVariable { .. } | Self::VariableValue { .. } => Category::Variable,
            _ => Category::Validation,
        }
    }
}

/// Quotes text of the request, truncated to [`MAX_QUOTED`] characters.
pub fn quote(text: &str) -> String {
    format!("\"{}\"", truncate(text, MAX_QUOTED))
}

/// Truncates a string to `max` characters and appends an ellipsis if it is longer.
pub fn truncate(text: &str, max: usize) -> Cow<'_, str> {
    match text.char_indices().nth(max) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}

/// Quotes a character, and escapes it if it is not printable.
fn quote_char(character: char) -> String {
    match character {
        '\'' => "\"'\"".to_owned(),
        _ => format!("\"{}\"", character.escape_debug()),
    }
}

fn character_hint(character: char) -> &'static str {
    match character {
        '\'' | '`' | '\u{2018}'..='\u{201f}' => "; strings are written in double quotes",
        '/' => "; comments begin with \"#\"",
        _ => "",
    }
}

fn parenthesized(rule: &str) -> String {
    if rule.is_empty() { String::new() } else { format!(" ({rule})") }
}

fn via_clause(via: &[String]) -> String {
    if via.is_empty() { String::new() } else { format!(" through {}", via.join(", ")) }
}
