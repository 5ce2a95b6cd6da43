//! What there is to know of a schema in order to judge a document: read once, from its text.
//!
//! Knows no document. Names no field but those of connections.

use std::{collections::HashMap, sync::Arc};

use async_graphql_parser::{
    Positioned,
    types::{
        BaseType, Field as Selected, FieldDefinition, OperationDefinition, OperationType,
        Type as TypeRef, TypeDefinition, TypeKind, TypeSystemDefinition,
    },
};
use async_graphql_value::Name;

use crate::{
    Schema,
    cost::{Costs, ListSize},
    parse_sdl,
};

/// A test of a filter that looks at other rows.
const ACROSS: u64 = 10;

/// What there is to know of a schema in order to reckon.
pub struct Contract {
    pub types: Vec<Type>,
    pub names: HashMap<String, usize>,
    pub filters: Vec<HashMap<String, Test>>,
    pub root: Option<usize>,
    pub costs: Costs,
    /// The schema that introspection is counted on.
    pub definitions: Arc<Schema>,
}

#[derive(Default)]
pub struct Type {
    pub fields: HashMap<String, Field>,
    /// An interface or a union: its objects are of several types.
    pub several: bool,
}

pub struct Field {
    /// The type of what it answers, where that has fields.
    pub of: Option<usize>,
    pub below: Below,
    pub weight: u64,
    pub filter: Option<usize>,
}

/// How often what is below a field is answered for each time that the field is.
pub enum Below {
    Once,
    /// As often as [`Costs::unsized_items`].
    Assumed,
    /// Once for each value of the argument.
    Each(String),
    /// As often as [`Costs::lists`] say: a list that is cut and not paged.
    Cut,
    /// The field takes page arguments: its rows are those of the page.
    Page,
    /// As often as the page has rows that the field belongs to.
    Rows,
}

/// A word of a filter.
pub struct Test {
    pub weight: u64,
    /// The words within it.
    pub of: Option<usize>,
}

fn base(ty: &TypeRef) -> &Name {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(of) => base(of),
    }
}

fn is_list(ty: &TypeRef) -> bool {
    matches!(ty.base, BaseType::List(_))
}

fn parsed(sdl: &str) -> impl Iterator<Item = TypeSystemDefinition> {
    let (document, _) = parse_sdl(sdl).expect("the text of a schema follows its grammar");
    document.definitions.into_iter()
}

impl Contract {
    /// Of the schema that `sdl` is the text of.
    ///
    /// # Panics
    /// If the text is no SDL.
    pub fn new(sdl: &str, costs: Costs, definitions: Arc<Schema>) -> Self {
        let mut query = "Query".to_owned();
        let mut defined = Vec::new();
        for definition in parsed(sdl) {
            match definition {
                TypeSystemDefinition::Type(ty) => defined.push(ty.node),
                TypeSystemDefinition::Schema(schema) => {
                    query = schema.node.query.map_or(query, |name| name.node.to_string());
                }
                TypeSystemDefinition::Directive(_) => {}
            }
        }
        let has_fields = |ty: &&TypeDefinition| {
            matches!(ty.kind, TypeKind::Object(_) | TypeKind::Interface(_) | TypeKind::Union(_))
        };
        let is_input = |ty: &&TypeDefinition| matches!(ty.kind, TypeKind::InputObject(_));
        let names = numbered(defined.iter().filter(has_fields));
        let numbers = numbered(defined.iter().filter(is_input));
        let read = Reading { names: &names, inputs: &numbers, costs: &costs };
        let types = defined.iter().filter(has_fields).map(|ty| read.ty(ty)).collect();
        let filters = defined.iter().filter(is_input).map(|ty| read.filter(ty)).collect();
        let root = names.get(&query).copied();
        Self { types, names, filters, root, costs, definitions }
    }

    pub fn top(&self, operation: &Positioned<OperationDefinition>) -> Option<usize> {
        self.root.filter(|_| operation.node.ty == OperationType::Query)
    }

    pub fn field(&self, of: Option<usize>, selected: &Selected) -> Option<&Field> {
        self.types[of?].fields.get(selected.name.node.as_str())
    }
}

fn numbered<'a>(types: impl Iterator<Item = &'a TypeDefinition>) -> HashMap<String, usize> {
    types.enumerate().map(|(at, ty)| (ty.name.node.to_string(), at)).collect()
}

/// Makes a contract of the definitions of a schema.
struct Reading<'a> {
    names: &'a HashMap<String, usize>,
    inputs: &'a HashMap<String, usize>,
    costs: &'a Costs,
}

impl Reading<'_> {
    fn ty(&self, ty: &TypeDefinition) -> Type {
        let (fields, several) = match &ty.kind {
            TypeKind::Object(object) => (&*object.fields, false),
            TypeKind::Interface(interface) => (&*interface.fields, true),
            _ => (&[][..], true),
        };
        let connection = fields.iter().any(|field| field.node.name.node == "pageInfo");
        let fields = fields.iter().map(|field| {
            let field = &field.node;
            (field.name.node.to_string(), self.field(field, connection))
        });
        Type { fields: fields.collect(), several }
    }

    fn field(&self, field: &FieldDefinition, connection: bool) -> Field {
        let name = field.name.node.as_str();
        let argument = |name: &str| field.arguments.iter().find(|one| one.node.name.node == name);
        let takes = |size: &ListSize| size.arguments.iter().any(|name| argument(name).is_some());
        let each = field.arguments.iter().find(|argument| {
            let ty = &argument.node.ty.node;
            is_list(ty) && !ty.nullable
        });
        let below = match (is_list(&field.ty.node), each) {
            (true, _) if connection && ["nodes", "edges"].contains(&name) => Below::Rows,
            (true, Some(each)) => Below::Each(each.node.name.node.to_string()),
            (true, None) if takes(&self.costs.lists) => Below::Cut,
            (true, None) => Below::Assumed,
            (false, _) if takes(&self.costs.pages) => Below::Page,
            (false, _) => Below::Once,
        };
        let weight = self.costs.weights.iter().find(|(own, _)| *own == name);
        let weight = weight.map_or(1, |(_, weight)| *weight);
        let filter =
            argument(self.costs.filter).and_then(|filter| self.input(&filter.node.ty.node));
        let of = self.names.get(base(&field.ty.node).as_str()).copied();
        Field { of, below, weight, filter }
    }

    fn input(&self, ty: &TypeRef) -> Option<usize> {
        self.inputs.get(base(ty).as_str()).copied()
    }

    fn filter(&self, ty: &TypeDefinition) -> HashMap<String, Test> {
        let TypeKind::InputObject(input) = &ty.kind else { return HashMap::new() };
        let words = input.fields.iter().map(|word| {
            let (name, ty) = (word.node.name.node.as_str(), &word.node.ty.node);
            let of = self.input(ty);
            let filters = |row: &str| self.names.contains_key(row);
            let edge = base(ty).strip_suffix("Filter").is_some_and(filters);
            let weight = match (of, name) {
                (None, _) => 1,
                (Some(_), "some" | "none" | "every") => ACROSS,
                (Some(_), "and" | "or" | "not") => 0,
                (Some(_), _) => {
                    if edge {
                        ACROSS
                    } else {
                        0
                    }
                }
            };
            (name.to_owned(), Test { weight, of })
        });
        words.collect()
    }
}
