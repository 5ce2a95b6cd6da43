//! Recursive descent parser for executable documents (section 2 of the specification, September 2025).
//!
//! Enforces [`limits`](crate::limits) while parsing: `MAX_NESTING` bounds the depth of recursion.

use async_graphql_parser::Pos;

use crate::{
    ast::{
        Argument, BaseType, Directive, Document, Field, Fragment, Inline, Name, Operation,
        OperationType, Selection, SelectionSet, Size, Spread, Type, Value, ValueKind,
        VariableDefinition,
    },
    error::{Error, ErrorKind},
    lexer::{Lexer, Token},
    limits::{
        MAX_ALIASES, MAX_DIRECTIVES, MAX_FRAGMENTS, MAX_NESTING, MAX_OPERATIONS, MAX_TOKENS,
        MAX_VARIABLE_USES, MAX_VARIABLES,
    },
};

/// Parses an executable document.
///
/// # Errors
/// Returns an error of [`Category::Syntax`](crate::Category::Syntax) or [`Category::Limit`](crate::Category::Limit).
pub fn parse(text: &str) -> Result<Document<'_>, Error> {
    let mut parser = Parser::new(text, true)?;
    let mut document = parser.document()?;
    document.size = Size { tokens: parser.lexer.tokens, ..parser.size };
    Ok(document)
}

const ARGUMENT: &str = "an argument or \")\"";
const INPUT_FIELD: &str = "an input field or \"}\"";
const ITEM: &str = "a value or \"]\"";

pub(crate) struct Parser<'a> {
    lexer: Lexer<'a>,
    /// The next token and its position.
    pub token: Token<'a>,
    pub pos: Pos,
    /// The position of the previous token.
    previous_pos: Pos,
    /// The number of open brackets.
    open: u64,
    size: Size,
    /// Whether limits apply. The SDL of a schema is trusted.
    has_limits: bool,
}

impl<'a> Parser<'a> {
    pub fn new(text: &'a str, has_limits: bool) -> Result<Self, Error> {
        let mut lexer = Lexer::new(text, if has_limits { MAX_TOKENS } else { u64::MAX });
        let (token, pos) = lexer.next_token()?;
        Ok(Self {
            lexer,
            token,
            pos,
            previous_pos: pos,
            open: 0,
            size: Size::default(),
            has_limits,
        })
    }

    fn check_limit(&self, what: &'static str, got: u64, max: u64, pos: Pos) -> Result<(), Error> {
        if self.has_limits {
            ErrorKind::check_limit(what, got, max).map_err(|kind| kind.at(pos))
        } else {
            Ok(())
        }
    }

    pub fn advance(&mut self) -> Result<Token<'a>, Error> {
        let (token, pos) = self.lexer.next_token()?;
        self.previous_pos = std::mem::replace(&mut self.pos, pos);
        Ok(std::mem::replace(&mut self.token, token))
    }

    pub fn unexpected<T>(&self, expected: &'static str) -> Result<T, Error> {
        Err(ErrorKind::UnexpectedToken { got: self.token.describe(), expected }.at(self.pos))
    }

    pub fn at(&self, character: char) -> bool {
        self.token == Token::Punctuator(character)
    }

    pub fn take(&mut self, character: char) -> Result<bool, Error> {
        let found = self.at(character);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    pub fn expect(&mut self, character: char, expected: &'static str) -> Result<(), Error> {
        if self.take(character)? { Ok(()) } else { self.unexpected(expected) }
    }

    pub fn name(&mut self, expected: &'static str) -> Result<Name<'a>, Error> {
        let pos = self.pos;
        let Token::Name(text) = self.token else { return self.unexpected(expected) };
        self.advance()?;
        Ok(Name { text, pos })
    }

    pub fn at_keyword(&self, keyword: &str) -> bool {
        matches!(self.token, Token::Name(name) if name == keyword)
    }

    /// Parses zero or more items in brackets. The current token is the opening bracket; `expected`
    /// describes an item.
    fn any<T>(
        &mut self,
        close: char,
        expected: &'static str,
        mut item: impl FnMut(&mut Self) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        self.open()?;
        let mut items = Vec::new();
        while !self.at(close) {
            if self.token == Token::End {
                return self.unexpected(expected);
            }
            items.push(item(self)?);
        }
        self.close(close, expected)?;
        Ok(items)
    }

    /// Parses one or more items in brackets.
    pub fn many<T>(
        &mut self,
        close: char,
        expected: &'static str,
        item: impl FnMut(&mut Self) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let items = self.any(close, expected, item)?;
        if items.is_empty() {
            let got = format!("\"{close}\"");
            // Remove the closing bracket from the description.
            let expected = expected.rsplit_once(" or ").map_or(expected, |(item, _)| item);
            return Err(ErrorKind::UnexpectedToken { got, expected }.at(self.previous_pos));
        }
        Ok(items)
    }

    fn open(&mut self) -> Result<(), Error> {
        self.open += 1;
        self.check_limit("levels of nested brackets", self.open, MAX_NESTING, self.pos)?;
        self.size.nesting = self.size.nesting.max(self.open);
        self.advance()?;
        Ok(())
    }

    fn close(&mut self, close: char, expected: &'static str) -> Result<(), Error> {
        self.open -= 1;
        self.expect(close, expected)
    }

    fn document(&mut self) -> Result<Document<'a>, Error> {
        let mut document = Document::default();
        while self.token != Token::End || document.is_empty() {
            let pos = self.pos;
            let has_description = matches!(self.token, Token::String { .. });
            if has_description {
                self.advance()?;
            }
            match self.token {
                Token::Name("fragment") => {
                    document.fragments.push(self.fragment(pos)?);
                    let count = document.fragments.len() as u64;
                    self.check_limit("fragments", count, MAX_FRAGMENTS, pos)?;
                }
                Token::Name("query" | "mutation" | "subscription") => {
                    document.operations.push(self.operation(pos)?);
                }
                Token::Punctuator('{') if !has_description => {
                    let selection_set = self.selection_set()?;
                    document.operations.push(Operation {
                        pos,
                        ty: OperationType::Query,
                        name: None,
                        variables: Vec::new(),
                        directives: Vec::new(),
                        selection_set,
                    });
                }
                _ => return self.unexpected("\"{\", \"query\" or \"fragment\""),
            }
            let count = document.operations.len() as u64;
            self.check_limit("operations", count, MAX_OPERATIONS, pos)?;
        }
        Ok(document)
    }

    fn operation(&mut self, pos: Pos) -> Result<Operation<'a>, Error> {
        let ty = match self.advance()? {
            Token::Name("mutation") => OperationType::Mutation,
            Token::Name("subscription") => OperationType::Subscription,
            _ => OperationType::Query,
        };
        let name = match self.token {
            Token::Name(_) => Some(self.name("a name")?),
            _ => None,
        };
        let variables = if self.at('(') {
            self.many(')', "a variable or \")\"", Self::variable_definition)?
        } else {
            Vec::new()
        };
        self.check_limit("variables", variables.len() as u64, MAX_VARIABLES, pos)?;
        let directives = self.directives(false)?;
        let selection_set = self.selection_set()?;
        Ok(Operation { pos, ty, name, variables, directives, selection_set })
    }

    fn variable_definition(&mut self) -> Result<VariableDefinition<'a>, Error> {
        if matches!(self.token, Token::String { .. }) {
            self.advance()?;
        }
        let name = self.variable()?;
        self.expect(':', "\":\" and a type")?;
        let ty = self.ty()?;
        let default = if self.take('=')? { Some(self.value(true)?) } else { None };
        let directives = self.directives(true)?;
        Ok(VariableDefinition { name, ty, default, directives })
    }

    fn variable(&mut self) -> Result<Name<'a>, Error> {
        let pos = self.pos;
        self.expect('$', "a variable, such as $name, or \")\"")?;
        self.size.variable_uses += 1;
        let uses = self.size.variable_uses;
        self.check_limit("uses of variables", uses, MAX_VARIABLE_USES, pos)?;
        let Name { text, .. } = self.name("the name of a variable")?;
        Ok(Name { text, pos })
    }

    pub fn ty(&mut self) -> Result<Type<'a>, Error> {
        let pos = self.pos;
        let base = if self.at('[') {
            self.open()?;
            let inner = self.ty()?;
            self.close(']', "\"]\"")?;
            BaseType::List(Box::new(inner))
        } else {
            BaseType::Named(self.name("a type")?.text)
        };
        let non_null = self.take('!')?;
        Ok(Type { base, non_null, pos })
    }

    fn fragment(&mut self, pos: Pos) -> Result<Fragment<'a>, Error> {
        self.advance()?;
        if self.at_keyword("on") {
            return self.unexpected("the name of the fragment");
        }
        let name = self.name("the name of the fragment")?;
        if !self.at_keyword("on") {
            return self.unexpected("\"on\" and a type");
        }
        self.advance()?;
        let on = self.name("a type")?;
        let directives = self.directives(false)?;
        let selection_set = self.selection_set()?;
        Ok(Fragment { pos, name, on, directives, selection_set })
    }

    fn selection_set(&mut self) -> Result<SelectionSet<'a>, Error> {
        let pos = self.pos;
        if !self.at('{') {
            return self.unexpected("\"{\" and a selection");
        }
        let items = self.many('}', "a field or fragment or \"}\"", Self::selection)?;
        Ok(SelectionSet { pos, items })
    }

    fn selection(&mut self) -> Result<Selection<'a>, Error> {
        if self.token != Token::Spread {
            return self.field().map(Selection::Field);
        }
        let pos = self.pos;
        self.advance()?;
        let on = if self.at_keyword("on") {
            self.advance()?;
            Some(self.name("a type")?)
        } else if let Token::Name(_) = self.token {
            let name = self.name("the name of a fragment")?;
            let directives = self.directives(false)?;
            return Ok(Selection::Spread(Spread { pos, name, directives }));
        } else {
            None
        };
        let directives = self.directives(false)?;
        let selection_set = self.selection_set()?;
        Ok(Selection::Inline(Inline { pos, on, directives, selection_set }))
    }

    fn field(&mut self) -> Result<Field<'a>, Error> {
        let first = self.name("a field or fragment or \"}\"")?;
        let (alias, name) = if self.at(':') {
            self.size.aliases += 1;
            self.check_limit("aliases", self.size.aliases, MAX_ALIASES, first.pos)?;
            self.advance()?;
            (Some(first), self.name("the name of a field")?)
        } else {
            (None, first)
        };
        let arguments = self.arguments(false)?;
        let directives = self.directives(false)?;
        let selection_set = if self.at('{') { Some(self.selection_set()?) } else { None };
        Ok(Field { alias, name, arguments, directives, selection_set })
    }

    fn arguments(&mut self, constant: bool) -> Result<Vec<Argument<'a>>, Error> {
        if self.at('(') {
            self.many(')', ARGUMENT, |parser| parser.argument(constant, ARGUMENT))
        } else {
            Ok(Vec::new())
        }
    }

    /// Parses an argument, or a field of an input object.
    fn argument(&mut self, constant: bool, expected: &'static str) -> Result<Argument<'a>, Error> {
        let name = self.name(expected)?;
        self.expect(':', "\":\" and a value")?;
        Ok(Argument { name, value: self.value(constant)? })
    }

    /// Parses an item of a list value.
    fn item(&mut self, constant: bool) -> Result<Value<'a>, Error> {
        match self.token {
            Token::Punctuator('$' | '[' | '{') => self.value(constant),
            Token::Punctuator(_) | Token::Spread => self.unexpected(ITEM),
            _ => self.value(constant),
        }
    }

    pub fn directives(&mut self, constant: bool) -> Result<Vec<Directive<'a>>, Error> {
        let mut directives = Vec::new();
        while self.at('@') {
            let pos = self.pos;
            self.size.directives += 1;
            self.check_limit("directives", self.size.directives, MAX_DIRECTIVES, pos)?;
            self.advance()?;
            let name = self.name("the name of a directive")?;
            let arguments = self.arguments(constant)?;
            directives.push(Directive { pos, name, arguments });
        }
        Ok(directives)
    }

    pub fn value(&mut self, constant: bool) -> Result<Value<'a>, Error> {
        let pos = self.pos;
        let kind = match self.token {
            Token::Punctuator('$') if constant => {
                return self.unexpected("a value that is not a variable");
            }
            Token::Punctuator('$') => ValueKind::Variable(self.variable()?.text),
            Token::Punctuator('[') => {
                ValueKind::List(self.any(']', ITEM, |parser| parser.item(constant))?)
            }
            Token::Punctuator('{') => {
                let item = |parser: &mut Self| parser.argument(constant, INPUT_FIELD);
                ValueKind::Object(self.any('}', INPUT_FIELD, item)?)
            }
            Token::Punctuator(_) | Token::Spread | Token::End => return self.unexpected("a value"),
            Token::Name(_) | Token::Int(_) | Token::Float(_) | Token::String { .. } => {
                match self.advance()? {
                    Token::Int(text) => ValueKind::Int(text),
                    Token::Float(text) => ValueKind::Float(text),
                    Token::String { value, block } => ValueKind::String { value, block },
                    Token::Name("true") => ValueKind::Boolean(true),
                    Token::Name("false") => ValueKind::Boolean(false),
                    Token::Name(text) if text != "null" => ValueKind::Enum(text),
                    _ => ValueKind::Null,
                }
            }
        };
        Ok(Value { pos, kind })
    }
}
