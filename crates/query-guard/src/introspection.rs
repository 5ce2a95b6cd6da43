//! Introspection (section 4), executed on the index: it says what the SDL says.

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
    schema::{DirectiveDef, EnumValueDef, FieldDef, InputDef, Kind, Of, Schema, Ty},
};

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

/// What a selection set has on nodes of one type: collected once, however many nodes there are.
type Plan<'a> = Rc<[Planned<'a>]>;

/// A field of a plan.
struct Planned<'a> {
    key: &'a Name,
    name: &'a str,
    includes_deprecated: bool,
    /// The selection sets of all fields of the response name.
    sets: Vec<&'a SelectionSet>,
    below: OnceCell<Plan<'a>>,
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
        let run = Run::new(self, fragments, variables);
        let resolved = match run.root(field)? {
            Some(node) => run.object(node, &run.plan(node, &[&field.selection_set.node])),
            None => ConstValue::Null,
        };
        Some(resolved)
    }

    /// The number of fields that [`introspect`](Self::introspect) returns, counted up to a maximum;
    /// the maximum too, where it takes very long to find out.
    pub fn introspection_size(
        &self,
        field: &Field,
        fragments: &Fragments,
        variables: &Variables,
        max: u64,
    ) -> u64 {
        let run = Run::new(self, fragments, variables);
        let mut size = 0;
        if let Some(Some(node)) = run.root(field) {
            run.count(node, &run.plan(node, &[&field.selection_set.node]), max, &mut size);
        }
        size.min(max)
    }
}

struct Run<'a> {
    schema: &'a Schema,
    fragments: &'a Fragments,
    variables: &'a Variables,
    /// By the type of the nodes and the selection sets: fragments lead to the same ones often.
    plans: RefCell<HashMap<(&'static str, Vec<*const SelectionSet>), Plan<'a>>>,
    /// Selections that were collected.
    collected: Cell<u64>,
}

impl<'a> Run<'a> {
    fn new(schema: &'a Schema, fragments: &'a Fragments, variables: &'a Variables) -> Self {
        let (plans, collected) = Default::default();
        Self { schema, fragments, variables, plans, collected }
    }

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

    fn count(&self, node: Node<'a>, plan: &Plan<'a>, max: u64, size: &mut u64) {
        for field in &**plan {
            if *size >= max || self.collected.get() > MAX_COLLECTED {
                *size = max;
                return;
            }
            *size += 1;
            match self.field(node, field) {
                Resolved::Value(_) => {}
                Resolved::Node(node) => self.count(node, self.below(node, field), max, size),
                Resolved::Nodes(nodes) => {
                    for node in nodes {
                        self.count(node, self.below(node, field), max, size);
                    }
                }
            }
        }
    }

    fn object(&self, node: Node<'a>, plan: &Plan<'a>) -> ConstValue {
        let resolved = plan.iter().map(|field| {
            let value = match self.field(node, field) {
                Resolved::Value(value) => value,
                Resolved::Node(node) => self.object(node, self.below(node, field)),
                Resolved::Nodes(nodes) => {
                    let objects =
                        nodes.into_iter().map(|node| self.object(node, self.below(node, field)));
                    ConstValue::List(objects.collect())
                }
            };
            (field.key.clone(), value)
        });
        ConstValue::Object(resolved.collect())
    }

    /// The plan of the subfields of a field, whose nodes are all of one type.
    fn below<'b>(&self, node: Node<'a>, field: &'b Planned<'a>) -> &'b Plan<'a> {
        field.below.get_or_init(|| self.plan(node, &field.sets))
    }

    fn plan(&self, node: Node<'a>, sets: &[&'a SelectionSet]) -> Plan<'a> {
        let key = (node.type_name(), sets.iter().map(|set| &raw const **set).collect());
        if let Some(plan) = self.plans.borrow().get(&key) {
            return plan.clone();
        }
        let (mut fields, mut spread) = (IndexMap::new(), HashSet::new());
        for set in sets {
            self.collect(key.0, set, &mut fields, &mut spread);
        }
        let plan: Plan = fields.into_values().collect();
        self.plans.borrow_mut().insert(key, plan.clone());
        plan
    }

    /// The fields of a selection set by their response names (section 6.3.2).
    fn collect(
        &self,
        ty: &str,
        set: &'a SelectionSet,
        fields: &mut IndexMap<&'a str, Planned<'a>>,
        spread: &mut HashSet<&'a str>,
    ) {
        self.collected.set(self.collected.get() + set.items.len() as u64);
        for item in set.items.iter().filter(|item| self.is_included(item.node.directives())) {
            let (on, set) = match &item.node {
                Selection::Field(field) => {
                    let key = &field.node.response_key().node;
                    let planned = fields.entry(key).or_insert_with(|| self.planned(&field.node));
                    let set = &field.node.selection_set.node;
                    if !set.items.is_empty() {
                        planned.sets.push(set);
                    }
                    continue;
                }
                Selection::InlineFragment(inline) => {
                    (inline.node.type_condition.as_ref(), &inline.node.selection_set.node)
                }
                Selection::FragmentSpread(one) => {
                    let name = &one.node.fragment_name.node;
                    let fragment = self.fragments.get(name).filter(|_| spread.insert(name));
                    let Some(fragment) = fragment else { continue };
                    (Some(&fragment.node.type_condition), &fragment.node.selection_set.node)
                }
            };
            if on.is_none_or(|on| on.node.on.node == ty) {
                self.collect(ty, set, fields, spread);
            }
        }
    }

    fn planned(&self, field: &'a Field) -> Planned<'a> {
        // A null by variable, a field error by the specification, counts as false.
        let deprecated = self.argument(field, "includeDeprecated");
        Planned {
            key: &field.response_key().node,
            name: &field.name.node,
            includes_deprecated: deprecated == Some(ConstValue::Boolean(true)),
            sets: Vec::new(),
            below: OnceCell::new(),
        }
    }

    fn is_included(&self, directives: &[Positioned<Directive>]) -> bool {
        directives.iter().all(|directive| {
            let condition = directive.node.get_argument("if").map(|value| &value.node);
            let condition = condition.and_then(|value| self.value(value));
            let condition = condition == Some(ConstValue::Boolean(true));
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

    fn field(&self, node: Node<'a>, field: &Planned) -> Resolved<'a> {
        let name = field.name;
        if name == "__typename" {
            return Resolved::Value(node.type_name().into());
        }
        let shown = |deprecated: &Option<String>| field.includes_deprecated || deprecated.is_none();
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

fn inputs(
    inputs: &IndexMap<String, InputDef>,
    shown: impl Fn(&Option<String>) -> bool,
) -> Resolved<'_> {
    let inputs = inputs.iter().filter(|(_, def)| shown(&def.deprecated));
    Resolved::Nodes(inputs.map(|(name, def)| Node::Input(name, def)).collect())
}

fn optional<'a>(id: Option<usize>) -> Resolved<'a> {
    id.map_or(Resolved::Value(ConstValue::Null), |id| Resolved::Node(Node::Named(id)))
}

fn text(text: Option<&String>) -> ConstValue {
    text.map_or(ConstValue::Null, |text| ConstValue::String(text.clone()))
}
