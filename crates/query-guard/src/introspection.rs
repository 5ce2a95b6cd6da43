//! Introspection (section 4), resolved from the schema index.

use std::{
    cell::{Cell, OnceCell, RefCell},
    collections::{HashMap, HashSet},
    rc::Rc,
};

use async_graphql_parser::{
    Positioned,
    types::{Directive, Field, Selection, SelectionSet},
};
use async_graphql_value::{ConstValue, Name, Value, Variables};
use indexmap::IndexMap;

use crate::{
    limits::MAX_COLLECTED,
    lower::Fragments,
    schema::{BaseTy, DirectiveDef, EnumValueDef, FieldDef, InputDef, Kind, Schema, Ty},
};

/// An object of the introspection schema.
#[derive(Clone, Copy)]
enum Node<'a> {
    Schema,
    Named(usize),
    /// A type reference, and whether it includes its non-null wrapper.
    Reference(&'a Ty, bool),
    Field(&'a str, &'a FieldDef),
    Input(&'a str, &'a InputDef),
    EnumValue(&'a str, &'a EnumValueDef),
    Directive(&'a str, &'a DirectiveDef),
}

/// The value of a field of a node.
enum FieldValue<'a> {
    Value(ConstValue),
    Node(Node<'a>),
    Nodes(Vec<Node<'a>>),
}

/// The collected fields of selection sets on nodes of one type, shared by all nodes.
type Plan<'a> = Rc<[PlannedField<'a>]>;

struct PlannedField<'a> {
    key: &'a Name,
    name: &'a str,
    includes_deprecated: bool,
    /// The selection sets of all fields with the response name.
    sets: Vec<&'a SelectionSet>,
    subfields: OnceCell<Plan<'a>>,
}

impl Schema {
    /// Resolves the field `__schema` or `__type` of the query root. Returns `None` for any other field.
    ///
    /// The document must have passed [`validate`](crate::validate()) and its variables
    /// [`coerce`](crate::coerce()).
    pub fn introspect(
        &self,
        field: &Field,
        fragments: &Fragments,
        variables: &Variables,
    ) -> Option<ConstValue> {
        let execution = Execution::new(self, fragments, variables);
        let resolved = match execution.root(field)? {
            Some(node) => {
                execution.object(node, &execution.plan(node, &[&field.selection_set.node]))
            }
            None => ConstValue::Null,
        };
        Some(resolved)
    }

    /// Counts the fields that [`introspect`](Self::introspect) returns, up to a maximum. Returns the maximum
    /// if the selection exceeds [`MAX_COLLECTED`].
    pub fn introspection_size(
        &self,
        field: &Field,
        fragments: &Fragments,
        variables: &Variables,
        max: u64,
    ) -> u64 {
        let execution = Execution::new(self, fragments, variables);
        let mut size = 0;
        if let Some(Some(node)) = execution.root(field) {
            execution.count(
                node,
                &execution.plan(node, &[&field.selection_set.node]),
                max,
                &mut size,
            );
        }
        size.min(max)
    }
}

struct Execution<'a> {
    schema: &'a Schema,
    fragments: &'a Fragments,
    variables: &'a Variables,
    /// Plans by node type and selection sets.
    plans: RefCell<HashMap<(&'static str, Vec<*const SelectionSet>), Plan<'a>>>,
    /// The number of collected selections.
    collected: Cell<u64>,
}

impl<'a> Execution<'a> {
    fn new(schema: &'a Schema, fragments: &'a Fragments, variables: &'a Variables) -> Self {
        let (plans, collected) = Default::default();
        Self { schema, fragments, variables, plans, collected }
    }

    /// Returns the node of an introspection field of the query root: `Some(None)` if `__type` names an
    /// unknown type, `None` if it is no introspection field.
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

    fn count(&self, node: Node<'a>, plan: &Plan<'a>, max: u64, size: &mut u64) {
        for field in &**plan {
            if *size >= max || self.collected.get() > MAX_COLLECTED {
                *size = max;
                return;
            }
            *size += 1;
            match self.field(node, field) {
                FieldValue::Value(_) => {}
                FieldValue::Node(node) => self.count(node, self.subfields(node, field), max, size),
                FieldValue::Nodes(nodes) => {
                    for node in nodes {
                        self.count(node, self.subfields(node, field), max, size);
                    }
                }
            }
        }
    }

    fn object(&self, node: Node<'a>, plan: &Plan<'a>) -> ConstValue {
        let resolved = plan.iter().map(|field| {
            let value = match self.field(node, field) {
                FieldValue::Value(value) => value,
                FieldValue::Node(node) => self.object(node, self.subfields(node, field)),
                FieldValue::Nodes(nodes) => {
                    let objects = nodes
                        .into_iter()
                        .map(|node| self.object(node, self.subfields(node, field)));
                    ConstValue::List(objects.collect())
                }
            };
            (field.key.clone(), value)
        });
        ConstValue::Object(resolved.collect())
    }

    /// Returns the plan of the subfields of a field. All nodes of the field have the same type.
    fn subfields<'b>(&self, node: Node<'a>, field: &'b PlannedField<'a>) -> &'b Plan<'a> {
        field.subfields.get_or_init(|| self.plan(node, &field.sets))
    }

    fn plan(&self, node: Node<'a>, sets: &[&'a SelectionSet]) -> Plan<'a> {
        let key = (node.type_name(), sets.iter().map(|set| &raw const **set).collect());
        if let Some(plan) = self.plans.borrow().get(&key) {
            return plan.clone();
        }
        let (mut fields, mut visited) = (IndexMap::new(), HashSet::new());
        for set in sets {
            self.collect(key.0, set, &mut fields, &mut visited);
        }
        let plan: Plan = fields.into_values().collect();
        self.plans.borrow_mut().insert(key, plan.clone());
        plan
    }

    /// Collects the fields of a selection set by response name (section 6.3.2).
    fn collect(
        &self,
        ty: &str,
        set: &'a SelectionSet,
        fields: &mut IndexMap<&'a str, PlannedField<'a>>,
        visited: &mut HashSet<&'a str>,
    ) {
        self.collected.set(self.collected.get() + set.items.len() as u64);
        for item in set.items.iter().filter(|item| self.is_included(item.node.directives())) {
            let (on, set) = match &item.node {
                Selection::Field(field) => {
                    let key = &field.node.response_key().node;
                    let planned = fields.entry(key).or_insert_with(|| self.plan_field(&field.node));
                    let set = &field.node.selection_set.node;
                    if !set.items.is_empty() {
                        planned.sets.push(set);
                    }
                    continue;
                }
                Selection::InlineFragment(inline) => {
                    (inline.node.type_condition.as_ref(), &inline.node.selection_set.node)
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    let fragment = self.fragments.get(name).filter(|_| visited.insert(name));
                    let Some(fragment) = fragment else { continue };
                    (Some(&fragment.node.type_condition), &fragment.node.selection_set.node)
                }
            };
            if on.is_none_or(|on| on.node.on.node == ty) {
                self.collect(ty, set, fields, visited);
            }
        }
    }

    fn plan_field(&self, field: &'a Field) -> PlannedField<'a> {
        // A variable with the value null, a field error by the specification, counts as false.
        let deprecated = self.argument(field, "includeDeprecated");
        PlannedField {
            key: &field.response_key().node,
            name: &field.name.node,
            includes_deprecated: deprecated == Some(ConstValue::Boolean(true)),
            sets: Vec::new(),
            subfields: OnceCell::new(),
        }
    }

    fn is_included(&self, directives: &[Positioned<Directive>]) -> bool {
        directives.iter().all(|directive| {
            let argument = directive.node.get_argument("if");
            let value = argument.and_then(|argument| self.value(&argument.node));
            let condition = value == Some(ConstValue::Boolean(true));
            match directive.node.name.node.as_str() {
                "skip" => !condition,
                "include" => condition,
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

    fn field(&self, node: Node<'a>, field: &PlannedField) -> FieldValue<'a> {
        let name = field.name;
        if name == "__typename" {
            return FieldValue::Value(node.type_name().into());
        }
        let is_visible =
            |deprecated: &Option<String>| field.includes_deprecated || deprecated.is_none();
        match node {
            Node::Schema => self.schema_field(name),
            Node::Named(id) => self.type_field(id, name, is_visible),
            Node::Reference(ty, wrapped) => self.reference_field(ty, wrapped, name, is_visible),
            Node::Field(node_name, def) => match name {
                "args" => inputs(&def.arguments, is_visible),
                "type" => FieldValue::Node(Node::Reference(&def.ty, true)),
                _ => element_field(
                    node_name,
                    def.description.as_ref(),
                    def.deprecated.as_ref(),
                    name,
                ),
            },
            Node::Input(node_name, def) => match name {
                "type" => FieldValue::Node(Node::Reference(&def.ty, true)),
                "defaultValue" => {
                    let default = def.default.as_ref().map(ToString::to_string);
                    FieldValue::Value(text(default.as_ref()))
                }
                _ => element_field(
                    node_name,
                    def.description.as_ref(),
                    def.deprecated.as_ref(),
                    name,
                ),
            },
            Node::EnumValue(node_name, def) => {
                element_field(node_name, def.description.as_ref(), def.deprecated.as_ref(), name)
            }
            Node::Directive(node_name, def) => match name {
                "args" => inputs(&def.arguments, is_visible),
                "isRepeatable" => FieldValue::Value(def.repeatable.into()),
                "locations" => {
                    let locations = def.locations.iter().map(Name::new);
                    FieldValue::Value(ConstValue::List(locations.map(ConstValue::Enum).collect()))
                }
                _ => element_field(node_name, def.description.as_ref(), None, name),
            },
        }
    }

    fn schema_field(&self, name: &str) -> FieldValue<'a> {
        let schema = self.schema;
        match name {
            "types" => FieldValue::Nodes((0..schema.types.len()).map(Node::Named).collect()),
            "queryType" => FieldValue::Node(Node::Named(schema.query)),
            "mutationType" => optional(schema.mutation),
            "subscriptionType" => optional(schema.subscription),
            "directives" => FieldValue::Nodes(
                schema.directives.iter().map(|(name, def)| Node::Directive(name, def)).collect(),
            ),
            _ => FieldValue::Value(text(schema.description.as_ref())),
        }
    }

    fn type_field(
        &self,
        id: usize,
        name: &str,
        is_visible: impl Fn(&Option<String>) -> bool,
    ) -> FieldValue<'a> {
        let def = self.schema.def(id);
        match (name, &def.kind) {
            ("kind", kind) => FieldValue::Value(ConstValue::Enum(Name::new(match kind {
                Kind::Scalar(_) => "SCALAR",
                Kind::Object(_) => "OBJECT",
                Kind::Interface(_) => "INTERFACE",
                Kind::Union => "UNION",
                Kind::Enum(_) => "ENUM",
                Kind::Input { .. } => "INPUT_OBJECT",
            }))),
            ("name", _) => FieldValue::Value(self.schema.name(id).into()),
            ("description", _) => FieldValue::Value(text(def.description.as_ref())),
            ("specifiedByURL", _) => FieldValue::Value(text(def.specified_by.as_ref())),
            ("isOneOf", Kind::Input { one_of, .. }) => FieldValue::Value((*one_of).into()),
            ("fields", Kind::Object(composite) | Kind::Interface(composite)) => {
                let fields = composite.fields.iter().filter(|(_, def)| is_visible(&def.deprecated));
                FieldValue::Nodes(fields.map(|(name, def)| Node::Field(name, def)).collect())
            }
            ("interfaces", Kind::Object(composite) | Kind::Interface(composite)) => {
                FieldValue::Nodes(composite.interfaces.iter().copied().map(Node::Named).collect())
            }
            ("possibleTypes", Kind::Interface(_) | Kind::Union) => {
                FieldValue::Nodes(def.possible.iter().copied().map(Node::Named).collect())
            }
            ("enumValues", Kind::Enum(values)) => {
                let values = values.iter().filter(|(_, def)| is_visible(&def.deprecated));
                FieldValue::Nodes(values.map(|(name, def)| Node::EnumValue(name, def)).collect())
            }
            ("inputFields", Kind::Input { fields, .. }) => inputs(fields, is_visible),
            _ => FieldValue::Value(ConstValue::Null),
        }
    }

    fn reference_field(
        &self,
        ty: &'a Ty,
        wrapped: bool,
        name: &str,
        is_visible: impl Fn(&Option<String>) -> bool,
    ) -> FieldValue<'a> {
        let (kind, inner) = match &ty.base {
            _ if ty.non_null && wrapped => ("NON_NULL", Node::Reference(ty, false)),
            BaseTy::List(inner) => ("LIST", Node::Reference(inner, true)),
            BaseTy::Named(id) => return self.type_field(*id, name, is_visible),
        };
        match name {
            "kind" => FieldValue::Value(ConstValue::Enum(Name::new(kind))),
            "ofType" => FieldValue::Node(inner),
            _ => FieldValue::Value(ConstValue::Null),
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

/// Resolves a field that fields, arguments, enum values and directives have in common.
fn element_field<'a>(
    name: &str,
    description: Option<&String>,
    deprecated: Option<&String>,
    field: &str,
) -> FieldValue<'a> {
    FieldValue::Value(match field {
        "name" => name.into(),
        "description" => text(description),
        "isDeprecated" => deprecated.is_some().into(),
        "deprecationReason" => text(deprecated),
        _ => ConstValue::Null,
    })
}

fn inputs(
    inputs: &IndexMap<String, InputDef>,
    is_visible: impl Fn(&Option<String>) -> bool,
) -> FieldValue<'_> {
    let inputs = inputs.iter().filter(|(_, def)| is_visible(&def.deprecated));
    FieldValue::Nodes(inputs.map(|(name, def)| Node::Input(name, def)).collect())
}

fn optional<'a>(id: Option<usize>) -> FieldValue<'a> {
    id.map_or(FieldValue::Value(ConstValue::Null), |id| FieldValue::Node(Node::Named(id)))
}

fn text(text: Option<&String>) -> ConstValue {
    text.map_or(ConstValue::Null, |text| ConstValue::String(text.clone()))
}
