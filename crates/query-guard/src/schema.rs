//! Schema index, built from SDL.

use std::collections::HashMap;

use async_graphql_parser::{
    Positioned,
    types::{
        self, BaseType, ConstDirective, InputValueDefinition, TypeDefinition, TypeKind,
        TypeSystemDefinition,
    },
};
use async_graphql_value::ConstValue;
use indexmap::{IndexMap, IndexSet};

use crate::{
    ast,
    error::Error,
    sdl::{LOCATIONS, parse_sdl},
};

const BUILTIN: &str = include_str!("builtin.graphql");
/// Built-in scalars that are only part of a schema that refers to them.
const SCALARS_IF_USED: [&str; 3] = ["Int", "Float", "ID"];
/// The type of `builtin.graphql` with the introspection fields of the query root.
const INTROSPECTION: &str = "__Introspection";

/// Checks whether a string is a value of a custom scalar. The error describes valid values.
pub type ScalarRule = fn(&str) -> Result<(), String>;

/// A schema, indexed for the validation of documents and for introspection.
pub struct Schema {
    pub(crate) description: Option<String>,
    pub(crate) types: IndexMap<String, TypeDef>,
    pub(crate) directives: IndexMap<String, DirectiveDef>,
    pub(crate) query: usize,
    pub(crate) mutation: Option<usize>,
    pub(crate) subscription: Option<usize>,
    introspection: IndexMap<String, FieldDef>,
    typename: FieldDef,
}

/// The SDL of a schema is invalid.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    #[error("line {}, column {}: {}", .0.locations[0].line, .0.locations[0].column, .0.kind)]
    Syntax(Error),
    #[error("type {0:?} is used but not defined")]
    UnknownType(String),
}

pub(crate) struct TypeDef {
    pub description: Option<String>,
    pub specified_by: Option<String>,
    pub kind: Kind,
    /// The possible object types of a composite type.
    pub possible: IndexSet<usize>,
}

pub(crate) enum Kind {
    Scalar(Scalar),
    Object(Composite),
    Interface(Composite),
    Union,
    Enum(IndexMap<String, EnumValueDef>),
    Input { fields: IndexMap<String, InputDef>, one_of: bool },
}

#[derive(Clone, Copy)]
pub(crate) enum Scalar {
    Int,
    Float,
    String,
    Boolean,
    Id,
    /// A string that satisfies the rule, or any value without a rule.
    Custom(Option<ScalarRule>),
}

pub(crate) struct Composite {
    pub fields: IndexMap<String, FieldDef>,
    pub interfaces: Vec<usize>,
}

pub(crate) struct FieldDef {
    pub description: Option<String>,
    pub arguments: IndexMap<String, InputDef>,
    pub ty: Ty,
    pub deprecated: Option<String>,
}

/// An argument, or a field of an input object.
pub(crate) struct InputDef {
    pub description: Option<String>,
    pub ty: Ty,
    pub default: Option<ConstValue>,
    pub deprecated: Option<String>,
}

impl InputDef {
    pub fn is_required(&self) -> bool {
        self.ty.non_null && self.default.is_none()
    }
}

pub(crate) struct EnumValueDef {
    pub description: Option<String>,
    pub deprecated: Option<String>,
}

pub(crate) struct DirectiveDef {
    pub description: Option<String>,
    pub arguments: IndexMap<String, InputDef>,
    pub repeatable: bool,
    pub locations: Vec<&'static str>,
}

/// A type reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ty {
    pub base: BaseTy,
    pub non_null: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum BaseTy {
    Named(usize),
    List(Box<Ty>),
}

impl Ty {
    /// Returns the innermost type, without list wrappers.
    pub fn named_type(&self) -> usize {
        match &self.base {
            BaseTy::Named(id) => *id,
            BaseTy::List(inner) => inner.named_type(),
        }
    }
}

impl Schema {
    /// Builds the index of a schema; `rules` are the rules of custom scalars by name.
    ///
    /// # Errors
    /// If the SDL has invalid syntax or refers to an undefined type.
    pub fn new(sdl: &str, rules: &[(&str, ScalarRule)]) -> Result<Self, SchemaError> {
        let (document, description) = parse_sdl(sdl).map_err(SchemaError::Syntax)?;
        let (builtin, _) = parse_sdl(BUILTIN).map_err(SchemaError::Syntax)?;
        let (mut definitions, mut directives) = (Vec::new(), IndexMap::new());
        let mut roots = ["Query", "Mutation", "Subscription"].map(str::to_owned);
        for definition in document.definitions.into_iter().chain(builtin.definitions) {
            match definition {
                TypeSystemDefinition::Type(ty) => definitions.push(ty.node),
                TypeSystemDefinition::Directive(directive) => {
                    let name = directive.node.name.node.to_string();
                    directives.entry(name).or_insert(directive.node);
                }
                TypeSystemDefinition::Schema(schema) => {
                    let schema = schema.node;
                    let names = [schema.query, schema.mutation, schema.subscription];
                    roots = names.map(|name| name.map_or(String::new(), |it| it.node.to_string()));
                }
            }
        }
        // The schema may define built-in scalars. Its definitions take precedence.
        let mut by_name: IndexMap<String, TypeDefinition> = IndexMap::new();
        for definition in definitions {
            by_name.entry(definition.name.node.to_string()).or_insert(definition);
        }
        let introspection = by_name.shift_remove(INTROSPECTION);
        let is_used = |name: &str| by_name.values().any(|ty| refers_to(ty, name));
        let unused: Vec<_> =
            SCALARS_IF_USED.into_iter().filter(|scalar| !is_used(scalar)).collect();
        by_name.retain(|name, _| !unused.contains(&name.as_str()));

        let index = Index {
            ids: by_name.keys().enumerate().map(|(id, name)| (name.clone(), id)).collect(),
            rules,
        };
        let mut types = IndexMap::new();
        for (name, definition) in &by_name {
            types.insert(name.clone(), index.type_def(definition)?);
        }
        index.possible_types(&by_name, &mut types)?;
        let mut directive_defs = IndexMap::new();
        for (name, directive) in directives {
            directive_defs.insert(name, index.directive(directive)?);
        }
        let introspection = match introspection.map(|ty| ty.kind) {
            Some(TypeKind::Object(object)) => index.fields(&object.fields)?,
            _ => IndexMap::new(),
        };
        let string = Ty { base: BaseTy::Named(index.id("String")?), non_null: true };
        let typename = FieldDef {
            description: None,
            arguments: IndexMap::new(),
            ty: string,
            deprecated: None,
        };
        let [query, mutation, subscription] = roots;
        Ok(Self {
            description,
            query: index.id(&query)?,
            mutation: index.ids.get(&mutation).copied(),
            subscription: index.ids.get(&subscription).copied(),
            types,
            directives: directive_defs,
            introspection,
            typename,
        })
    }

    pub(crate) fn id(&self, name: &str) -> Option<usize> {
        self.types.get_index_of(name)
    }

    pub(crate) fn def(&self, id: usize) -> &TypeDef {
        &self.types[id]
    }

    pub(crate) fn name(&self, id: usize) -> &str {
        self.types.get_index(id).map_or("", |(name, _)| name)
    }

    pub(crate) fn is_object(&self, id: usize) -> bool {
        matches!(self.def(id).kind, Kind::Object(_))
    }

    pub(crate) fn is_composite(&self, id: usize) -> bool {
        matches!(self.def(id).kind, Kind::Object(_) | Kind::Interface(_) | Kind::Union)
    }

    pub(crate) fn is_input(&self, id: usize) -> bool {
        matches!(self.def(id).kind, Kind::Scalar(_) | Kind::Enum(_) | Kind::Input { .. })
    }

    pub(crate) fn root(&self, ty: ast::OperationType) -> Option<usize> {
        match ty {
            ast::OperationType::Query => Some(self.query),
            ast::OperationType::Mutation => self.mutation,
            ast::OperationType::Subscription => self.subscription,
        }
    }

    /// Returns the fields of an object or interface type, without meta fields.
    pub(crate) fn fields(&self, id: usize) -> Option<&IndexMap<String, FieldDef>> {
        match &self.def(id).kind {
            Kind::Object(composite) | Kind::Interface(composite) => Some(&composite.fields),
            _ => None,
        }
    }

    /// Returns a field of a type, including meta fields.
    pub(crate) fn field(&self, id: usize, name: &str) -> Option<&FieldDef> {
        match name {
            "__typename" if self.is_composite(id) => Some(&self.typename),
            "__schema" | "__type" if id == self.query => self.introspection.get(name),
            _ => self.fields(id)?.get(name),
        }
    }

    /// Returns whether two composite types have a possible type in common.
    pub(crate) fn types_overlap(&self, left: usize, right: usize) -> bool {
        let (left, right) = (&self.def(left).possible, &self.def(right).possible);
        let (smaller, larger) =
            if left.len() < right.len() { (left, right) } else { (right, left) };
        smaller.iter().any(|id| larger.contains(id))
    }

    pub(crate) fn ty(&self, ty: &ast::Type) -> Result<Ty, String> {
        let base = match &ty.base {
            ast::BaseType::Named(name) => {
                BaseTy::Named(self.id(name).ok_or_else(|| (*name).to_owned())?)
            }
            ast::BaseType::List(inner) => BaseTy::List(Box::new(self.ty(inner)?)),
        };
        Ok(Ty { base, non_null: ty.non_null })
    }

    pub(crate) fn print_type(&self, ty: &Ty) -> String {
        let mark = if ty.non_null { "!" } else { "" };
        match &ty.base {
            BaseTy::Named(id) => format!("{}{mark}", self.name(*id)),
            BaseTy::List(inner) => format!("[{}]{mark}", self.print_type(inner)),
        }
    }
}

/// Returns whether a definition refers to a type.
fn refers_to(ty: &TypeDefinition, name: &str) -> bool {
    let input = |input: &Positioned<InputValueDefinition>| is_type(&input.node.ty.node, name);
    let field = |field: &Positioned<types::FieldDefinition>| {
        is_type(&field.node.ty.node, name) || field.node.arguments.iter().any(input)
    };
    match &ty.kind {
        TypeKind::Object(object) => object.fields.iter().any(field),
        TypeKind::Interface(interface) => interface.fields.iter().any(field),
        TypeKind::InputObject(object) => object.fields.iter().any(input),
        _ => false,
    }
}

fn is_type(ty: &types::Type, name: &str) -> bool {
    match &ty.base {
        BaseType::Named(type_name) => type_name == name,
        BaseType::List(inner) => is_type(inner, name),
    }
}

/// Type ids by name, for the resolution of references.
struct Index<'a> {
    ids: HashMap<String, usize>,
    rules: &'a [(&'a str, ScalarRule)],
}

impl Index<'_> {
    fn id(&self, name: &str) -> Result<usize, SchemaError> {
        self.ids.get(name).copied().ok_or_else(|| SchemaError::UnknownType(name.to_owned()))
    }

    fn ty(&self, ty: &types::Type) -> Result<Ty, SchemaError> {
        let base = match &ty.base {
            BaseType::Named(name) => BaseTy::Named(self.id(name)?),
            BaseType::List(inner) => BaseTy::List(Box::new(self.ty(inner)?)),
        };
        Ok(Ty { base, non_null: !ty.nullable })
    }

    fn type_def(&self, definition: &TypeDefinition) -> Result<TypeDef, SchemaError> {
        let name = definition.name.node.as_str();
        let kind = match &definition.kind {
            TypeKind::Scalar => Kind::Scalar(match name {
                "Int" => Scalar::Int,
                "Float" => Scalar::Float,
                "String" => Scalar::String,
                "Boolean" => Scalar::Boolean,
                "ID" => Scalar::Id,
                _ => {
                    let rule = self.rules.iter().find(|(scalar, _)| *scalar == name);
                    Scalar::Custom(rule.map(|(_, rule)| *rule))
                }
            }),
            TypeKind::Object(object) => {
                Kind::Object(self.composite(&object.fields, &object.implements)?)
            }
            TypeKind::Interface(interface) => {
                Kind::Interface(self.composite(&interface.fields, &interface.implements)?)
            }
            TypeKind::Union(_) => Kind::Union,
            TypeKind::Enum(values) => {
                let values = values.values.iter().map(|value| {
                    let value = &value.node;
                    let deprecated = reason(&value.directives);
                    let description = text(value.description.as_ref());
                    (value.value.node.to_string(), EnumValueDef { description, deprecated })
                });
                Kind::Enum(values.collect())
            }
            TypeKind::InputObject(object) => {
                let one_of = definition.directives.iter().any(|it| it.node.name.node == "oneOf");
                Kind::Input { fields: self.inputs(&object.fields)?, one_of }
            }
        };
        Ok(TypeDef {
            description: text(definition.description.as_ref()),
            specified_by: argument(&definition.directives, "specifiedBy", "url"),
            kind,
            possible: IndexSet::new(),
        })
    }

    fn composite(
        &self,
        fields: &[Positioned<types::FieldDefinition>],
        interfaces: &[Positioned<async_graphql_value::Name>],
    ) -> Result<Composite, SchemaError> {
        let interfaces = interfaces.iter().map(|name| self.id(&name.node));
        Ok(Composite {
            fields: self.fields(fields)?,
            interfaces: interfaces.collect::<Result<_, _>>()?,
        })
    }

    fn fields(
        &self,
        fields: &[Positioned<types::FieldDefinition>],
    ) -> Result<IndexMap<String, FieldDef>, SchemaError> {
        let fields = fields.iter().map(|field| {
            let field = &field.node;
            let def = FieldDef {
                description: text(field.description.as_ref()),
                arguments: self.inputs(&field.arguments)?,
                ty: self.ty(&field.ty.node)?,
                deprecated: reason(&field.directives),
            };
            Ok((field.name.node.to_string(), def))
        });
        fields.collect()
    }

    fn inputs(
        &self,
        inputs: &[Positioned<InputValueDefinition>],
    ) -> Result<IndexMap<String, InputDef>, SchemaError> {
        let inputs = inputs.iter().map(|input| {
            let input = &input.node;
            let def = InputDef {
                description: text(input.description.as_ref()),
                ty: self.ty(&input.ty.node)?,
                default: input.default_value.as_ref().map(|value| value.node.clone()),
                deprecated: reason(&input.directives),
            };
            Ok((input.name.node.to_string(), def))
        });
        inputs.collect()
    }

    fn directive(
        &self,
        directive: types::DirectiveDefinition,
    ) -> Result<DirectiveDef, SchemaError> {
        Ok(DirectiveDef {
            description: text(directive.description.as_ref()),
            arguments: self.inputs(&directive.arguments)?,
            repeatable: directive.is_repeatable,
            locations: LOCATIONS
                .into_iter()
                .filter(|(_, location)| directive.locations.iter().any(|it| it.node == *location))
                .map(|(name, _)| name)
                .collect(),
        })
    }

    fn possible_types(
        &self,
        definitions: &IndexMap<String, TypeDefinition>,
        types: &mut IndexMap<String, TypeDef>,
    ) -> Result<(), SchemaError> {
        for (id, definition) in definitions.values().enumerate() {
            match &definition.kind {
                TypeKind::Object(object) => {
                    types[id].possible.insert(id);
                    for interface in &object.implements {
                        types[self.id(&interface.node)?].possible.insert(id);
                    }
                }
                TypeKind::Union(union) => {
                    for member in &union.members {
                        let member = self.id(&member.node)?;
                        types[id].possible.insert(member);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn text(text: Option<&Positioned<String>>) -> Option<String> {
    text.map(|text| text.node.clone())
}

/// Returns the string argument of a directive, if the directive is applied.
fn argument(
    directives: &[Positioned<ConstDirective>],
    name: &str,
    argument: &str,
) -> Option<String> {
    let directive = directives.iter().find(|it| it.node.name.node == name)?;
    match &directive.node.get_argument(argument)?.node {
        ConstValue::String(text) => Some(text.clone()),
        _ => None,
    }
}

/// Returns the deprecation reason, if an element is deprecated.
fn reason(directives: &[Positioned<ConstDirective>]) -> Option<String> {
    directives.iter().find(|it| it.node.name.node == "deprecated")?;
    let reason = argument(directives, "deprecated", "reason");
    Some(reason.unwrap_or_else(|| "No longer supported".to_owned()))
}
