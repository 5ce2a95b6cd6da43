//! Errors of documents and of their variables.

use std::borrow::Cow;

use async_graphql_parser::Pos;

use crate::limits::MAX_QUOTED;

/// An error with its locations in the document: two for a field conflict, none for an operation that
/// does not exist, otherwise one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    pub kind: Box<ErrorKind>,
    pub locations: Vec<Pos>,
}

/// The section of the specification, or the limit, that a request violates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    /// The text has invalid syntax (section 2).
    Syntax,
    /// The document is invalid for the schema (section 5).
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
    UnexpectedToken { got: String, expected: &'static str },
    #[error("Syntax error: unexpected character {}{}.", quote_char(*got), character_hint(*got))]
    UnexpectedCharacter { got: char },
    #[error("Syntax error: unterminated string.")]
    UnterminatedString,
    #[error("Syntax error: invalid escape sequence {got}.")]
    InvalidEscape { got: String },
    #[error("Syntax error: invalid number {got}.")]
    InvalidNumber { got: String },

    // Limits.
    #[error("Too many {what}; the maximum is {}.", group_digits(*max))]
    Limit { what: &'static str, got: u64, max: u64 },
    /// `field` is the path of the most expensive field, as response names joined by dots.
    #[error(
        "The query cost {} exceeds the maximum of {}; the most expensive field is \"{field}\" ({}).",
        group_digits(*cost), group_digits(*max), group_digits(*field_cost)
    )]
    Cost { cost: u64, max: u64, field: String, field_cost: u64 },

    // Operations.
    #[error("Operation {name} is defined more than once.")]
    DuplicateOperation { name: String },
    #[error("An anonymous operation must be the only operation of the document.")]
    LoneAnonymousOperation,
    #[error("Operation {name} does not exist; the document defines {names}.")]
    UnknownOperation { name: String, names: String },
    #[error("The document defines several operations; set operationName to one of {names}.")]
    OperationNameRequired { names: String },
    #[error("The schema has no {ty} type.")]
    NoRootType { ty: &'static str },
    #[error(
        "A subscription must select exactly one root field, which must not be an introspection \
        field and must not use @skip or @include."
    )]
    SubscriptionRoot,

    // Fields.
    #[error("Introspection is disabled.")]
    IntrospectionDisabled,
    #[error("Field {field} does not exist on type {ty}{hint}")]
    UnknownField { field: String, ty: String, hint: String },
    #[error("Field {field} of type {ty} must have a selection of subfields.")]
    MissingSelection { field: String, ty: String },
    #[error("Field {field} of type {ty} must not have a selection of subfields.")]
    SelectionOnLeaf { field: String, ty: String },
    #[error("Fields {key} conflict because {reason}. Use different aliases to fetch both.")]
    Conflict { key: String, reason: String },

    // Arguments and values.
    #[error("Argument {argument} does not exist on {on}{hint}")]
    UnknownArgument { argument: String, on: String, hint: String },
    #[error("Argument {argument} is provided more than once.")]
    DuplicateArgument { argument: String },
    #[error("Argument {argument} of type {ty} is required on {on}.")]
    MissingArgument { argument: String, ty: String, on: String },
    /// `target` names the argument or variable, with the path to the value.
    #[error("{target} must be of type {ty}{}, got {got}{hint}", parenthesized(rule))]
    InvalidValue { target: String, ty: String, rule: String, got: String, hint: String },
    #[error("Field {field} does not exist on input type {ty}{hint}")]
    UnknownInputField { field: String, ty: String, hint: String },
    #[error("Input field {field} is provided more than once.")]
    DuplicateInputField { field: String },
    #[error("Field {field} of type {field_ty} is required in input type {ty}.")]
    MissingInputField { field: String, field_ty: String, ty: String },
    #[error("OneOf input type {ty} requires exactly one field, with a value other than null.")]
    OneOf { ty: String },

    // Fragments and types.
    #[error("Type {name} does not exist{hint}")]
    UnknownType { name: String, hint: String },
    #[error("A fragment cannot have type {ty}, which is not an object, interface or union type.")]
    InvalidTypeCondition { ty: String },
    #[error("Fragment {name} is defined more than once.")]
    DuplicateFragment { name: String },
    #[error("Fragment {name} is not used.")]
    UnusedFragment { name: String },
    #[error("Fragment {name} does not exist{hint}")]
    UnknownFragment { name: String, hint: String },
    #[error("Fragment {name} cannot spread itself{}.", via_clause(via))]
    FragmentCycle { name: String, via: Vec<String> },
    #[error(
        "{fragment} cannot be spread here: objects of type {parent} can never be of type {on}."
    )]
    ImpossibleSpread { fragment: String, parent: String, on: String },

    // Directives.
    #[error("Directive {name} does not exist{hint}")]
    UnknownDirective { name: String, hint: String },
    #[error("Directive {name} is not allowed on {location}.")]
    MisplacedDirective { name: String, location: &'static str },
    #[error("Directive {name} can only be used once at this location.")]
    DuplicateDirective { name: String },

    // Variables.
    #[error("Variable {name} is defined more than once.")]
    DuplicateVariable { name: String },
    #[error("Variable {name} cannot have type {ty}, which is not an input type.")]
    NonInputVariable { name: String, ty: String },
    #[error("Variable {name} is not defined by {operation}.")]
    UndefinedVariable { name: String, operation: String },
    #[error("Variable {name} is not used in {operation}.")]
    UnusedVariable { name: String, operation: String },
    #[error("Variable {name} of type {ty} cannot be used where type {expected} is expected.")]
    VariableType { name: String, ty: String, expected: String },

    // Values of variables.
    #[error("Variable {name} of type {ty} is required.")]
    MissingVariable { name: String, ty: String },
    /// `prefix` names the variable, or is empty if `error` names it.
    #[error("{prefix}{error}")]
    VariableValue { prefix: String, error: Box<ErrorKind> },
}

impl ErrorKind {
    pub fn at(self, pos: Pos) -> Error {
        Error { kind: Box::new(self), locations: vec![pos] }
    }

    /// Returns an error without a location in the document.
    pub fn without_location(self) -> Error {
        Error { kind: Box::new(self), locations: Vec::new() }
    }

    /// Returns [`Limit`](Self::Limit) if `got` exceeds `max`.
    pub fn check_limit(what: &'static str, got: u64, max: u64) -> Result<(), Self> {
        if got > max { Err(Self::Limit { what, got, max }) } else { Ok(()) }
    }

    pub fn category(&self) -> Category {
        match self {
            Self::UnexpectedToken { .. }
            | Self::UnexpectedCharacter { .. }
            | Self::UnterminatedString
            | Self::InvalidEscape { .. }
            | Self::InvalidNumber { .. } => Category::Syntax,
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
        '\'' | '`' | '\u{2018}'..='\u{201f}' => "; strings use double quotes",
        '/' => "; comments start with \"#\"",
        _ => "",
    }
}

fn parenthesized(rule: &str) -> String {
    if rule.is_empty() { String::new() } else { format!(" ({rule})") }
}

fn via_clause(via: &[String]) -> String {
    if via.is_empty() { String::new() } else { format!(" via {}", via.join(", ")) }
}

/// Formats a number with a comma between groups of three digits.
fn group_digits(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
