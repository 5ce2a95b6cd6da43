//! Conversion to the syntax tree of `async-graphql-parser`, which async-graphql executes.

use std::collections::HashMap;

use async_graphql_parser::{
    Pos, Positioned,
    types::{self, DocumentOperations, ExecutableDocument},
};
use async_graphql_value::{ConstValue, Name, Number, Value, Variables};

use crate::ast;

/// The fragments of a document by name.
pub(crate) type Fragments = HashMap<Name, Positioned<types::FragmentDefinition>>;

/// Converts an operation and the fragments of a document to the tree that async-graphql executes. The
/// document must have passed [`validate`](crate::validate()).
///
/// Omits arguments whose variable has no value, so that their default values apply (section 6.4.1).
pub fn lower(
    document: &ast::Document,
    operation: &ast::Operation,
    variables: &Variables,
) -> ExecutableDocument {
    let lowering = Lowering { variables };
    let operations = DocumentOperations::Single(lowering.operation(operation));
    ExecutableDocument { operations, fragments: lowering.fragments(document) }
}

pub(crate) struct Lowering<'a> {
    pub variables: &'a Variables,
}

impl Lowering<'_> {
    pub fn fragments(&self, document: &ast::Document) -> Fragments {
        let fragments = document.fragments.iter().map(|fragment| {
            let lowered = types::FragmentDefinition {
                type_condition: condition(fragment.on),
                directives: self.directives(&fragment.directives),
                selection_set: self.selection_set(&fragment.selection_set),
            };
            (Name::new(fragment.name.text), Positioned::new(lowered, fragment.pos))
        });
        fragments.collect()
    }

    fn operation(&self, operation: &ast::Operation) -> Positioned<types::OperationDefinition> {
        let variables = operation.variables.iter().map(|variable| {
            let definition = types::VariableDefinition {
                name: name(variable.name),
                var_type: Positioned::new(ty(&variable.ty), variable.ty.pos),
                directives: self.directives(&variable.directives),
                default_value: variable
                    .default
                    .as_ref()
                    .map(|default| Positioned::new(constant(default), default.pos)),
            };
            Positioned::new(definition, variable.name.pos)
        });
        let lowered = types::OperationDefinition {
            ty: operation.ty,
            variable_definitions: variables.collect(),
            directives: self.directives(&operation.directives),
            selection_set: self.selection_set(&operation.selection_set),
        };
        Positioned::new(lowered, operation.pos)
    }

    fn selection_set(&self, set: &ast::SelectionSet) -> Positioned<types::SelectionSet> {
        let items = set.items.iter().map(|item| match item {
            ast::Selection::Field(field) => {
                let pos = field.response_key().pos;
                let lowered = Positioned::new(self.field(field), pos);
                Positioned::new(types::Selection::Field(lowered), pos)
            }
            ast::Selection::Spread(spread) => {
                let lowered = types::FragmentSpread {
                    fragment_name: name(spread.name),
                    directives: self.directives(&spread.directives),
                };
                let lowered = Positioned::new(lowered, spread.pos);
                Positioned::new(types::Selection::FragmentSpread(lowered), spread.pos)
            }
            ast::Selection::Inline(inline) => {
                let lowered = types::InlineFragment {
                    type_condition: inline.on.map(condition),
                    directives: self.directives(&inline.directives),
                    selection_set: self.selection_set(&inline.selection_set),
                };
                let lowered = Positioned::new(lowered, inline.pos);
                Positioned::new(types::Selection::InlineFragment(lowered), inline.pos)
            }
        });
        Positioned::new(types::SelectionSet { items: items.collect() }, set.pos)
    }

    pub fn field(&self, field: &ast::Field) -> types::Field {
        let empty = Positioned::new(types::SelectionSet::default(), Pos::default());
        types::Field {
            alias: field.alias.map(name),
            name: name(field.name),
            arguments: self.arguments(&field.arguments),
            directives: self.directives(&field.directives),
            selection_set: field
                .selection_set
                .as_ref()
                .map_or(empty, |set| self.selection_set(set)),
        }
    }

    fn directives(&self, directives: &[ast::Directive]) -> Vec<Positioned<types::Directive>> {
        let lowered = directives.iter().map(|directive| {
            let lowered = types::Directive {
                name: name(directive.name),
                arguments: self.arguments(&directive.arguments),
            };
            Positioned::new(lowered, directive.pos)
        });
        lowered.collect()
    }

    fn arguments(&self, arguments: &[ast::Argument]) -> Vec<(Positioned<Name>, Positioned<Value>)> {
        let provided = arguments.iter().filter(|argument| match argument.value.kind {
            ast::ValueKind::Variable(name) => self.variables.contains_key(name),
            _ => true,
        });
        let lowered = provided.map(|argument| {
            (name(argument.name), Positioned::new(value(&argument.value), argument.value.pos))
        });
        lowered.collect()
    }
}

pub fn name(name: ast::Name) -> Positioned<Name> {
    Positioned::new(Name::new(name.text), name.pos)
}

fn condition(on: ast::Name) -> Positioned<types::TypeCondition> {
    Positioned::new(types::TypeCondition { on: name(on) }, on.pos)
}

pub fn ty(source: &ast::Type) -> types::Type {
    let base = match &source.base {
        ast::BaseType::Named(name) => types::BaseType::Named(Name::new(*name)),
        ast::BaseType::List(inner) => types::BaseType::List(Box::new(ty(inner))),
    };
    types::Type { base, nullable: !source.non_null }
}

fn value(source: &ast::Value) -> Value {
    match &source.kind {
        ast::ValueKind::Variable(name) => Value::Variable(Name::new(name)),
        // Validation rejects such an `Int`. async-graphql accepts a string for `ID`.
        ast::ValueKind::Int(text) => match text.parse::<i64>() {
            Ok(number) => Value::Number(number.into()),
            Err(_) => Value::String((*text).to_owned()),
        },
        ast::ValueKind::Float(text) => float(text),
        ast::ValueKind::String { value, .. } => Value::String(value.clone().into_owned()),
        ast::ValueKind::Boolean(value) => Value::Boolean(*value),
        ast::ValueKind::Null => Value::Null,
        ast::ValueKind::Enum(name) => Value::Enum(Name::new(name)),
        ast::ValueKind::List(items) => Value::List(items.iter().map(value).collect()),
        ast::ValueKind::Object(fields) => {
            let fields =
                fields.iter().map(|field| (Name::new(field.name.text), value(&field.value)));
            Value::Object(fields.collect())
        }
    }
}

/// Converts a `Float`. Validation rejects infinite values.
fn float(text: &str) -> Value {
    let number = text.parse().ok().and_then(Number::from_f64);
    number.map_or(Value::Null, Value::Number)
}

/// Converts a constant value: the grammar does not allow variables in default values.
pub fn constant(source: &ast::Value) -> ConstValue {
    value(source).into_const().unwrap_or_default()
}
