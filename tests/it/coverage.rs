//! Query files use each field, input field and enum value of the schema. A failure names the file to
//! write, and its content.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt, fs,
};

use async_graphql::{
    Name, Positioned,
    parser::{
        parse_query,
        types::{
            DocumentOperations, FragmentDefinition, OperationDefinition, OperationType, Selection,
            SelectionSet,
        },
    },
};
use async_graphql_value::{ConstValue, Value};
use serde_json::Value as Json;

use crate::{
    queries::queries,
    schema::{named_type, types},
    world::{Store, World},
};

/// Something that a query file uses.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Item {
    /// A field of an object type.
    Field(String, String),
    /// A field of an input type.
    Input(String, String),
    /// A value of an enum, as an argument or in a response.
    Value(String, String),
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Field(ty, name) | Self::Input(ty, name) | Self::Value(ty, name)) = self;
        write!(f, "{ty}.{name}")
    }
}

type Types = BTreeMap<String, String>;

/// The schema: the names of the types of fields, of their arguments and of input fields.
#[derive(Default)]
struct Schema {
    fields: BTreeMap<String, Types>,
    arguments: HashMap<(String, String), Types>,
    inputs: BTreeMap<String, Types>,
    enums: BTreeMap<String, BTreeSet<String>>,
    interfaces: BTreeSet<String>,
}

impl Schema {
    async fn read(world: &World) -> Self {
        let mut own = Self::default();
        for one in types(world).await {
            let name = |one: &Json| one["name"].as_str().unwrap().to_owned();
            let typed = |all: &Json| -> Types {
                let all = all.as_array().into_iter().flatten();
                all.map(|one| (name(one), named_type(&one["type"]).to_owned())).collect()
            };
            let ty = name(&one);
            for field in one["fields"].as_array().into_iter().flatten() {
                own.arguments.insert((ty.clone(), name(field)), typed(&field["args"]));
            }
            match one["kind"].as_str().unwrap() {
                "OBJECT" => drop(own.fields.insert(ty, typed(&one["fields"]))),
                "INTERFACE" => {
                    own.interfaces.insert(ty.clone());
                    own.fields.insert(ty, typed(&one["fields"]));
                }
                "INPUT_OBJECT" => drop(own.inputs.insert(ty, typed(&one["inputFields"]))),
                "ENUM" => {
                    let values = one["enumValues"].as_array().unwrap().iter().map(name);
                    own.enums.insert(ty, values.collect());
                }
                _ => {}
            }
        }
        own
    }

    /// A field, by one name where several types have it for the same use.
    #[expect(clippy::unused_self, reason = "as its siblings")]
    fn field(&self, ty: &str, field: &str) -> Item {
        let ty = match ["Connection", "Edge"].into_iter().find(|end| ty.ends_with(end)) {
            Some(end) if !["counts", "series"].contains(&field) => end,
            _ => ty,
        };
        Item::Field(ty.to_owned(), field.to_owned())
    }

    /// An input field, by one name where several types have it for the same use.
    fn input(&self, ty: &str, field: &str) -> Item {
        let has = |field: &str| self.inputs[ty].contains_key(field);
        let is_enum =
            |field: &str| self.inputs[ty].get(field).is_some_and(|ty| self.enums.contains_key(ty));
        let ty = match field {
            "and" | "or" | "not" if has("or") => "Filter",
            _ if has("every") => "ListFilter",
            _ if has("direction") => "Order",
            _ if has("isNull") && is_enum("eq") => "EnumFilter",
            _ => ty,
        };
        Item::Input(ty.to_owned(), field.to_owned())
    }

    /// All that has to be used.
    fn items(&self) -> BTreeSet<Item> {
        let fields = self.fields.iter().filter(|(ty, _)| !self.interfaces.contains(*ty));
        let fields = fields.flat_map(|(ty, fields)| fields.keys().map(|one| self.field(ty, one)));
        let inputs = self.inputs.iter();
        let inputs = inputs.flat_map(|(ty, fields)| fields.keys().map(|one| self.input(ty, one)));
        let values = self
            .enums
            .iter()
            .flat_map(|(ty, values)| values.iter().map(|one| Item::Value(ty.clone(), one.clone())));
        fields.chain(inputs).chain(values).collect()
    }

    /// The field of the root that lists the type of a filter, a group key or an order.
    fn list(&self, ty: &str) -> Option<&str> {
        let ends = ["Filter", "GroupKey", "OrderField", "Connection"];
        let ty = ends.into_iter().find_map(|end| ty.strip_suffix(end))?;
        let connection = format!("{ty}Connection");
        let mut roots = self.fields["Query"].iter();
        roots.find(|(_, of)| **of == connection).map(|(field, _)| field.as_str())
    }

    /// The file to write for an unused item, and its content.
    fn advice(&self, item: &Item) -> (String, String) {
        let (Item::Field(ty, name) | Item::Input(ty, name) | Item::Value(ty, name)) = item;
        let list = self.list(ty);
        let file = |folder: &str, claim: &str| match list {
            Some(list) => format!("{folder}/{}_{claim}", snake(list)),
            None => format!("{folder}/<what it claims>"),
        };
        let list = list.unwrap_or("...");
        let to = self.fields.get(ty).and_then(|all| all.get(name));
        let is_list = to.is_some_and(|to| to.ends_with("Connection"));
        match item {
            Item::Field(ty, _) if ty == "Query" => {
                ("records/<what it claims>".to_owned(), format!("{{ {name} {{ ... }} }}"))
            }
            Item::Field(..) if is_list => {
                let content =
                    format!("{{ ... on {ty} {{ {name} {{ totalCount nodes {{ ... }} }} }} }}");
                ("lists/<what it claims>".to_owned(), content)
            }
            Item::Field(ty, _) if ty.ends_with("Connection") => (
                file("groups", "are_counted_by_each_group_key"),
                format!("{{ {list} {{ {name} ... }} }}"),
            ),
            Item::Field(ty, _) => {
                ("records/<what it claims>".to_owned(), format!("{{ ... on {ty} {{ {name} }} }}"))
            }
            Item::Input(..) => {
                let content = format!("{{ {list}(filter: {{ {name}: ... }}) {{ totalCount }} }}");
                (file("filters", "are_filtered_by_each_of_their_fields"), content)
            }
            Item::Value(ty, _) if ty.ends_with("GroupKey") => {
                let content = format!("{{ {list} {{ groups(by: {name}) {{ key count }} }} }}");
                (file("groups", "are_counted_by_each_group_key"), content)
            }
            Item::Value(ty, _) if ty.ends_with("OrderField") => {
                let content =
                    format!("{{ {list}(orderBy: [{{ field: {name} }}]) {{ nodes {{ ... }} }} }}");
                (file("lists", "are_sorted_in_each_order"), content)
            }
            Item::Value(ty, _) => {
                let content = format!("an argument of the type {ty}, such as {{ eq: {name} }}");
                ("filters/<what it claims>".to_owned(), content)
            }
        }
    }
}

/// A name of the schema as the names of files have it.
fn snake(name: &str) -> String {
    let letter = |letter: char| {
        if letter.is_uppercase() {
            format!("_{}", letter.to_lowercase())
        } else {
            letter.to_string()
        }
    };
    name.chars().map(letter).collect()
}

/// A document as it is walked, with what it uses.
struct Walk<'a> {
    schema: &'a Schema,
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    /// The values of variables.
    variables: BTreeMap<String, ConstValue>,
    used: &'a mut BTreeSet<Item>,
}

impl Walk<'_> {
    /// A selection on a type; and the objects of the response that it selects from.
    fn selection(&mut self, ty: &str, set: &SelectionSet, objects: &[&Json]) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    let (field, name) = (&field.node, field.node.name.node.as_str());
                    let Some(to) = self.schema.fields.get(ty).and_then(|all| all.get(name)) else {
                        continue;
                    };
                    self.used.insert(self.schema.field(ty, name));
                    let arguments = &self.schema.arguments[&(ty.to_owned(), name.to_owned())];
                    for (argument, value) in &field.arguments {
                        self.value(&arguments[argument.node.as_str()], &value.node);
                    }
                    let key = field.response_key().node.as_str();
                    let found = objects.iter().flat_map(|object| flat(&object[key]));
                    let found: Vec<&Json> = found.collect();
                    if self.schema.enums.contains_key(to) {
                        let words = found.iter().filter_map(|word| word.as_str());
                        let words = words.map(|word| Item::Value(to.clone(), word.to_owned()));
                        self.used.extend(words);
                    }
                    self.selection(to, &field.selection_set.node, &found);
                }
                Selection::FragmentSpread(spread) => {
                    let fragment = &self.fragments[&spread.node.fragment_name.node].node;
                    let on = fragment.type_condition.node.on.node.as_str();
                    self.selection(on, &fragment.selection_set.node, objects);
                }
                Selection::InlineFragment(inline) => {
                    let on = inline.node.type_condition.as_ref();
                    let on = on.map_or(ty, |on| on.node.on.node.as_str());
                    self.selection(on, &inline.node.selection_set.node, objects);
                }
            }
        }
    }

    /// A value of an input type.
    fn value(&mut self, ty: &str, value: &Value) {
        match value {
            Value::Variable(name) => {
                if let Some(value) = self.variables.get(name.as_str()).cloned() {
                    self.value(ty, &value.into_value());
                }
            }
            Value::List(values) => values.iter().for_each(|value| self.value(ty, value)),
            Value::Object(fields) => {
                for (field, value) in fields {
                    let to = self.schema.inputs.get(ty).and_then(|all| all.get(field.as_str()));
                    if let Some(to) = to.filter(|_| *value != Value::Null) {
                        self.used.insert(self.schema.input(ty, field));
                        self.value(to, value);
                    }
                }
            }
            Value::Enum(word) => {
                self.used.insert(Item::Value(ty.to_owned(), word.to_string()));
            }
            // As a variable brings it.
            Value::String(word) if self.schema.enums.contains_key(ty) => {
                self.used.insert(Item::Value(ty.to_owned(), word.clone()));
            }
            _ => {}
        }
    }
}

/// What a value of a response holds, without lists around it.
fn flat(value: &Json) -> Vec<&Json> {
    match value {
        Json::Array(values) => values.iter().flat_map(flat).collect(),
        value => vec![value],
    }
}

fn operations(operations: &DocumentOperations) -> Vec<&OperationDefinition> {
    operations.iter().map(|(_, operation)| &operation.node).collect()
}

/// The items used by query files whose results have data and no errors.
fn used(schema: &Schema) -> BTreeSet<Item> {
    let mut used = BTreeSet::new();
    for path in queries() {
        let read = |end: &str| -> Json {
            let text = fs::read_to_string(path.with_extension(end)).unwrap_or("{}".to_owned());
            serde_json::from_str(&text).unwrap()
        };
        let (response, values) = (read("json"), read("variables.json"));
        if !response["errors"].is_null() {
            continue;
        }
        // The parser does not read descriptions of operations.
        let Ok(document) = parse_query(fs::read_to_string(&path).unwrap()) else { continue };
        for operation in operations(&document.operations) {
            assert_eq!(operation.ty, OperationType::Query);
            let defined = operation.variable_definitions.iter().map(|one| &one.node);
            let variables = defined.filter_map(|one| {
                let name = one.name.node.as_str();
                let given = values.get(name).cloned();
                let given = given.map(|value| ConstValue::from_json(value).unwrap());
                let default = one.default_value.as_ref().map(|value| value.node.clone());
                Some((name.to_owned(), given.or(default)?))
            });
            let variables = variables.collect();
            let fragments = &document.fragments;
            let mut walk = Walk { schema, fragments, variables, used: &mut used };
            walk.selection("Query", &operation.selection_set.node, &[&response["data"]]);
        }
    }
    used
}

/// Items that the built-in data cannot show, with the reason. None of them is a value of an input.
const BEYOND: [(&str, &str); 2] = [
    ("NameKind.FORMER", "no record has a former name"),
    ("NameKind.MAIN", "no record repeats its main name"),
];

#[tokio::test]
async fn query_files_cover_the_schema() {
    let world = World::empty(Store::Sqlite).await;
    let schema = Schema::read(&world).await;
    world.end().await;
    let used = used(&schema);
    let is_beyond = |item: &&Item| BEYOND.iter().any(|one| one.0 == item.to_string());
    let items = schema.items();
    let shown: Vec<&Item> = used.iter().filter(is_beyond).collect();
    assert!(shown.is_empty(), "{shown:?}: shown by now, strike them from `BEYOND`");
    let missing: Vec<String> = items
        .difference(&used)
        .filter(|item| !is_beyond(item))
        .map(|item| {
            let (file, content) = schema.advice(item);
            format!("{item}: write tests/it/queries/{file}.graphql with {content}")
        })
        .collect();
    println!("{} items", items.len());
    assert!(
        missing.is_empty(),
        "{}\n{} of {} items are in no query file; one file may use many of them. \
         `UPDATE_EXPECT=1 cargo test --test it queries::` writes the responses.",
        missing.join("\n"),
        missing.len(),
        items.len(),
    );
}
