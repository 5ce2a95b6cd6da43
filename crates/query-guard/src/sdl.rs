//! Parser for the SDL of a schema (section 3 of the specification), to the tree of
//! `async-graphql-parser`.
//!
//! The parser of that crate does not support a description of the schema, splits an enum value that
//! starts with `null`, `true` or `false`, and treats every directive as repeatable.

use async_graphql_parser::{
    Pos, Positioned,
    types::{
        ConstDirective, DirectiveDefinition, DirectiveLocation, EnumType, EnumValueDefinition,
        FieldDefinition, InputObjectType, InputValueDefinition, InterfaceType, ObjectType,
        SchemaDefinition, ServiceDocument, TypeDefinition, TypeKind, TypeSystemDefinition,
        UnionType,
    },
};
use async_graphql_value::Name;

use crate::{
    error::{Error, ErrorKind, quote},
    lexer::Token,
    lower,
    parser::Parser,
};

type Description = Option<Positioned<String>>;

/// Parses the SDL of a schema without extensions. Returns the document and the description of the
/// schema.
///
/// # Errors
/// If the SDL has invalid syntax.
pub fn parse_sdl(sdl: &str) -> Result<(ServiceDocument, Option<String>), Error> {
    let mut parser = Parser::new(sdl, false)?;
    let (mut definitions, mut schema_description) = (Vec::new(), None);
    while parser.token != Token::End {
        let description = parser.description()?;
        let pos = parser.pos;
        let expected = "the definition of a type, a directive or the schema";
        let keyword = parser.name(expected)?.text;
        definitions.push(match keyword {
            "schema" => {
                schema_description = description.map(|description| description.node);
                TypeSystemDefinition::Schema(Positioned::new(parser.schema()?, pos))
            }
            "directive" => {
                let definition = parser.directive_definition(description)?;
                TypeSystemDefinition::Directive(Positioned::new(definition, pos))
            }
            _ => {
                let name = lower::name(parser.name("the name of the definition")?);
                let definition = parser.type_definition(keyword, name, description, pos)?;
                TypeSystemDefinition::Type(Positioned::new(definition, pos))
            }
        });
    }
    Ok((ServiceDocument { definitions }, schema_description))
}

impl Parser<'_> {
    fn description(&mut self) -> Result<Description, Error> {
        let pos = self.pos;
        Ok(match self.token {
            Token::String { .. } => match self.advance()? {
                Token::String { value, .. } => Some(Positioned::new(value.into_owned(), pos)),
                _ => None,
            },
            _ => None,
        })
    }

    fn schema(&mut self) -> Result<SchemaDefinition, Error> {
        let directives = self.constant_directives()?;
        let roots = self.block("the type of an operation", |parser| {
            let operation = parser.name("an operation")?;
            parser.expect(':', "\":\" and a type")?;
            Ok((operation.text, lower::name(parser.name("a type")?)))
        })?;
        let root =
            |operation| roots.iter().find(|(name, _)| *name == operation).map(|(_, ty)| ty.clone());
        let [query, mutation, subscription] = ["query", "mutation", "subscription"].map(root);
        Ok(SchemaDefinition { extend: false, directives, query, mutation, subscription })
    }

    fn directive_definition(
        &mut self,
        description: Description,
    ) -> Result<DirectiveDefinition, Error> {
        self.expect('@', "\"@\" and the name of the directive")?;
        let name = lower::name(self.name("the name of the directive")?);
        let arguments = self.argument_definitions()?;
        let is_repeatable = self.at_keyword("repeatable");
        if is_repeatable {
            self.advance()?;
        }
        if !self.at_keyword("on") {
            return self.unexpected("\"on\" and locations");
        }
        self.advance()?;
        let locations = self.separated('|', |parser| {
            let pos = parser.pos;
            let location = LOCATIONS.iter().find(|(name, _)| parser.at_keyword(name));
            let Some((_, location)) = location else { return parser.unexpected("a location") };
            parser.advance()?;
            Ok(Positioned::new(*location, pos))
        })?;
        Ok(DirectiveDefinition { description, name, arguments, is_repeatable, locations })
    }

    fn type_definition(
        &mut self,
        keyword: &str,
        name: Positioned<Name>,
        description: Description,
        pos: Pos,
    ) -> Result<TypeDefinition, Error> {
        let implements = match keyword {
            "type" | "interface" if self.at_keyword("implements") => {
                self.advance()?;
                self.separated('&', Self::type_name)?
            }
            _ => Vec::new(),
        };
        let directives = self.constant_directives()?;
        let kind = match keyword {
            "scalar" => TypeKind::Scalar,
            "type" => TypeKind::Object(ObjectType { implements, fields: self.fields()? }),
            "interface" => {
                TypeKind::Interface(InterfaceType { implements, fields: self.fields()? })
            }
            "union" => {
                let members = if self.take('=')? {
                    self.separated('|', Self::type_name)?
                } else {
                    Vec::new()
                };
                TypeKind::Union(UnionType { members })
            }
            "enum" => {
                TypeKind::Enum(EnumType { values: self.block("an enum value", Self::enum_value)? })
            }
            "input" => {
                let fields = self.block("an input field", Self::input_value)?;
                TypeKind::InputObject(InputObjectType { fields })
            }
            _ => {
                let expected = "scalar, type, interface, union, enum, input, directive or schema";
                return Err(ErrorKind::UnexpectedToken { got: quote(keyword), expected }.at(pos));
            }
        };
        Ok(TypeDefinition { extend: false, description, name, directives, kind })
    }

    fn fields(&mut self) -> Result<Vec<Positioned<FieldDefinition>>, Error> {
        self.block("a field", |parser| {
            let description = parser.description()?;
            let pos = parser.pos;
            let name = lower::name(parser.name("a field")?);
            let arguments = parser.argument_definitions()?;
            let ty = parser.field_type()?;
            let directives = parser.constant_directives()?;
            Ok(Positioned::new(
                FieldDefinition { description, name, arguments, ty, directives },
                pos,
            ))
        })
    }

    fn argument_definitions(&mut self) -> Result<Vec<Positioned<InputValueDefinition>>, Error> {
        if self.at('(') { self.many(')', "an argument", Self::input_value) } else { Ok(Vec::new()) }
    }

    fn input_value(&mut self) -> Result<Positioned<InputValueDefinition>, Error> {
        let description = self.description()?;
        let pos = self.pos;
        let name = lower::name(self.name("a name and its type")?);
        let ty = self.field_type()?;
        let default_pos = self.pos;
        let default_value = if self.take('=')? {
            Some(Positioned::new(lower::constant(&self.value(true)?), default_pos))
        } else {
            None
        };
        let directives = self.constant_directives()?;
        let value = InputValueDefinition { description, name, ty, default_value, directives };
        Ok(Positioned::new(value, pos))
    }

    fn enum_value(&mut self) -> Result<Positioned<EnumValueDefinition>, Error> {
        let description = self.description()?;
        let value = lower::name(self.name("an enum value")?);
        let (pos, directives) = (value.pos, self.constant_directives()?);
        Ok(Positioned::new(EnumValueDefinition { description, value, directives }, pos))
    }

    fn field_type(&mut self) -> Result<Positioned<async_graphql_parser::types::Type>, Error> {
        self.expect(':', "\":\" and a type")?;
        let ty = self.ty()?;
        Ok(Positioned::new(lower::ty(&ty), ty.pos))
    }

    fn type_name(&mut self) -> Result<Positioned<Name>, Error> {
        Ok(lower::name(self.name("a type")?))
    }

    fn constant_directives(&mut self) -> Result<Vec<Positioned<ConstDirective>>, Error> {
        let directives = self.directives(true)?.into_iter().map(|directive| {
            let arguments = directive.arguments.iter().map(|argument| {
                let value = lower::constant(&argument.value);
                (lower::name(argument.name), Positioned::new(value, argument.value.pos))
            });
            let constant = ConstDirective {
                name: lower::name(directive.name),
                arguments: arguments.collect(),
            };
            Positioned::new(constant, directive.pos)
        });
        Ok(directives.collect())
    }

    /// Parses items in braces. Returns no items if the braces are omitted.
    fn block<T>(
        &mut self,
        expected: &'static str,
        item: impl FnMut(&mut Self) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        if self.at('{') { self.many('}', expected, item) } else { Ok(Vec::new()) }
    }

    /// Parses items with a separator, which is also allowed before the first item.
    fn separated<T>(
        &mut self,
        separator: char,
        mut item: impl FnMut(&mut Self) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        self.take(separator)?;
        let mut items = vec![item(self)?];
        while self.take(separator)? {
            items.push(item(self)?);
        }
        Ok(items)
    }
}

/// Directive locations by name.
pub const LOCATIONS: [(&str, DirectiveLocation); 19] = [
    ("QUERY", DirectiveLocation::Query),
    ("MUTATION", DirectiveLocation::Mutation),
    ("SUBSCRIPTION", DirectiveLocation::Subscription),
    ("FIELD", DirectiveLocation::Field),
    ("FRAGMENT_DEFINITION", DirectiveLocation::FragmentDefinition),
    ("FRAGMENT_SPREAD", DirectiveLocation::FragmentSpread),
    ("INLINE_FRAGMENT", DirectiveLocation::InlineFragment),
    ("VARIABLE_DEFINITION", DirectiveLocation::VariableDefinition),
    ("SCHEMA", DirectiveLocation::Schema),
    ("SCALAR", DirectiveLocation::Scalar),
    ("OBJECT", DirectiveLocation::Object),
    ("FIELD_DEFINITION", DirectiveLocation::FieldDefinition),
    ("ARGUMENT_DEFINITION", DirectiveLocation::ArgumentDefinition),
    ("INTERFACE", DirectiveLocation::Interface),
    ("UNION", DirectiveLocation::Union),
    ("ENUM", DirectiveLocation::Enum),
    ("ENUM_VALUE", DirectiveLocation::EnumValue),
    ("INPUT_OBJECT", DirectiveLocation::InputObject),
    ("INPUT_FIELD_DEFINITION", DirectiveLocation::InputFieldDefinition),
];
