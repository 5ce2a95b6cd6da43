//! Syntax tree of an executable document, borrowed from its text, with the position of every node.
//!
//! Unlike the tree of `async-graphql-parser`, it keeps duplicate names, the source text of numbers, and
//! positions inside values.

use std::borrow::Cow;

use async_graphql_parser::Pos;

pub use async_graphql_parser::types::OperationType;

use crate::error::{ErrorKind, quote};

#[derive(Debug, Default)]
pub struct Document<'a> {
    pub operations: Vec<Operation<'a>>,
    pub fragments: Vec<Fragment<'a>>,
    pub size: Size,
}

/// The sizes of a document that are limited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    pub tokens: u64,
    pub aliases: u64,
    pub directives: u64,
    /// Definitions and uses of variables.
    pub variable_uses: u64,
    /// Maximum depth of nested brackets.
    pub nesting: u64,
}

impl<'a> Document<'a> {
    pub fn is_empty(&self) -> bool {
        self.operations.is_empty() && self.fragments.is_empty()
    }

    /// Returns the operation with a name, or the only operation.
    ///
    /// # Errors
    /// If no operation has the name, or if the document has several operations and `name` is `None`.
    pub fn operation(&self, name: Option<&str>) -> Result<&Operation<'a>, ErrorKind> {
        let has_name = |operation: &&Operation| operation.name.map(|name| name.text) == name;
        match (self.operations.as_slice(), name) {
            ([only], None) => return Ok(only),
            (operations, Some(_)) => operations.iter().find(has_name),
            _ => None,
        }
        .ok_or_else(|| {
            let names = self.operations.iter().filter_map(|operation| operation.name);
            let quoted: Vec<_> = names.take(MAX_LISTED).map(|name| quote(name.text)).collect();
            let names =
                if quoted.is_empty() { "no named operation".to_owned() } else { quoted.join(", ") };
            match name {
                Some(name) => ErrorKind::UnknownOperation { name: quote(name), names },
                None => ErrorKind::OperationNameRequired { names },
            }
        })
    }

    /// Returns the position of the first introspection field of the query root.
    pub fn introspection(&self) -> Option<Pos> {
        let operations = self.operations.iter().map(|operation| &operation.selection_set);
        let fragments = self.fragments.iter().map(|fragment| &fragment.selection_set);
        operations.chain(fragments).find_map(SelectionSet::introspection)
    }
}

/// Maximum number of operations that an error lists.
const MAX_LISTED: usize = 10;

#[derive(Clone, Copy, Debug)]
pub struct Name<'a> {
    pub text: &'a str,
    pub pos: Pos,
}

#[derive(Debug)]
pub struct Operation<'a> {
    pub pos: Pos,
    pub ty: OperationType,
    pub name: Option<Name<'a>>,
    pub variables: Vec<VariableDefinition<'a>>,
    pub directives: Vec<Directive<'a>>,
    pub selection_set: SelectionSet<'a>,
}

impl Operation<'_> {
    /// Returns whether all root fields are introspection fields.
    pub fn introspects_only(&self) -> bool {
        self.selection_set.items.iter().all(|item| match item {
            Selection::Field(field) => field.introspects(),
            _ => false,
        })
    }
}

#[derive(Debug)]
pub struct VariableDefinition<'a> {
    pub name: Name<'a>,
    pub ty: Type<'a>,
    pub default: Option<Value<'a>>,
    pub directives: Vec<Directive<'a>>,
}

/// A type reference, such as `[Int!]!`.
#[derive(Debug)]
pub struct Type<'a> {
    pub base: BaseType<'a>,
    pub non_null: bool,
    pub pos: Pos,
}

#[derive(Debug)]
pub enum BaseType<'a> {
    Named(&'a str),
    List(Box<Type<'a>>),
}

#[derive(Debug)]
pub struct Fragment<'a> {
    pub pos: Pos,
    pub name: Name<'a>,
    pub on: Name<'a>,
    pub directives: Vec<Directive<'a>>,
    pub selection_set: SelectionSet<'a>,
}

#[derive(Debug)]
pub struct SelectionSet<'a> {
    pub pos: Pos,
    pub items: Vec<Selection<'a>>,
}

impl SelectionSet<'_> {
    fn introspection(&self) -> Option<Pos> {
        self.items.iter().find_map(|item| match item {
            Selection::Field(field) => field.introspects().then_some(field.name.pos),
            Selection::Inline(inline) => inline.selection_set.introspection(),
            Selection::Spread(_) => None,
        })
    }
}

#[derive(Debug)]
pub enum Selection<'a> {
    Field(Field<'a>),
    Spread(Spread<'a>),
    Inline(Inline<'a>),
}

impl<'a> Selection<'a> {
    pub fn directives(&self) -> &[Directive<'a>] {
        match self {
            Self::Field(field) => &field.directives,
            Self::Spread(spread) => &spread.directives,
            Self::Inline(inline) => &inline.directives,
        }
    }

    pub fn pos(&self) -> Pos {
        match self {
            Self::Field(field) => field.response_key().pos,
            Self::Spread(spread) => spread.pos,
            Self::Inline(inline) => inline.pos,
        }
    }
}

#[derive(Debug)]
pub struct Field<'a> {
    pub alias: Option<Name<'a>>,
    pub name: Name<'a>,
    pub arguments: Vec<Argument<'a>>,
    pub directives: Vec<Directive<'a>>,
    pub selection_set: Option<SelectionSet<'a>>,
}

impl<'a> Field<'a> {
    /// Returns the alias, or the name of the field.
    pub fn response_key(&self) -> Name<'a> {
        self.alias.unwrap_or(self.name)
    }

    /// Returns whether it is an introspection field of the query root.
    pub fn introspects(&self) -> bool {
        ["__schema", "__type"].contains(&self.name.text)
    }
}

#[derive(Debug)]
pub struct Spread<'a> {
    pub pos: Pos,
    pub name: Name<'a>,
    pub directives: Vec<Directive<'a>>,
}

#[derive(Debug)]
pub struct Inline<'a> {
    pub pos: Pos,
    pub on: Option<Name<'a>>,
    pub directives: Vec<Directive<'a>>,
    pub selection_set: SelectionSet<'a>,
}

#[derive(Debug)]
pub struct Directive<'a> {
    pub pos: Pos,
    pub name: Name<'a>,
    pub arguments: Vec<Argument<'a>>,
}

/// An argument of a field or directive, or a field of an input object.
#[derive(Debug)]
pub struct Argument<'a> {
    pub name: Name<'a>,
    pub value: Value<'a>,
}

#[derive(Debug)]
pub struct Value<'a> {
    pub pos: Pos,
    pub kind: ValueKind<'a>,
}

#[derive(Debug)]
pub enum ValueKind<'a> {
    Variable(&'a str),
    /// The source text.
    Int(&'a str),
    /// The source text.
    Float(&'a str),
    String {
        value: Cow<'a, str>,
        block: bool,
    },
    Boolean(bool),
    Null,
    Enum(&'a str),
    List(Vec<Value<'a>>),
    Object(Vec<Argument<'a>>),
}
