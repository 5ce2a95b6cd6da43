//! Random queries of lists: filters, orders, counts and groups. Each result is compared with that of a
//! reference implementation on the same rows in memory.
//!
//! Filters are read from the schema, so that a new field of a filter is tested automatically;
//! if the reference implementation does not have it, the test fails. `RANDOM_SEED` repeats a
//! failure, `RANDOM_CASES` runs more cases.

use std::{collections::BTreeMap, env};

use assembly_graph::import;
use chrono::{Months, NaiveDate};
use entity::{Id, PartialDate};
use sea_orm::ConnectionTrait;
use serde_json::{Map, Value, json};

use crate::{
    cases::hidden,
    world::{Store, World, now, test_each_store},
};

mod dice;
mod draw;
mod plain;
mod rows;
mod scatter;
mod schema;

use draw::{Draw, id};
use plain::{At, Plain, holds, key};
use rows::Rows;
use schema::{FieldKind, ListField, Schema};

/// Random lists per world.
const CASES: usize = 250;
/// Group keys of one request.
const GROUP_KEYS_AT_ONCE: usize = 6;
/// Databases with random dates.
const WORLDS: usize = 2;
/// Maximum number of attempts to draw a filter that matches some rows and not all.
const TRIES: usize = 4;
/// Maximum number of pages read per list.
const MAX_PAGES: usize = 5;

fn number(variable: &str) -> Option<u64> {
    env::var(variable).ok().map(|text| text.parse().unwrap())
}

/// How many filters passed how many rows.
#[derive(Default)]
struct Tally {
    case: usize,
    some: usize,
    none: usize,
    all: usize,
}

impl Tally {
    /// Counts a filter, where there was anything to choose from.
    fn count(&mut self, passed: usize, of: usize) {
        if of < 2 {
            return;
        }
        self.case += 1;
        *match passed {
            0 => &mut self.none,
            passed if passed == of => &mut self.all,
            _ => &mut self.some,
        } += 1;
    }

    fn percent(&self) -> usize {
        self.some * 100 / self.case.max(1)
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { case, some, none, all } = self;
        write!(f, "{case} filters, of which {some} passed some rows, {none} none, {all} all")
    }
}

/// A random list, and the expected result.
struct Case<'a> {
    list: &'a ListField,
    /// The ids of the objects that have it; one that is empty for a list of all.
    parents: Vec<String>,
    /// The time arguments.
    when: String,
    filter: Option<Value>,
    order: Vec<Value>,
    /// The rows of each parent in order, and the date that they are read at.
    expected: Vec<(Vec<usize>, At)>,
    /// The rows that were to choose from.
    of: usize,
}

impl Case<'_> {
    /// A query with these selections of the list.
    fn query(&self, variables: &str, lists: &str) -> String {
        let ListField { parent, rows, pages, .. } = self.list;
        let order = if *pages { format!(", $o: [{rows}Order!]") } else { String::new() };
        let ids = if parent == "Query" { "" } else { ", $ids: [ID!]!" };
        let lists = match parent.as_str() {
            "Query" => lists.to_owned(),
            parent => format!("nodes(ids: $ids) {{ ... on {parent} {{ {lists} }} }}"),
        };
        format!("query($f: {rows}Filter{order}{ids}{variables}) {{ {lists} }}")
    }

    /// The list's field with page arguments besides.
    fn field(&self, page: &str) -> String {
        let order = if self.list.pages { ", orderBy: $o" } else { "" };
        let (name, when) = (&self.list.name, &self.when);
        format!("{name}(filter: $f{order}{when}{page})")
    }

    fn variables(&self, parents: &[String]) -> Map<String, Value> {
        let mut variables = Map::from_iter([
            ("f".to_owned(), json!(self.filter)),
            ("o".to_owned(), json!(self.order)),
        ]);
        if self.list.parent != "Query" {
            variables.insert("ids".into(), json!(parents));
        }
        if !self.list.pages {
            variables.remove("o");
        }
        variables
    }

    /// What each parent's list got.
    async fn execute(
        &self,
        world: &World,
        query: &str,
        variables: Map<String, Value>,
    ) -> Vec<Value> {
        let mut response = world.execute_with(query, variables.clone().into()).await;
        let found = serde_json::to_string(&variables).unwrap();
        assert_eq!(response.get("errors"), None, "{query}\n{found}");
        let mut data = response["data"].take();
        match data["nodes"].take() {
            Value::Array(nodes) => nodes,
            _ => vec![data],
        }
    }

    fn found(&self) -> String {
        let variables = self.variables(&self.parents);
        format!("{:?}{}\n{}", self.list, self.when, serde_json::to_string(&variables).unwrap())
    }
}

fn keys(nodes: &Value) -> Vec<Id> {
    nodes.as_array().unwrap().iter().map(|node| key(&node["id"])).collect()
}

/// Draws a random list and computes the expected result.
fn draw<'a>(plain: &'a Plain, draw: &mut Draw<'_>, list: &'a ListField) -> Case<'a> {
    let today = At::day(now().date_naive());
    let mut own = draw.dice.below(3);
    if !list.takes_date && own == 1 || !list.takes_history && own == 2 {
        own = 0;
    }
    let as_of = (own == 1).then(|| draw.day(&list.rows));
    let when = match own {
        0 => String::new(),
        1 => format!(", asOf: \"{}\"", as_of.unwrap()),
        _ => ", history: true".to_owned(),
    };
    let history = own == 2;
    let table = plain.rows.of(&list.rows);
    let mut parents = Vec::new();
    let mut found: Vec<(Vec<usize>, At)> = Vec::new();
    if list.parent == "Query" {
        let at = as_of.map_or(today, At::day);
        found.push(((0..table.len()).collect(), at));
    } else {
        let owners = plain.rows.of(&list.parent);
        let mut drawn: Vec<usize> = Vec::new();
        for _ in 0..if owners.len() == 0 { 0 } else { 6 } {
            let owner = draw.dice.below(owners.len());
            // Rather one that has such rows.
            let empty = plain.many_of(&list.parent, owner, &list.name, &list.rows).is_empty();
            if !drawn.contains(&owner) && (!empty || draw.dice.chance(25)) {
                drawn.push(owner);
            }
        }
        for owner in drawn {
            let brought: PartialDate =
                (*draw.dice.pick(&["2005", "2012-03", "2019-11-02"])).parse().unwrap();
            let brought_at = At { first: brought.earliest(), last: brought.latest(), dated: true };
            let (date, at) = match draw.dice.below(4) {
                0 => {
                    let day = draw.day(&list.rows);
                    (format!("@{day}"), At::day(day))
                }
                1 => (format!("~{brought}"), brought_at),
                _ => (String::new(), today),
            };
            // What a session saw is of its own date, unless a request states one.
            let session = match list.name.as_str() {
                "attendees" | "elected" if !date.starts_with('@') => {
                    plain.days(&list.parent, owner, "starts")
                }
                _ => None,
            };
            let at = match (as_of, session) {
                (Some(day), _) => At::day(day),
                (None, Some(day)) => At { first: day.earliest(), last: day.latest(), dated: true },
                (None, None) => at,
            };
            parents.push(id(&list.parent, owners.id(owner), &date));
            found.push((plain.many_of(&list.parent, owner, &list.name, &list.rows), at));
        }
    }
    for (rows, at) in &mut found {
        at.dated = !history;
        rows.retain(|row| !list.takes_history || history || holds(table, *row, *at));
    }
    let like = found.iter().flat_map(|(rows, _)| rows).copied().collect::<Vec<_>>();
    let like = (!like.is_empty()).then(|| *draw.dice.pick(&like));
    let of = found.iter().map(|(rows, _)| rows.len()).sum();
    let order = if list.pages { draw.order(&list.rows) } else { Vec::new() };
    let mut filter = None;
    if draw.dice.chance(95) {
        // Rather one that passes some and not all.
        for _ in 0..TRIES {
            let drawn = draw.filter(&list.rows, like, 0, !history);
            let passes = |row: usize, at| plain.passes(&list.rows, row, &drawn, at);
            let passed = found.iter().map(|(rows, at)| {
                rows.iter().copied().filter(|row| passes(*row, *at)).collect::<Vec<_>>()
            });
            let passed: Vec<_> = passed.collect();
            let count: usize = passed.iter().map(Vec::len).sum();
            filter = Some((drawn, passed));
            if count > 0 && count < of {
                break;
            }
        }
    }
    let filter = filter.map(|(filter, passed)| {
        found.iter_mut().zip(passed).for_each(|((rows, _), passed)| *rows = passed);
        filter
    });
    for (rows, _) in &mut found {
        plain.sort(&list.rows, rows, &order);
    }
    Case { list, parents, when, filter, order, expected: found, of }
}

/// The first and the last pages of all parents, how many rows there are, and of which sorts.
async fn compare_pages(world: &World, plain: &Plain, case: &Case<'_>, draw: &mut Draw<'_>) {
    let rows = &case.list.rows;
    let table = plain.rows.of(rows);
    let ids = |rows: &[usize]| rows.iter().map(|row| table.id(*row)).collect::<Vec<_>>();
    if !case.list.pages {
        let query = case.query("", &format!("list: {} {{ id }}", case.field("")));
        let lists = case.execute(world, &query, case.variables(&case.parents)).await;
        for (list, (expected, _)) in lists.iter().zip(&case.expected) {
            assert_eq!(keys(&list["list"]), ids(expected), "{}", case.found());
        }
        return;
    }
    let size = draw.dice.below(12);
    // Some of them, by chance: all would cost too much at once.
    let all = plain.schema.words_of(rows, "GroupKey");
    let first = draw.dice.below(all.len().max(1));
    let group_keys = all.iter().cycle().skip(first).take(all.len().min(GROUP_KEYS_AT_ONCE));
    let groups: Vec<(&String, Vec<Vec<plain::Group>>)> = group_keys
        .map(|group_key| {
            let of = |(rows, at): &(Vec<usize>, At)| {
                let at = At { dated: true, ..*at };
                plain.groups(&case.list.rows, rows, group_key, at)
            };
            (group_key, case.expected.iter().map(of).collect::<Vec<_>>())
        })
        .filter(|(_, groups)| groups.iter().map(Vec::len).sum::<usize>() <= 1_000)
        .collect();
    let counts: String = groups
        .iter()
        .map(|(word, _)| {
            format!("{word}: groups(by: {word}, first: 1000) {{ key count record {{ id }} }} ")
        })
        .collect();
    let series = Series::draw(draw, rows);
    let series_field = if plain.schema.has_series(rows) {
        format!(
            "series(from: \"{}\", to: \"{}\", every: {}) {{ date count }}",
            series.days[0],
            series.days[series.days.len() - 1],
            series.every
        )
    } else {
        String::new()
    };
    let (front, back) = (format!(", first: {size}"), format!(", last: {size}"));
    let query = case.query(
        "",
        &format!(
            "front: {} {{ nodes {{ id }} pageInfo {{ hasNextPage }} totalCount {counts} {series_field} }}
             back: {} {{ nodes {{ id }} pageInfo {{ hasPreviousPage }} }}
             count: {} {{ totalCount }}",
            case.field(&front),
            case.field(&back),
            case.field(""),
        ),
    );
    let lists = case.execute(world, &query, case.variables(&case.parents)).await;
    assert_eq!(lists.len(), case.expected.len());
    for (place, (list, (expected, at))) in lists.iter().zip(&case.expected).enumerate() {
        let (found, total) = (case.found(), expected.len());
        assert_eq!(list["count"]["totalCount"], total, "parent {place} of {found}");
        assert_eq!(list["front"]["totalCount"], total, "{found}");
        let front = &expected[..total.min(size)];
        assert_eq!(keys(&list["front"]["nodes"]), ids(front), "first of parent {place} of {found}");
        let back = &expected[total - total.min(size)..];
        assert_eq!(keys(&list["back"]["nodes"]), ids(back), "last of parent {place} of {found}");
        assert_eq!(list["front"]["pageInfo"]["hasNextPage"], total > size, "{found}");
        assert_eq!(list["back"]["pageInfo"]["hasPreviousPage"], total > size, "{found}");
        for (group_key, groups) in &groups {
            let counts = list["front"][group_key.as_str()].as_array().unwrap();
            let got: Vec<plain::Group> = counts
                .iter()
                .map(|count| {
                    let record = &count["record"]["id"];
                    let key_of = count["key"].as_str().unwrap().to_owned();
                    let record = (!record.is_null()).then(|| key(record));
                    let count = count["count"].as_u64().unwrap();
                    (
                        Some(key_of).filter(|key| !key.is_empty()),
                        record,
                        usize::try_from(count).unwrap(),
                    )
                })
                .collect();
            assert_eq!(got, groups[place], "by {group_key}: parent {place} of {found}");
        }
        if !series_field.is_empty() {
            let got: Vec<(Value, Value)> = list["front"]["series"]
                .as_array()
                .unwrap()
                .iter()
                .map(|point| (point["date"].clone(), point["count"].clone()))
                .collect();
            let at = |day| At { dated: at.dated, ..At::day(day) };
            let owner = case.parents.get(place);
            let expected: Vec<(Value, Value)> = series
                .days
                .iter()
                .map(|day| {
                    let rows = all_rows(plain, case, owner);
                    let rows = rows.into_iter().filter(|row| {
                        holds(table, *row, at(*day))
                            && case.filter.as_ref().is_none_or(|filter| {
                                plain.passes(&case.list.rows, *row, filter, at(*day))
                            })
                    });
                    (json!(day), json!(rows.count()))
                })
                .collect();
            assert_eq!(got, expected, "a series of parent {place} of {found}");
        }
    }
}

/// All rows of a list whatever the date and the filter.
fn all_rows(plain: &Plain, case: &Case<'_>, owner: Option<&String>) -> Vec<usize> {
    let ListField { parent, name, rows, .. } = case.list;
    match owner {
        None => (0..plain.rows.of(rows).len()).collect(),
        Some(owner) => {
            let owner = plain.rows.of(parent).with("id", key(&json!(owner)))[0];
            plain.many_of(parent, owner, name, rows)
        }
    }
}

/// The dates of a series.
struct Series {
    days: Vec<NaiveDate>,
    every: &'static str,
}

impl Series {
    fn draw(draw: &mut Draw<'_>, rows: &str) -> Self {
        let (every, months) = *draw.dice.pick(&[("MONTH", 1), ("QUARTER", 3), ("YEAR", 12)]);
        let from = draw.day(rows);
        let count = 1 + u32::try_from(draw.dice.below(8)).unwrap();
        let days = (0..count).map_while(|at| from.checked_add_months(Months::new(at * months)));
        Self { days: days.filter(|day| *day <= entity::LAST_DAY).collect(), every }
    }
}

/// Turns the pages of one parent's list from one end to the other: each row comes once, in order.
/// Then cuts a piece out of its middle by two cursors.
async fn turn_pages(world: &World, plain: &Plain, case: &Case<'_>, draw: &mut Draw<'_>) {
    if !case.list.pages || case.expected.is_empty() {
        return;
    }
    let place = draw.dice.below(case.expected.len());
    let parents = case.parents.get(place).cloned().into_iter().collect::<Vec<_>>();
    let table = plain.rows.of(&case.list.rows);
    let expected: Vec<Id> = case.expected[place].0.iter().map(|row| table.id(*row)).collect();
    let size = (expected.len().div_ceil(1 + draw.dice.below(MAX_PAGES))).clamp(1, 100);
    let backward = draw.dice.chance(50);
    let page = if backward {
        format!(", last: {size}, before: $c")
    } else {
        format!(", first: {size}, after: $c")
    };
    let selection = "{ edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage } }";
    let query = case.query(", $c: String", &format!("list: {} {selection}", case.field(&page)));
    let (mut met, mut cursors): (Vec<Id>, Vec<String>) = (Vec::new(), Vec::new());
    let found = || format!("{page}: {} at {parents:?}", case.found());
    for _ in 0..MAX_PAGES {
        let mut variables = case.variables(&parents);
        let cursor = if backward { cursors.first() } else { cursors.last() };
        variables.insert("c".into(), json!(cursor));
        let response = case.execute(world, &query, variables).await.remove(0);
        let edges = response["list"]["edges"].as_array().unwrap();
        let ids: Vec<Id> = edges.iter().map(|edge| key(&edge["node"]["id"])).collect();
        let places = edges.iter().map(|edge| edge["cursor"].as_str().unwrap().to_owned());
        let more = &response["list"]["pageInfo"];
        let (at, more) = if backward {
            (0, &more["hasPreviousPage"])
        } else {
            (met.len(), &more["hasNextPage"])
        };
        met.splice(at..at, ids);
        cursors.splice(at..at, places);
        assert_eq!(*more, met.len() < expected.len(), "{}", found());
        if *more == false {
            break;
        }
    }
    let known = if backward {
        &expected[expected.len() - met.len().min(expected.len())..]
    } else {
        &expected[..met.len().min(expected.len())]
    };
    assert_eq!(met, known, "{}", found());
    if met.len() < 3 {
        return;
    }
    let (one, other) = (draw.dice.below(met.len()), draw.dice.below(met.len()));
    let (after, before) = (one.min(other), one.max(other));
    let between = &met[(after + 1).min(before)..before];
    let most = draw.dice.below(4);
    let (end, piece) = if backward {
        ("last", &between[between.len() - between.len().min(most)..])
    } else {
        ("first", &between[..between.len().min(most)])
    };
    let page = format!(", {end}: {most}, after: $c, before: $d");
    let query = case.query(
        ", $c: String, $d: String",
        &format!("list: {} {{ nodes {{ id }} }}", case.field(&page)),
    );
    let mut variables = case.variables(&parents);
    variables.insert("c".into(), json!(cursors[after]));
    variables.insert("d".into(), json!(cursors[before]));
    let response = case.execute(world, &query, variables).await.remove(0);
    assert_eq!(keys(&response["list"]["nodes"]), piece, "{page}: {}", found());
}

async fn worlds(store: Store) -> [(&'static str, World); 2] {
    let sample = World::sample(store).await;
    scatter::scatter(&sample, seed()).await;
    [("sample", sample), ("built-in", World::built_in(store).await)]
}

async fn read(world: &World) -> Plain {
    Plain { rows: Rows::read(world).await, schema: Schema::read(world).await }
}

fn seed() -> u64 {
    number("RANDOM_SEED").unwrap_or(20_260_101)
}

async fn random_lists_equal_those_of_the_reference_implementation(store: Store) {
    let cases = number("RANDOM_CASES").map_or(CASES, |cases| usize::try_from(cases).unwrap());
    for (name, world) in worlds(store).await {
        let plain = read(&world).await;
        let mut drawn = Draw::new(&plain, seed());
        let mut tally = Tally::default();
        let lists = &plain.schema.lists;
        for case in 0..cases {
            println!("RANDOM_SEED={}: case {case} in the {name} world", seed());
            // Each field once, those of the root again and again.
            let root = |list: &&ListField| list.parent == "Query";
            let roots: Vec<_> = lists.iter().filter(root).collect();
            let list = match lists.get(case) {
                Some(list) => list,
                None if drawn.dice.chance(50) => drawn.dice.pick(&roots),
                None => drawn.dice.pick(lists),
            };
            let case = draw(&plain, &mut drawn, list);
            if case.filter.is_some() {
                let passed = case.expected.iter().map(|(rows, _)| rows.len()).sum();
                tally.count(passed, case.of);
            }
            if case.expected.is_empty() {
                continue;
            }
            compare_pages(&world, &plain, &case, &mut drawn).await;
            turn_pages(&world, &plain, &case, &mut drawn).await;
        }
        world.end().await;
        println!("{cases} lists in the {name} world on {store:?}: {tally}");
        assert!(tally.percent() >= 60, "{tally}: too few filters match some rows and not all");
    }
}

test_each_store!(random_lists_equal_those_of_the_reference_implementation);

/// Each record that holds on no day has a contradiction that explains why.
async fn records_that_hold_on_no_day_have_contradictions(store: Store) {
    for seed in (seed()..).take(WORLDS) {
        let world = World::sample(store).await;
        scatter::scatter(&world, seed).await;
        for sql in ["UPDATE derivation SET version = 0", "UPDATE contradiction SET curated = false"]
        {
            world.database.execute_unprepared(sql).await.unwrap();
        }
        import::derive(&world.database, now()).await.unwrap();
        let hidden = hidden(&world).await;
        println!("RANDOM_SEED={seed}: {} rows hold on no day", hidden.all);
        assert_eq!(hidden.silent, Vec::<String>::new());
        assert!(hidden.all > 20, "the dates hardly contradict each other");
        world.end().await;
    }
}

test_each_store!(records_that_hold_on_no_day_have_contradictions);

/// A root list, and a filter of it that applies `inner` to objects of a type.
fn from_root(plain: &Plain, draw: &mut Draw<'_>, ty: &str, inner: Value) -> (ListField, Value) {
    let roots = plain.schema.lists.iter().filter(|list| list.parent == "Query");
    let mut ways: Vec<(&ListField, Value)> = Vec::new();
    for list in roots {
        if list.rows == ty {
            return (list.clone(), inner);
        }
        for (field, sort) in plain.schema.tested(&list.rows) {
            match sort {
                FieldKind::One(to) if to == ty => ways.push((list, json!({ field: inner }))),
                FieldKind::Many(to) if to == ty => {
                    ways.push((list, json!({ field: { "some": inner } })));
                }
                _ => {}
            }
        }
    }
    assert!(!ways.is_empty(), "no list from the root leads to a {ty}");
    let (list, filter) = draw.dice.pick(&ways);
    ((*list).clone(), filter.clone())
}

async fn each_operator_of_each_field_matches_the_reference_implementation(store: Store) {
    let mut found: BTreeMap<String, Tally> = BTreeMap::new();
    for (name, world) in worlds(store).await {
        println!("RANDOM_SEED={} in the {name} world", seed());
        let plain = read(&world).await;
        let mut drawn = Draw::new(&plain, seed());
        let mut queries = Vec::new();
        for ty in plain.schema.filtered() {
            for (field, _) in plain.schema.tested(ty) {
                for test in plain.schema.tests(ty, field) {
                    // These two only set the date of other operators.
                    if !["asOf", "history"].contains(&test) {
                        queries.push(Single::draw(&plain, &mut drawn, ty, field, test));
                    }
                }
            }
        }
        for single in &queries {
            let own = found.entry(single.name.clone()).or_default();
            own.count(single.expected.len(), single.of);
        }
        for some in queries.chunks(20) {
            execute_together(&world, some).await;
        }
        world.end().await;
    }
    let mut all = Tally::default();
    for own in found.values() {
        all.case += own.case;
        all.some += own.some;
        all.none += own.none;
        all.all += own.all;
    }
    println!("each test on {store:?}: {all}");
    assert!(all.percent() >= 55, "{all}: too few filters match some rows and not all");
}

test_each_store!(each_operator_of_each_field_matches_the_reference_implementation);

/// A filter with one test of one field, or its opposite.
struct Single {
    name: String,
    list: ListField,
    filter: Value,
    day: NaiveDate,
    expected: Vec<Id>,
    /// The rows that were to choose from.
    of: usize,
}

impl Single {
    fn draw(plain: &Plain, draw: &mut Draw<'_>, ty: &str, field: &str, test: &str) -> Self {
        let mut tries = 0;
        loop {
            let like = draw.row(ty);
            let one = json!({ field: draw.value(ty, field, test, like, 2, true) });
            let filter = if draw.dice.chance(30) { json!({ "not": one }) } else { one };
            let (list, filter) = from_root(plain, draw, ty, filter);
            let today = now().date_naive();
            let day = if draw.dice.chance(50) { draw.day(&list.rows) } else { today };
            let table = plain.rows.of(&list.rows);
            let mut rows: Vec<usize> = (0..table.len()).collect();
            rows.retain(|row| !list.takes_history || holds(table, *row, At::day(day)));
            let of = rows.len();
            rows.retain(|row| plain.passes(&list.rows, *row, &filter, At::day(day)));
            plain.sort(&list.rows, &mut rows, &[]);
            let expected: Vec<Id> = rows.iter().map(|row| table.id(*row)).collect();
            tries += 1;
            if tries == TRIES || (!expected.is_empty() && expected.len() < of) {
                let name = format!("{ty}.{field}.{test}");
                return Self { name, list, filter, day, expected, of };
            }
        }
    }
}

async fn execute_together(world: &World, queries: &[Single]) {
    let (mut declared, mut lists, mut variables) = (String::new(), String::new(), Map::new());
    for (at, Single { list, filter, day, .. }) in queries.iter().enumerate() {
        let ListField { rows, name, .. } = list;
        declared += &format!(" $f{at}: {rows}Filter");
        let arguments = format!("first: 100, filter: $f{at}, asOf: \"{day}\"");
        lists += &format!("l{at}: {name}({arguments}) {{ totalCount nodes {{ id }} }} ");
        variables.insert(format!("f{at}"), filter.clone());
    }
    let query = format!("query({declared}) {{ {lists} }}");
    let response = world.execute_with(&query, variables.into()).await;
    assert_eq!(response.get("errors"), None, "{query}");
    for (at, Single { name, filter, day, expected, .. }) in queries.iter().enumerate() {
        let list = &response["data"][format!("l{at}")];
        let first = &expected[..expected.len().min(100)];
        assert_eq!(list["totalCount"], expected.len(), "{name} on {day}: {filter}");
        assert_eq!(keys(&list["nodes"]), first, "{name} on {day}: {filter}");
    }
}
