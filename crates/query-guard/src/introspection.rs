//! Introspection (section 4), executed on the index: it says what the SDL says.

use std::collections::HashMap;

use async_graphql_parser::{
    Positioned,
    types::{Directive, Field, FragmentDefinition, Selection, SelectionSet},
};
use async_graphql_value::{ConstValue, Name, Value, Variables};
use indexmap::IndexMap;

use crate::schema::{DirectiveDef, EnumValueDef, FieldDef, InputDef, Kind, Of, Schema, Ty};

type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;

/// What introspection leads to.
#[derive(Clone, Copy)]
enum Node<'a> {
    Schema,
    Named(usize),
    /// A reference, and whether its non-null wrapper is still on it.
    Reference(&'a Ty, bool),
    Field(&'a str, &'a FieldDef),
    Input(&'a str, &'a InputDef),
    EnumValue(&'a str, &'a EnumValueDef),
    Directive(&'a str, &'a DirectiveDef),
}

/// What a field of a node resolves to.
enum Resolved<'a> {
    Value(ConstValue),
    Node(Node<'a>),
    Nodes(Vec<Node<'a>>),
}

impl Schema {
    /// Resolves the field `__schema` or `__type` of the query root; `None` for any other.
    ///
    /// The document must have passed [`validate`](crate::validate()) and its variables
    /// [`coerce`](crate::coerce()).
    pub fn introspect(
        &self,
        field: &Field,
        fragments: &Fragments,
        variables: &Variables,
    ) -> Option<ConstValue> {
        let run = Run { schema: self, fragments, variables };
        let resolved = match run.root(field)? {
            Some(node) => run.object(node, &[&field.selection_set.node]),
            None => ConstValue::Null,
        };
        Some(resolved)
    }

    /// The number of fields that [`introspect`](Self::introspect) returns, counted up to a maximum.
    pub fn introspection_size(
        &self,
        field: &Field,
        fragments: &Fragments,
        variables: &Variables,
        max: u64,
    ) -> u64 {
        let run = Run { schema: self, fragments, variables };
        let (mut size, set) = (0, &field.selection_set.node);
        if let Some(Some(node)) = run.root(field) {
            run.count(node, &[set], max, &mut size);
        }
        size
    }
}

struct Run<'a> {
    schema: &'a Schema,
    fragments: &'a Fragments,
    variables: &'a Variables,
}

impl<'a> Run<'a> {
    /// What a field of the query root leads to, if it is one of introspection; `__type` may name no
    /// type.
    fn root(&self, field: &Field) -> Option<Option<Node<'a>>> {
        match field.name.node.as_str() {
            "__schema" => Some(Some(Node::Schema)),
            "__type" => Some(match self.argument(field, "name") {
                Some(ConstValue::String(name)) => self.schema.id(&name).map(Node::Named),
                _ => None,
            }),
            _ => None,
        }
    }

    fn count(&self, node: Node<'a>, sets: &[&'a SelectionSet], max: u64, size: &mut u64) {
        for fields in self.fields(node, sets).into_values() {
            if *size >= max {
                return;
            }
            *size += 1;
            let sets: Vec<_> = fields.iter().map(|field| &field.selection_set.node).collect();
            match self.field(node, fields[0]) {
                Resolved::Value(_) => {}
                Resolved::Node(node) => self.count(node, &sets, max, size),
                Resolved::Nodes(nodes) => {
                    nodes.into_iter().for_each(|node| self.count(node, &sets, max, size));
                }
            }
        }
    }

    fn object(&self, node: Node<'a>, sets: &[&'a SelectionSet]) -> ConstValue {
        let resolved = self.fields(node, sets).into_iter().map(|(key, fields)| {
            let sets: Vec<_> = fields.iter().map(|field| &field.selection_set.node).collect();
            let value = match self.field(node, fields[0]) {
                Resolved::Value(value) => value,
                Resolved::Node(node) => self.object(node, &sets),
                Resolved::Nodes(nodes) => ConstValue::List(
                    nodes.into_iter().map(|node| self.object(node, &sets)).collect(),
                ),
            };
            (key.clone(), value)
        });
        ConstValue::Object(resolved.collect())
    }

    /// The fields of selections by their response names.
    fn fields(
        &self,
        node: Node<'a>,
        sets: &[&'a SelectionSet],
    ) -> IndexMap<&'a Name, Vec<&'a Field>> {
        let mut fields = IndexMap::new();
        for set in sets {
            self.collect(node, set, &mut fields);
        }
        fields
    }

    fn collect(
        &self,
        node: Node<'a>,
        set: &'a SelectionSet,
        fields: &mut IndexMap<&'a Name, Vec<&'a Field>>,
    ) {
        for item in set.items.iter().filter(|item| self.is_included(item.node.directives())) {
            let (on, set) = match &item.node {
                Selection::Field(field) => {
                    fields.entry(&field.node.response_key().node).or_default().push(&field.node);
                    continue;
                }
                Selection::InlineFragment(inline) => {
                    (inline.node.type_condition.as_ref(), &inline.node.selection_set.node)
                }
                Selection::FragmentSpread(spread) => {
                    match self.fragments.get(&spread.node.fragment_name.node) {
                        Some(fragment) => {
                            (Some(&fragment.node.type_condition), &fragment.node.selection_set.node)
                        }
                        None => continue,
                    }
                }
            };
            if on.is_none_or(|on| on.node.on.node == node.type_name()) {
                self.collect(node, set, fields);
            }
        }
    }

    fn is_included(&self, directives: &[Positioned<Directive>]) -> bool {
        directives.iter().all(|directive| {
            let condition = directive.node.get_argument("if").map(|value| &value.node);
            let condition = condition.and_then(|value| self.value(value));
            match directive.node.name.node.as_str() {
                "skip" => condition != Some(ConstValue::Boolean(true)),
                "include" => condition != Some(ConstValue::Boolean(false)),
                _ => true,
            }
        })
    }

    fn argument(&self, field: &Field, name: &str) -> Option<ConstValue> {
        self.value(&field.get_argument(name)?.node)
    }

    fn value(&self, value: &Value) -> Option<ConstValue> {
        match value {
            Value::Variable(name) => self.variables.get(name).cloned(),
            value => value.clone().into_const(),
        }
    }

    fn field(&self, node: Node<'a>, field: &Field) -> Resolved<'a> {
        let name = field.name.node.as_str();
        if name == "__typename" {
            return Resolved::Value(node.type_name().into());
        }
        let deprecated_too =
            self.argument(field, "includeDeprecated") == Some(ConstValue::Boolean(true));
        let shown = |deprecated: &Option<String>| deprecated_too || deprecated.is_none();
        match node {
            Node::Schema => self.of_schema(name),
            Node::Named(id) => self.of_type(id, name, shown),
            Node::Reference(ty, wrapped) => self.of_reference(ty, wrapped, name, shown),
            Node::Field(own, def) => match name {
                "args" => inputs(&def.arguments, shown),
                "type" => Resolved::Node(Node::Reference(&def.ty, true)),
                _ => element(own, def.description.as_ref(), def.deprecated.as_ref(), name),
            },
            Node::Input(own, def) => match name {
                "type" => Resolved::Node(Node::Reference(&def.ty, true)),
                "defaultValue" => {
                    let default = def.default.as_ref().map(ToString::to_string);
                    Resolved::Value(text(default.as_ref()))
                }
                _ => element(own, def.description.as_ref(), def.deprecated.as_ref(), name),
            },
            Node::EnumValue(own, def) => {
                element(own, def.description.as_ref(), def.deprecated.as_ref(), name)
            }
            Node::Directive(own, def) => match name {
                "args" => inputs(&def.arguments, shown),
                "isRepeatable" => Resolved::Value(def.repeatable.into()),
                "locations" => {
                    let locations = def.locations.iter().map(Name::new);
                    Resolved::Value(ConstValue::List(locations.map(ConstValue::Enum).collect()))
                }
                _ => element(own, def.description.as_ref(), None, name),
            },
        }
    }

    fn of_schema(&self, name: &str) -> Resolved<'a> {
        let schema = self.schema;
        match name {
            "types" => Resolved::Nodes((0..schema.types.len()).map(Node::Named).collect()),
            "queryType" => Resolved::Node(Node::Named(schema.query)),
            "mutationType" => optional(schema.mutation),
            "subscriptionType" => optional(schema.subscription),
            "directives" => Resolved::Nodes(
                schema.directives.iter().map(|(name, def)| Node::Directive(name, def)).collect(),
            ),
            _ => Resolved::Value(text(schema.description.as_ref())),
        }
    }

    fn of_type(
        &self,
        id: usize,
        name: &str,
        shown: impl Fn(&Option<String>) -> bool,
    ) -> Resolved<'a> {
        let def = self.schema.def(id);
        match (name, &def.kind) {
            ("kind", kind) => Resolved::Value(ConstValue::Enum(Name::new(match kind {
                Kind::Scalar(_) => "SCALAR",
                Kind::Object(_) => "OBJECT",
                Kind::Interface(_) => "INTERFACE",
                Kind::Union => "UNION",
                Kind::Enum(_) => "ENUM",
                Kind::Input { .. } => "INPUT_OBJECT",
            }))),
            ("name", _) => Resolved::Value(self.schema.name(id).into()),
            ("description", _) => Resolved::Value(text(def.description.as_ref())),
            ("specifiedByURL", _) => Resolved::Value(text(def.specified_by.as_ref())),
            ("isOneOf", Kind::Input { one_of, .. }) => Resolved::Value((*one_of).into()),
            ("fields", Kind::Object(of) | Kind::Interface(of)) => {
                let fields = of.fields.iter().filter(|(_, def)| shown(&def.deprecated));
                Resolved::Nodes(fields.map(|(name, def)| Node::Field(name, def)).collect())
            }
            ("interfaces", Kind::Object(of) | Kind::Interface(of)) => {
                Resolved::Nodes(of.interfaces.iter().copied().map(Node::Named).collect())
            }
            ("possibleTypes", Kind::Interface(_) | Kind::Union) => {
                Resolved::Nodes(def.possible.iter().copied().map(Node::Named).collect())
            }
            ("enumValues", Kind::Enum(values)) => {
                let values = values.iter().filter(|(_, def)| shown(&def.deprecated));
                Resolved::Nodes(values.map(|(name, def)| Node::EnumValue(name, def)).collect())
            }
            ("inputFields", Kind::Input { fields, .. }) => inputs(fields, shown),
            _ => Resolved::Value(ConstValue::Null),
        }
    }

    fn of_reference(
        &self,
        ty: &'a Ty,
        wrapped: bool,
        name: &str,
        shown: impl Fn(&Option<String>) -> bool,
    ) -> Resolved<'a> {
        let (kind, inner) = match &ty.of {
            _ if ty.non_null && wrapped => ("NON_NULL", Node::Reference(ty, false)),
            Of::List(inner) => ("LIST", Node::Reference(inner, true)),
            Of::Named(id) => return self.of_type(*id, name, shown),
        };
        match name {
            "kind" => Resolved::Value(ConstValue::Enum(Name::new(kind))),
            "ofType" => Resolved::Node(inner),
            _ => Resolved::Value(ConstValue::Null),
        }
    }
}

impl Node<'_> {
    fn type_name(self) -> &'static str {
        match self {
            Self::Schema => "__Schema",
            Self::Named(_) | Self::Reference(..) => "__Type",
            Self::Field(..) => "__Field",
            Self::Input(..) => "__InputValue",
            Self::EnumValue(..) => "__EnumValue",
            Self::Directive(..) => "__Directive",
        }
    }
}

/// What fields, arguments, enum values and directives have in common.
fn element<'a>(
    name: &str,
    description: Option<&String>,
    deprecated: Option<&String>,
    field: &str,
) -> Resolved<'a> {
    Resolved::Value(match field {
        "name" => name.into(),
        "description" => text(description),
        "isDeprecated" => deprecated.is_some().into(),
        "deprecationReason" => text(deprecated),
        _ => ConstValue::Null,
    })
}

fn inputs<'a>(
    inputs: &'a IndexMap<String, InputDef>,
    shown: impl Fn(&Option<String>) -> bool,
) -> Resolved<'a> {
    let inputs = inputs.iter().filter(|(_, def)| shown(&def.deprecated));
    Resolved::Nodes(inputs.map(|(name, def)| Node::Input(name, def)).collect())
}

fn optional<'a>(id: Option<usize>) -> Resolved<'a> {
    id.map_or(Resolved::Value(ConstValue::Null), |id| Resolved::Node(Node::Named(id)))
}

fn text(text: Option<&String>) -> ConstValue {
    text.map_or(ConstValue::Null, |text| ConstValue::String(text.clone()))
}
