//! A group key, a filter, an order and a field with the same name have the same value. Compares them for
//! each type in the built-in data set.

use std::collections::{BTreeMap, HashMap};

use assembly_graph::fold::fold;
use serde_json::{Value, json};

use crate::{
    cases::camel,
    schema::{named_type, types},
    world::{Store, World},
};

/// Dates that lists are read at: by default, and where values are others.
const DATES: [&str; 2] = ["2026-01-01", "2016-01-01"];

/// Filters of one request.
const AT_ONCE: usize = 20;

/// The most values of a field that are filtered by.
const VALUES: usize = 10;

/// A type with lists, as the schema publishes it.
struct Type {
    name: String,
    /// The fields with one value: their types, and what to select of them.
    fields: BTreeMap<String, (String, String)>,
    /// The fields of its filter, and their input types.
    filter: BTreeMap<String, String>,
    group_keys: Vec<String>,
    orders: Vec<String>,
    /// The field of its list, of the root or of the document with a slug.
    list: String,
    document: Option<&'static str>,
}

struct Schema(HashMap<String, Value>);

impl Schema {
    fn pairs(&self, ty: &str, list: &str) -> impl Iterator<Item = (String, String)> {
        let all = self.0.get(ty).and_then(|ty| ty[list].as_array()).cloned().unwrap_or_default();
        all.into_iter().map(|one| {
            let ty = if one["type"].is_null() { "" } else { named_type(&one["type"]) };
            (one["name"].as_str().unwrap().to_owned(), ty.to_owned())
        })
    }

    /// The types whose lists can be filtered, each with a field of the root, else of a document.
    fn listed(&self) -> Vec<Type> {
        let roots: BTreeMap<String, String> = self
            .pairs("Query", "fields")
            .filter_map(|(field, ty)| Some((ty.strip_suffix("Connection")?.to_owned(), field)))
            .collect();
        let below = [
            ("Claim", "claimsMade", "duma-50140"),
            ("Record", "mentions", "pacsto-electoral-sovereignty-workshop"),
        ];
        let group_keys = self.0.keys().filter_map(|ty| ty.strip_suffix("GroupKey"));
        let types = group_keys.filter(|ty| self.0.contains_key(&format!("{ty}Filter")));
        let listed = |ty: &str| {
            let below = below.iter().find(|one| one.0 == ty);
            let list = roots.get(ty).map(String::as_str).or(below.map(|one| one.1));
            let names = |ty: String, list| self.pairs(&ty, list).map(|one| one.0).collect();
            Type {
                name: ty.to_owned(),
                fields: self.fields(ty),
                filter: self.pairs(&format!("{ty}Filter"), "inputFields").collect(),
                group_keys: names(format!("{ty}GroupKey"), "enumValues"),
                orders: names(format!("{ty}OrderField"), "enumValues"),
                list: list.unwrap_or_else(|| panic!("nothing lists a {ty}")).to_owned(),
                document: below.map(|one| one.2),
            }
        };
        types.map(listed).collect()
    }

    /// The fields of a type that are no lists, with their types and what to select of them.
    fn fields(&self, ty: &str) -> BTreeMap<String, (String, String)> {
        let all = self.0[ty]["fields"].as_array().unwrap().iter();
        let plain = all.filter_map(|field| {
            let ty = if field["type"]["kind"] == "NON_NULL" {
                &field["type"]["ofType"]
            } else {
                &field["type"]
            };
            let selection = self.selection(ty["name"].as_str()?)?;
            Some((field["name"].as_str()?.to_owned(), (named_type(ty).to_owned(), selection)))
        });
        plain.collect()
    }

    /// The selection of a field of this type: the field alone, or the slug of its object.
    fn selection(&self, ty: &str) -> Option<String> {
        let possible: Vec<String> = self.pairs(ty, "possibleTypes").map(|one| one.0).collect();
        let has_slug = |ty: &str| self.pairs(ty, "fields").any(|one| one.0 == "slug");
        match self.0[ty]["kind"].as_str().unwrap() {
            "SCALAR" | "ENUM" => Some(String::new()),
            "UNION" => {
                let each = possible.iter().map(|ty| format!("... on {ty} {{ slug }}"));
                Some(format!("{{ {} }}", each.collect::<Vec<_>>().join(" ")))
            }
            _ if has_slug(ty) => Some("{ slug }".to_owned()),
            _ => None,
        }
    }
}

/// A value as text: an enum value, a number, the slug of an object; empty if null.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Object(fields) => text(&fields["slug"]),
        other => other.to_string(),
    }
}

/// The lists of a type, read as of a date.
struct Lists<'a> {
    world: &'a World,
    ty: &'a Type,
    date: &'static str,
}

impl Lists<'_> {
    /// The results of several lists, each with its arguments, its variables apart, and what is
    /// selected of it.
    async fn query(&self, lists: &[(String, &str)], variables: &str, values: Value) -> Vec<Value> {
        let Type { list, document, .. } = self.ty;
        let date = format!("asOf: \"{}\"", self.date);
        let (open, own, close) = match document {
            Some(slug) => (format!("document(slug: \"{slug}\", {date}) {{ "), "", " }"),
            None => (String::new(), date.as_str(), ""),
        };
        let lists = lists.iter().enumerate().map(|(at, (arguments, selection))| {
            format!("l{at}: {list}(first: 100 {arguments} {own}) {{ {selection} }} ")
        });
        let (count, lists) = (lists.len(), lists.collect::<String>());
        let query = format!("query ({variables}) {{ {open}{lists}{close} }}");
        let mut response = self.world.execute_with(&query, values).await;
        assert_eq!(response.get("errors"), None, "{query}");
        let data = match document {
            Some(_) => &mut response["data"]["document"],
            None => &mut response["data"],
        };
        (0..count).map(|at| data[format!("l{at}")].take()).collect()
    }

    /// All rows, each with these fields.
    async fn all(&self, order: &str, selection: &str) -> Vec<Value> {
        let selection = format!("nodes {{ id {selection} }} pageInfo {{ hasNextPage endCursor }}");
        let (mut all, mut after) = (Vec::new(), Value::Null);
        loop {
            let list = (format!("after: $after {order}"), selection.as_str());
            let page =
                self.query(&[list], "$after: String", json!({ "after": after })).await.remove(0);
            all.extend(page["nodes"].as_array().unwrap().iter().cloned());
            if page["pageInfo"]["hasNextPage"] == false {
                return all;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
    }

    /// The number of rows that match each filter.
    async fn counts(&self, filters: &[Value]) -> Vec<u64> {
        let mut counts = Vec::new();
        for some in filters.chunks(AT_ONCE) {
            let places = || some.iter().enumerate();
            let lists: Vec<_> =
                places().map(|(at, _)| (format!("filter: $f{at}"), "totalCount")).collect();
            let variables: String =
                places().map(|(at, _)| format!("$f{at}: {}Filter ", self.ty.name)).collect();
            let values = places().map(|(at, filter)| (format!("f{at}"), filter.clone()));
            let lists = self.query(&lists, &variables, Value::Object(values.collect())).await;
            counts.extend(lists.iter().map(|list| list["totalCount"].as_u64().unwrap()));
        }
        counts
    }

    /// The groups by a group key: the key and the count of each.
    async fn groups(&self, group_key: &str) -> BTreeMap<String, u64> {
        let selection = format!("groups(by: {group_key}, first: 1000) {{ key count }}");
        let lists = [("after: $after".to_owned(), selection.as_str())];
        let page = self.query(&lists, "$after: String", json!({})).await.remove(0);
        let group = |group: &Value| (text(&group["key"]), group["count"].as_u64().unwrap());
        page["groups"].as_array().unwrap().iter().map(group).collect()
    }
}

/// The number of rows with each value.
fn tally(values: impl Iterator<Item = String>) -> BTreeMap<String, u64> {
    let mut all = BTreeMap::new();
    for value in values {
        *all.entry(value).or_default() += 1;
    }
    all
}

/// The filter of a field's input type that matches one of its values; `None` if it has no such filter.
fn matching(input: &str, value: &Value) -> Option<Value> {
    Some(match (input, value) {
        ("Boolean" | "Certainty", value) => value.clone(),
        ("TextFilter" | "CodeFilter" | "IntFilter" | "DateFilter", Value::Null) => {
            json!({ "isNull": true })
        }
        (_, Value::Null) => return None,
        (_, Value::Object(record)) => json!({ "slug": { "eq": record["slug"] } }),
        (_, value) => json!({ "eq": value }),
    })
}

/// Names that are not those of a field with the same value, with the reason.
const OTHERWISE: [(&str, &str); 1] = [
    // `__typename` says it.
    ("Record", "kind"),
];

/// Compares the fields of rows with the filters of the same names.
async fn compare_filters(lists: &Lists<'_>, rows: &[Value]) -> usize {
    let Type { name: ty, filter, fields, .. } = lists.ty;
    let mut tests = Vec::new();
    for (field, input) in filter {
        if !fields.contains_key(field) || OTHERWISE.contains(&(ty, field)) {
            continue;
        }
        let values: BTreeMap<String, &Value> =
            rows.iter().map(|row| (text(&row[field]), &row[field])).collect();
        let every = values.len().div_ceil(VALUES).max(1);
        for (key, value) in values.into_iter().step_by(every) {
            let Some(test) = matching(input, value) else { continue };
            // Strings are compared by their folded form.
            let is_text = input == "TextFilter";
            let own = |row: &&Value| {
                if is_text {
                    fold(&text(&row[field])) == fold(&key)
                } else {
                    text(&row[field]) == key
                }
            };
            let shown = u64::try_from(rows.iter().filter(own).count()).unwrap();
            // A record also matches by its other names.
            let or_more = is_text && ["name", "title"].contains(&&**field);
            tests.push((json!({ field: test }), shown, or_more));
        }
    }
    let filters: Vec<Value> = tests.iter().map(|test| test.0.clone()).collect();
    for (found, (filter, shown, or_more)) in lists.counts(&filters).await.into_iter().zip(&tests) {
        assert!(
            if *or_more { found >= *shown } else { found == *shown },
            "{ty} at {}: {filter} matches {found}, and {shown} have that value",
            lists.date,
        );
    }
    tests.len()
}

/// Compares the fields of rows with the groups by keys of the same names.
async fn compare_groups(lists: &Lists<'_>, rows: &[Value]) -> usize {
    let Type { name: ty, group_keys, fields, filter, .. } = lists.ty;
    let mut compared = 0;
    for group_key in group_keys {
        let field = camel(&group_key.to_lowercase());
        let groups = lists.groups(group_key).await;
        let Some((of, _)) = fields.get(&field) else {
            let is_known = OTHERWISE.contains(&(ty, &field)) || !filter.contains_key(&field);
            assert!(is_known, "{ty} is grouped and filtered by {group_key}, and has no such field");
            continue;
        };
        let values = rows.iter().map(|row| match of.as_str() {
            "PartialDate" => text(&row[&field]).chars().take(4).collect(),
            _ => text(&row[&field]),
        });
        assert_eq!(groups, tally(values), "{ty} by {group_key} at {}", lists.date);
        compared += 1;
    }
    compared
}

/// In the order of a name, the rows show ever later values of the field of that name.
async fn compare_orders(lists: &Lists<'_>) -> usize {
    let Type { name: ty, orders, fields, .. } = lists.ty;
    let mut compared = 0;
    for word in orders {
        let field = camel(&word.to_lowercase());
        if OTHERWISE.contains(&(ty, &field)) {
            continue;
        }
        let Some((of, _)) = fields.get(&field) else {
            panic!("{ty} is ordered by {word}, and has no such field")
        };
        let rows = lists.all(&format!("orderBy: [{{ field: {word} }}]"), &field).await;
        let keys: Vec<_> = rows
            .iter()
            .map(|row| {
                let value = &row[&field];
                let day = match of.as_str() {
                    "PartialDate" => format!("{}-01-01", text(value)).chars().take(10).collect(),
                    _ => text(value),
                };
                (value.is_null(), value.as_i64(), if value.is_null() { String::new() } else { day })
            })
            .collect();
        assert!(keys.is_sorted(), "{ty} in the order of {word} at {}: {keys:?}", lists.date);
        compared += 1;
    }
    compared
}

#[tokio::test]
async fn groups_filters_orders_and_fields_of_a_name_agree() {
    let world = World::built_in(Store::Sqlite).await;
    let schema = types(&world).await;
    let schema = Schema(
        schema.into_iter().map(|one| (one["name"].as_str().unwrap().to_owned(), one)).collect(),
    );
    let mut compared = [0, 0, 0];
    for ty in schema.listed() {
        for date in DATES {
            let lists = Lists { world: &world, ty: &ty, date };
            let fields = ty.fields.iter();
            let selection: Vec<String> =
                fields.map(|(field, (_, below))| format!("{field} {below}")).collect();
            let rows = lists.all("", &selection.join(" ")).await;
            compared[0] += compare_filters(&lists, &rows).await;
            compared[1] += compare_groups(&lists, &rows).await;
            compared[2] += compare_orders(&lists).await;
        }
    }
    println!("{compared:?} filters, groups and orders");
    assert!(compared[0] > 1_000 && compared[1] > 80 && compared[2] > 50, "only {compared:?}");
    world.end().await;
}
