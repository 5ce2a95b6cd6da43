//! Rules as tables of cases: small data sets, written short, and what follows from them.

use std::{collections::BTreeSet, fmt::Write};

use assembly_graph::import::{self, Applied, File};
use serde_json::{Value, json};

use crate::world::{World, now};

mod bounds;
mod claims;
mod contradictions;
mod preferred;
mod rows;
mod validity;

pub use bounds::hidden;

/// What rows of a table need where a case does not say it.
fn needed(table: &str) -> &'static [(&'static str, &'static str)] {
    match table {
        "attendance" | "claim" => &[],
        "commission" => &[("name", "x"), ("kind", "STANDING")],
        "membership" => &[("role", "MEMBER")],
        "participation" => &[("status", "MEMBER")],
        "seat_allocation" => &[("seats", "5")],
        "session" => &[("name", "x"), ("kind", "PLENARY")],
        _ => &[("name", "x")],
    }
}

/// The keys whose values are slugs.
const SLUGS: [&str; 16] = [
    "assemblies",
    "assembly",
    "attendee",
    "chamber",
    "commission",
    "delegation",
    "elected_at",
    "legislative_period",
    "member",
    "on_behalf_of",
    "organization",
    "parliament",
    "participant",
    "session",
    "state",
    "under",
];

/// Rows of the data set format, written short: `chamber c parliament=p founded=2001, ...`. Each
/// slug becomes one of the case's own, `<case>-<slug>`; lists are written `a+b`. Of a claim, the
/// record takes the place of a slug.
pub fn rows(case: &str, short: &str) -> Vec<String> {
    short.split(',').map(|row| one_row(case, row)).collect()
}

fn one_row(case: &str, short: &str) -> String {
    let mut words = short.split_whitespace();
    let (table, slug) = words.next().zip(words.next()).unwrap();
    let given: Vec<(&str, &str)> = words.map(|word| word.split_once('=').unwrap()).collect();
    let has = |key: &str| given.iter().any(|one| one.0 == key);
    let name = if table == "claim" { "record" } else { "slug" };
    let mut row = format!("[[{table}]]\n{name} = \"{case}-{slug}\"\n");
    let needed = needed(table).iter().filter(|need| !has(need.0)).copied();
    let sources = (!has("sources")).then_some(("sources", "almanac"));
    for (key, value) in needed.chain(sources).chain(given.iter().copied()) {
        let one = |value: &str| {
            if SLUGS.contains(&key) {
                format!("\"{case}-{value}\"")
            } else {
                format!("\"{value}\"")
            }
        };
        let value = match key {
            "assemblies" | "observed" | "sources" => {
                let all: Vec<String> = value.split('+').map(one).collect();
                format!("[{}]", all.join(", "))
            }
            "seats" | "size" | "unknown" => value.to_owned(),
            _ => one(value),
        };
        writeln!(row, "{key} = {value}").unwrap();
    }
    row
}

/// A file with one row, in short notation: its table, then its keys as TOML. The default slug is the
/// name of the file; the default source is the almanac.
pub fn file(name: &str, short: &str) -> File {
    let (table, keys) = short.split_once(' ').unwrap_or((short, ""));
    let has = |key: &str| keys.split(", ").any(|one| one.starts_with(&format!("{key} = ")));
    let mut all: Vec<String> = (!keys.is_empty()).then(|| keys.to_owned()).into_iter().collect();
    if table != "claim" && !has("slug") {
        all.push(format!("slug = '{name}'"));
    }
    if !["document", "contradiction"].contains(&table) && !has("sources") {
        all.push("sources = ['almanac']".to_owned());
    }
    let text = format!("{table} = [{{ {} }}]", all.join(", "));
    File { name: format!("{name}.toml").into(), text }
}

/// The name of a field by that of a table or a key.
pub fn camel(name: &str) -> String {
    let mut words = name.split('_').map(str::to_owned);
    let first = words.next().unwrap();
    words.fold(first, |name, word| name + &word[..1].to_uppercase() + &word[1..])
}

pub const DOCUMENTS: &str = "[[document]]\nslug = \"almanac\"\nkind = \"OFFICIAL\"\n\
                             [[document]]\nslug = \"gazette\"\nkind = \"PRESS\"\n";

/// Rows, written short, and the contradictions among them: kind (`OUTSIDE_PARENT` if omitted),
/// property, records; of values and totals also the values of the claims, after `=`.
pub type Case = (&'static str, &'static [&'static str]);

/// The rows of each case.
pub fn rows_of(cases: &[(&str, &[&str])]) -> Vec<Vec<String>> {
    let cases = cases.iter().enumerate();
    cases.map(|(at, (short, _))| rows(&format!("c{at}"), short)).collect()
}

/// The contradictions that cases expect, as `found` has them.
pub fn expected(cases: &[Case]) -> BTreeSet<String> {
    let cases = cases.iter().enumerate();
    let lines = cases.flat_map(|(at, (_, expected))| expected.iter().map(move |one| (at, one)));
    let line = |(at, line): (usize, &&str)| {
        let (line, values) = line.split_once(" = ").unwrap_or((line, ""));
        let mut words: Vec<&str> = line.split(' ').collect();
        let kind = if words[0].starts_with(|letter: char| letter.is_uppercase()) {
            words.remove(0)
        } else {
            "OUTSIDE_PARENT"
        };
        let slugs: Vec<String> = words[1..].iter().map(|slug| format!("c{at}-{slug}")).collect();
        let values = if values.is_empty() { String::new() } else { format!(" = {values}") };
        format!("{kind} {} {}{values}", words[0], slugs.join(" "))
    };
    lines.map(line).collect()
}

/// The contradictions of a world: kind, property and the slugs of the records.
pub async fn found(world: &World) -> BTreeSet<String> {
    let query = "query ($after: String) { contradictions(first: 100, after: $after) {
        nodes { kind property records { slug } claims { value } }
        pageInfo { hasNextPage endCursor } } }";
    let (mut all, mut after) = (BTreeSet::new(), Value::Null);
    loop {
        let response = world.execute_with(query, json!({ "after": after })).await;
        let list = &response["data"]["contradictions"];
        for node in list["nodes"].as_array().unwrap() {
            let records = node["records"].as_array().unwrap().iter();
            let slugs: Vec<_> = records.map(|one| one["slug"].as_str().unwrap()).collect();
            let text = |key: &str| node[key].as_str().unwrap();
            let (kind, property) = (text("kind"), text("property"));
            let claims = node["claims"].as_array().unwrap().iter();
            let values: BTreeSet<_> = claims.filter_map(|one| one["value"].as_str()).collect();
            let values = match kind {
                "VALUES" | "TOTAL" => format!(" = {}", Vec::from_iter(values).join(" ")),
                _ => String::new(),
            };
            all.insert(format!("{kind} {property} {}{values}", slugs.join(" ")));
        }
        if list["pageInfo"]["hasNextPage"] == false {
            return all;
        }
        after = list["pageInfo"]["endCursor"].clone();
    }
}

pub async fn import_rows(world: &World, text: &str) -> Applied {
    let files = [File { name: "case.toml".into(), text: text.to_owned() }];
    match import::import(&world.database, &files, now()).await {
        Ok(applied) => applied,
        Err(refused) => panic!("{refused}\n{text}"),
    }
}
