//! Two panels in one document: an argument that fails at run time makes its own field null, and the
//! other panel is complete.
//!
//! Driven by the schema: every field with an argument that can fail is queried with a value that
//! does, and a new argument fails here until it is decided which kind it is.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt::Write,
};

use assembly_graph::schema;
use async_graphql::parser::types::{
    BaseType, FieldDefinition, Type, TypeKind, TypeSystemDefinition,
};
use query_guard::parse_sdl;
use serde_json::Value;

use crate::world::{Store, World, test_each_store};

/// Arguments that no value of their type makes fail at run time.
const CANNOT_FAIL: [(&str, &str); 9] = [
    ("asOf", "a value that is no date is a request error"),
    ("by", "a value that is no enum value is a request error"),
    ("code", "of an unknown code the field is null, without an error"),
    ("direction", "a value that is no enum value is a request error"),
    ("every", "a value that is no enum value is a request error"),
    ("lang", "a name in an unknown language is the name itself"),
    ("scheme", "of an unknown scheme the field is null, without an error"),
    ("slug", "of an unknown slug the field is null, without an error"),
    ("value", "of an unknown identifier the field is null, without an error"),
];

/// The other panel.
const GOOD: &str = "good: members(first: 2) { nodes { name memberships { totalCount } } totalCount
    groups(by: STATE, first: 2) { key count } }";

/// The types of the schema, as far as documents are made of them.
struct Types {
    fields: BTreeMap<String, Vec<FieldDefinition>>,
    /// The first value of each enumeration.
    words: BTreeMap<String, String>,
    /// The enumeration of the field `field` of each input type.
    orders: BTreeMap<String, String>,
}

/// A field with arguments that make it fail.
struct Case<'a> {
    ty: &'a str,
    field: &'a FieldDefinition,
    /// The argument that is tested.
    place: String,
    arguments: String,
}

fn cannot_fail(argument: &str) -> bool {
    CANNOT_FAIL.iter().any(|(name, _)| *name == argument)
}

fn base(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(of) => base(of),
    }
}

impl Types {
    fn read() -> Self {
        let mut types =
            Self { fields: BTreeMap::new(), words: BTreeMap::new(), orders: BTreeMap::new() };
        for definition in parse_sdl(&schema::sdl()).unwrap().0.definitions {
            let TypeSystemDefinition::Type(ty) = definition else { continue };
            let name = ty.node.name.node.to_string();
            let fields = match ty.node.kind {
                TypeKind::Object(object) => object.fields,
                TypeKind::Interface(interface) => interface.fields,
                TypeKind::Enum(words) => {
                    types.words.insert(name, words.values[0].node.value.node.to_string());
                    continue;
                }
                TypeKind::InputObject(input) => {
                    let keys = input.fields.iter().map(|field| &field.node);
                    for key in keys.filter(|key| key.name.node == "field") {
                        types.orders.insert(name.clone(), base(&key.ty.node).to_owned());
                    }
                    continue;
                }
                _ => continue,
            };
            types.fields.insert(name, fields.into_iter().map(|field| field.node).collect());
        }
        types
    }

    fn has_fields(&self, ty: &str) -> bool {
        // Unions have `__typename`.
        !self.words.contains_key(ty) && ty.starts_with(char::is_uppercase) && !is_scalar(ty)
    }

    /// Arguments of a field that make it fail, by the value of this one; empty if it cannot fail.
    fn failing(&self, name: &str, ty: &Type) -> Vec<String> {
        let many = |value: &str| format!("{name}: [{}]", vec![value; 101].join(", "));
        match name {
            "first" => vec!["first: -1".into(), "first: 1001".into()],
            "last" => vec!["last: -1".into(), "last: 101".into(), "first: 1, last: 1".into()],
            "after" | "before" => vec![format!("{name}: \"nonsense\"")],
            "filter" => vec!["filter: {and: []}".into(), "filter: {not: {or: []}}".into()],
            "orderBy" => {
                let word = &self.words[&self.orders[base(ty)]];
                vec![format!("orderBy: [{{field: {word}}}, {{field: {word}}}]")]
            }
            "history" => vec!["history: true, asOf: \"2020-01-01\"".into()],
            "from" => vec!["from: \"2021-01-01\", to: \"2020-01-01\"".into()],
            "to" => vec!["from: \"1900-01-01\", to: \"2020-01-01\", every: MONTH".into()],
            "id" => vec!["id: \"nonsense\"".into(), "id: 99999999999999999999999".into()],
            "ids" => vec![many("\"nonsense\"")],
            "query" => vec!["query: \" \"".into(), "query: \"a b c d e f g h i j k\"".into()],
            "assembly" | "record" => vec![format!("{name}: \"nobody\"")],
            "property" => vec![many("\"seats\"")],
            "kind" | "kinds" | "status" => vec![many(&self.words[base(ty)])],
            _ => Vec::new(),
        }
    }

    /// Every field with every value that fails, of each of its arguments.
    fn cases(&self) -> Vec<Case<'_>> {
        let mut cases = Vec::new();
        for (ty, field) in
            self.fields.iter().flat_map(|(ty, fields)| fields.iter().map(move |field| (ty, field)))
        {
            for argument in &field.arguments {
                let name = argument.node.name.node.as_str();
                let place = format!("{ty}.{}({name}:)", field.name.node);
                let failing = self.failing(name, &argument.node.ty.node);
                assert!(
                    cannot_fail(name) == failing.is_empty(),
                    "{place}: add `{name}` to `CANNOT_FAIL` with the reason, or to `failing` a \
                     value that fails",
                );
                let case = |arguments| Case { ty, field, place: place.clone(), arguments };
                cases.extend(failing.into_iter().map(case));
            }
        }
        assert!(cases.len() > 1_000, "only {} cases", cases.len());
        cases
    }

    /// A field that is called `as_name`, with these arguments and what else it requires.
    fn select(&self, as_name: &str, field: &FieldDefinition, arguments: &str) -> String {
        let mut arguments = arguments.to_owned();
        for argument in &field.arguments {
            let (name, ty) = (argument.node.name.node.as_str(), &argument.node.ty.node);
            let required = !ty.nullable && argument.node.default_value.is_none();
            let given = |name: &str| arguments.split(' ').any(|word| word == format!("{name}:"));
            if required && !given(name) {
                let value = match name {
                    "by" => self.words[base(ty)].as_str(),
                    "code" | "query" | "scheme" | "slug" | "value" => "\"a\"",
                    _ => panic!("add a value of the required argument `{name}`"),
                };
                write!(arguments, ", {name}: {value}").unwrap();
            }
        }
        let below = if self.has_fields(base(&field.ty.node)) { "{ __typename }" } else { "" };
        format!("{as_name}: {}({arguments}) {below}", field.name.node)
    }
}

fn is_scalar(ty: &str) -> bool {
    ["Boolean", "Date", "DateTime", "Float", "ID", "Int", "PartialDate", "String"].contains(&ty)
}

/// A document of the good panel and one below these fields.
fn document(path: &[&str], selected: &str) -> String {
    let panel = path
        .iter()
        .rfold(format!("__typename {selected}"), |below, name| format!("{name} {{ {below} }}"));
    format!("{{ {GOOD} {panel} }}")
}

/// The objects that are reached, counted.
fn reached(data: &Value, path: &[&str]) -> usize {
    match (data, path) {
        (Value::Array(items), path) => items.iter().map(|item| reached(item, path)).sum(),
        (Value::Object(object), [name, rest @ ..]) => reached(&object[*name], rest),
        (Value::Object(_), []) => 1,
        _ => 0,
    }
}

/// For each type a path of fields to one of its objects, if there is one.
async fn paths<'a>(types: &'a Types, world: &World) -> BTreeMap<&'a str, Vec<&'a str>> {
    let mut paths: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut next = VecDeque::from([("Query", Vec::new())]);
    while let Some((ty, path)) = next.pop_front() {
        if paths.contains_key(ty) || path.len() > 6 {
            continue;
        }
        if !path.is_empty() {
            let data = world.data(&document(&path, "")).await;
            if reached(&data, &path) == 0 {
                continue;
            }
        }
        for field in types.fields.get(ty).into_iter().flatten() {
            let of = base(&field.ty.node);
            let required = field.arguments.iter().map(|argument| &argument.node);
            let mut required = required.filter(|argument| argument.default_value.is_none());
            if types.has_fields(of) && required.all(|argument| argument.ty.node.nullable) {
                next.push_back((of, [path.as_slice(), &[field.name.node.as_str()]].concat()));
            }
        }
        paths.insert(ty, path);
    }
    paths
}

/// Takes the field `bad` out wherever it is, and returns how often it was null.
fn without_bad(data: &mut Value) -> Result<usize, String> {
    match data {
        Value::Array(items) => items.iter_mut().map(without_bad).sum(),
        Value::Object(object) => match object.remove("bad") {
            None => object.values_mut().map(without_bad).sum(),
            Some(Value::Null) => Ok(1),
            Some(value) => Err(format!("is not null but {value}")),
        },
        _ => Ok(0),
    }
}

/// Checks that the valid panel is complete and that all errors are those of the invalid one.
fn check(mut response: Value, alone: &Value) -> Result<(), String> {
    let nulls = without_bad(&mut response["data"])?;
    if response["data"] != *alone {
        return Err(format!("takes the other panel along: {response}"));
    }
    let Some(errors) = response["errors"].as_array() else { return Err("does not fail".into()) };
    let omitted = response["extensions"]["errorsLeftOut"].as_u64().unwrap_or_default();
    if errors.len() + usize::try_from(omitted).unwrap() != nulls {
        return Err(format!("has {} errors for {nulls} nulls: {errors:?}", errors.len()));
    }
    let of_field = |error: &&Value| {
        error["path"].as_array().and_then(|path| path.last()) == Some(&"bad".into())
            && error["extensions"]["code"] == "BAD_USER_INPUT"
    };
    match errors.iter().find(|error| !of_field(error)) {
        Some(error) => Err(format!("has an error of another kind: {error}")),
        None => Ok(()),
    }
}

async fn an_invalid_argument_does_not_affect_other_fields(store: Store) {
    let types = Types::read();
    let cases = types.cases();
    let (mut wrong, mut left) = (Vec::new(), Vec::from_iter(&cases));
    for world in [World::sample(store).await, World::built_in(store).await] {
        let paths = paths(&types, &world).await;
        let (reached, unreached): (Vec<_>, Vec<_>) =
            left.into_iter().partition(|case| paths.contains_key(case.ty));
        let mut alone = BTreeMap::new();
        for case in reached {
            let path = &paths[case.ty];
            if !alone.contains_key(case.ty) {
                alone.insert(case.ty, world.data(&document(path, "")).await);
            }
            let document = document(path, &types.select("bad", case.field, &case.arguments));
            if let Err(why) = check(world.execute(&document).await, &alone[case.ty]) {
                wrong.push(format!("{} {why}\n    {document}", case.place));
            }
        }
        left = unreached;
        world.end().await;
    }
    wrong.extend(left.iter().map(|case| format!("{}: no {} is reached", case.place, case.ty)));
    assert!(wrong.is_empty(), "{}\n{} of {}", wrong.join("\n"), wrong.len(), cases.len());
    println!("{} documents on {store:?}", cases.len());
}

test_each_store!(an_invalid_argument_does_not_affect_other_fields);

/// Texts that are unknown, empty or odd: the field is null or empty, without an error.
async fn an_unknown_string_is_not_an_error(store: Store) {
    let types = Types::read();
    let texts = ["code", "lang", "scheme", "slug", "value"];
    let world = World::sample(store).await;
    let (paths, mut count) = (paths(&types, &world).await, 0);
    for (ty, path) in &paths {
        for field in types.fields.get(*ty).into_iter().flatten() {
            let names = field.arguments.iter().map(|argument| argument.node.name.node.as_str());
            for name in names.filter(|name| texts.contains(name)) {
                for value in ["", "nobody", "\\u0000", "'; --", &"x".repeat(2_000)] {
                    let arguments = format!("{name}: \"{value}\"");
                    let selected = types.select("odd", field, &arguments);
                    let response = world.execute(&document(path, &selected)).await;
                    assert_eq!(response.get("errors"), None, "{ty}.{selected} on {store:?}");
                    count += 1;
                }
            }
        }
    }
    assert!(count > 30, "{count}");
    world.end().await;
}

test_each_store!(an_unknown_string_is_not_an_error);

/// Whether a field is nullable follows from its arguments.
#[test]
fn a_field_with_an_argument_that_can_fail_is_nullable() {
    let types = Types::read();
    let always = ["nodes", "edges", "pageInfo", "totalCount"];
    for (ty, fields) in &types.fields {
        for field in fields {
            let (name, nullable) = (field.name.node.as_str(), field.ty.node.nullable);
            let mut arguments = field.arguments.iter().map(|one| one.node.name.node.as_str());
            if arguments.any(|argument| !cannot_fail(argument)) {
                assert!(nullable, "{ty}.{name} must be nullable: use `Nullable`");
            } else if ty.ends_with("Connection") && always.contains(&name) {
                assert!(!nullable, "{ty}.{name} must not be nullable");
            }
        }
    }
}
