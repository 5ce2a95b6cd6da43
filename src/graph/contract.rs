//! What there is to know of a schema in order to judge a document: read once, from its text.
//!
//! Knows no document. Names no field but those of connections and of introspection; what else weighs
//! more than one is told to [`Contract::new`].

use std::collections::HashMap;

use async_graphql::{
    Positioned,
    parser::{
        parse_schema,
        types::{
            BaseType, Field as Selected, FieldDefinition, InterfaceType, ObjectType,
            OperationDefinition, OperationType, Type as TypeRef, TypeDefinition, TypeKind,
            TypeSystemDefinition,
        },
    },
};
use async_graphql_value::Name;

use super::variables::Inputs;

/// Rows that a list is taken to have which is not paged: short by its nature, and not the client's
/// to cut.
pub const ASSUMED: u64 = 5;
/// A part of all types that introspection is taken to list: what it tells of each is short.
const TYPES_PART: u64 = 3;
/// A number of all rows, each of which has to be looked at.
pub const TOTAL: u64 = 20;
/// A test of a filter that looks at other rows.
const ACROSS: u64 = 10;
/// What introspection leads to; a contract does not write it down.
const INTROSPECTION: &str = "
    type __Schema { description: String types: [__Type] queryType: __Type mutationType: __Type
        subscriptionType: __Type directives: [__Directive] }
    type __Type { kind: String name: String description: String specifiedByURL: String isOneOf: Boolean
        fields(includeDeprecated: Boolean): [__Field] interfaces: [__Type] possibleTypes: [__Type]
        enumValues(includeDeprecated: Boolean): [__EnumValue]
        inputFields(includeDeprecated: Boolean): [__InputValue] ofType: __Type }
    type __Field { name: String description: String isDeprecated: Boolean deprecationReason: String
        args(includeDeprecated: Boolean): [__InputValue] type: __Type }
    type __InputValue { name: String description: String defaultValue: String isDeprecated: Boolean
        deprecationReason: String type: __Type }
    type __EnumValue { name: String description: String isDeprecated: Boolean deprecationReason: String }
    type __Directive { name: String description: String locations: [String] isRepeatable: Boolean
        args(includeDeprecated: Boolean): [__InputValue] }
    type Introspection { __schema: __Schema __type(name: String): __Type }
";

/// What there is to know of a schema in order to reckon.
pub struct Contract {
    pub types: Vec<Type>,
    pub names: HashMap<String, usize>,
    pub filters: Vec<HashMap<String, Test>>,
    pub root: Option<usize>,
    /// The types that variables may have.
    pub inputs: Inputs,
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
    /// How many arguments it takes.
    pub arguments: usize,
}

/// How often what is below a field is answered for each time that the field is.
pub enum Below {
    Once,
    /// As often as the list is taken to be long.
    Assumed(u64),
    /// Once for each value of the argument.
    Each(String),
    /// As often as `first` says: a list that is cut and not paged.
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

fn definitions(sdl: &str) -> impl Iterator<Item = TypeSystemDefinition> {
    let document = parse_schema(sdl).expect("the text of a schema follows its grammar");
    document.definitions.into_iter()
}

impl Contract {
    /// Of the schema that `sdl` is the text of; fields with these names weigh more than one.
    pub fn new(sdl: &str, weights: &[(&str, u64)]) -> Self {
        let mut query = "Query".to_owned();
        let mut defined = Vec::new();
        for definition in definitions(sdl).chain(definitions(INTROSPECTION)) {
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
        let lists = Lists::of(&defined);
        let read = Reading { names: &names, inputs: &numbers, weights, lists };
        let mut types: Vec<_> = defined.iter().filter(has_fields).map(|ty| read.ty(ty)).collect();
        let filters = defined.iter().filter(is_input).map(|ty| read.filter(ty)).collect();
        let root = names.get(&query).copied();
        if let (Some(root), Some(entry)) = (root, names.get("Introspection")) {
            let entry = std::mem::take(&mut types[*entry].fields);
            types[root].fields.extend(entry);
        }
        let inputs = Inputs::new(&defined);
        Self { types, names, filters, root, inputs }
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
    weights: &'a [(&'a str, u64)],
    lists: Lists,
}

/// How long the lists of introspection are, on an average: they lead to each other in rings.
#[derive(Clone, Copy)]
struct Lists {
    types: u64,
    fields: u64,
    arguments: u64,
    inputs: u64,
    words: u64,
}

impl Lists {
    fn of(defined: &[TypeDefinition]) -> Self {
        let (mut fields, mut arguments, mut inputs, mut words) = (0, 0, 0, 0);
        for ty in defined {
            match &ty.kind {
                TypeKind::Object(ObjectType { fields: own, .. })
                | TypeKind::Interface(InterfaceType { fields: own, .. }) => {
                    fields += own.len();
                    arguments += own.iter().map(|field| field.node.arguments.len()).sum::<usize>();
                }
                TypeKind::InputObject(input) => inputs += input.fields.len(),
                TypeKind::Enum(own) => words += own.values.len(),
                _ => {}
            }
        }
        let average = |all: usize, of: usize| all.div_ceil(of.max(1)) as u64;
        let types = defined.len();
        Self {
            types: (types as u64).div_ceil(TYPES_PART),
            fields: average(fields, types),
            arguments: average(arguments, fields),
            inputs: average(inputs, types),
            words: average(words, types),
        }
    }

    fn assumed(self, name: &str) -> u64 {
        match name {
            "types" => self.types,
            "fields" => self.fields,
            "args" => self.arguments,
            "inputFields" => self.inputs,
            "enumValues" => self.words,
            _ => ASSUMED,
        }
    }
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
            let assumed = match ty.name.node.starts_with("__") {
                true => self.lists.assumed(field.name.node.as_str()),
                false => ASSUMED,
            };
            (field.name.node.to_string(), self.field(field, connection, assumed))
        });
        Type { fields: fields.collect(), several }
    }

    fn field(&self, field: &FieldDefinition, connection: bool, assumed: u64) -> Field {
        let name = field.name.node.as_str();
        let argument = |name: &str| field.arguments.iter().find(|one| one.node.name.node == name);
        let each = field.arguments.iter().find(|argument| {
            let ty = &argument.node.ty.node;
            is_list(ty) && !ty.nullable
        });
        let below = match (is_list(&field.ty.node), each) {
            (true, _) if connection && ["nodes", "edges"].contains(&name) => Below::Rows,
            (true, Some(each)) => Below::Each(each.node.name.node.to_string()),
            (true, None) if argument("first").is_some() => Below::Cut,
            (true, None) => Below::Assumed(assumed),
            (false, _) if argument("first").is_some() => Below::Page,
            (false, _) => Below::Once,
        };
        let weight = match name {
            "totalCount" if connection => TOTAL,
            _ => self.weights.iter().find(|(own, _)| *own == name).map_or(1, |(_, weight)| *weight),
        };
        let filter = argument("filter").and_then(|filter| self.input(&filter.node.ty.node));
        let of = self.names.get(base(&field.ty.node).as_str()).copied();
        Field { of, below, weight, filter, arguments: field.arguments.len() }
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
