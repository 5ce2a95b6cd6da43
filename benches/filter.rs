//! Queries the large sample world with each kind of filter, order and count, and shows by which
//! indexes the store finds the rows.
//!
//! `cargo bench --bench filter` measures SQLite, and PostgreSQL if `TEST_POSTGRES_URL` is set.
//! Compare times within one run only: trust their ratios, not the milliseconds.
#![expect(clippy::print_stdout, clippy::disallowed_methods, reason = "a report, set by variables")]

mod stores;

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use assembly_graph::{
    sample::{self, Size},
    schema::{self, Schema},
};
use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, DatabaseConnection};

/// Queries by label.
const QUERIES: &[(&str, &str)] = &[
    ("no filter", "members(first: 20) { nodes { slug } }"),
    (
        "id in",
        "members(filter: { slug: { in: [\"member-31415\", \"member-27182\"] } }) { nodes { id } }",
    ),
    ("text eq", "members(filter: { name: { eq: \"NAME\" } }) { nodes { slug } }"),
    ("text startsWith", "members(filter: { name: { startsWith: \"START\" } }) { nodes { slug } }"),
    ("text contains, many", "members(filter: { name: { contains: \"PART\" } }) { nodes { slug } }"),
    ("text contains, none", "members(filter: { name: { contains: \"qqxz\" } }) { nodes { slug } }"),
    ("title contains", "decisions(filter: { title: { contains: \"1234\" } }) { nodes { slug } }"),
    ("word eq", "decisions(filter: { kind: { eq: STATEMENT } }) { nodes { slug } }"),
    ("word in", "decisions(filter: { kind: { in: [STATEMENT, MODEL_LAW] } }) { nodes { slug } }"),
    ("word not", "decisions(filter: { status: { not: ADOPTED } }) { nodes { slug } }"),
    (
        "number between",
        "sessions(filter: { number: { between: { from: 3, to: 4 } } }) { nodes { slug } }",
    ),
    ("date within", "decisions(filter: { adopted: { within: \"2011-03\" } }) { nodes { slug } }"),
    (
        "date possibly before",
        "decisions(filter: { adopted: { before: \"2003\", possibly: true } }) { nodes { slug } }",
    ),
    ("date is null", "decisions(filter: { adopted: { isNull: true } }) { nodes { slug } }"),
    ("flag", "memberships(filter: { ongoing: true }) { nodes { slug } }"),
    (
        "certainty",
        "memberships(asOf: \"2012-01-01\", filter: { certainty: DEFINITE }) { nodes { slug } }",
    ),
    (
        "and, or, not",
        "decisions(filter: { or: [{ kind: { eq: STATEMENT } }, { adopted: { within: \"2011\" } }], not: { status: { eq: ADOPTED } } }) { nodes { slug } }",
    ),
    (
        "one: of an assembly",
        "decisions(filter: { assembly: { slug: { eq: \"assembly-1\" } } }) { nodes { slug } }",
    ),
    (
        "some: in a standing commission",
        "members(asOf: \"2012-01-01\", filter: { memberships: { some: { organization: { commission: { kind: { eq: STANDING } } } } } }) { nodes { slug } }",
    ),
    (
        "some: in one organization",
        "members(filter: { memberships: { history: true, some: { organization: { slug: { eq: \"commission-7\" } } } } }) { nodes { slug } }",
    ),
    (
        "some: of a state",
        "members(filter: { memberships: { history: true, some: { state: { code: { eq: \"AC\" } } } } }) { nodes { slug } }",
    ),
    (
        "some: a role",
        "members(asOf: \"2012-01-01\", filter: { memberships: { some: { role: { eq: CHAIR } } } }) { nodes { slug } }",
    ),
    (
        "none",
        "members(asOf: \"2012-01-01\", filter: { memberships: { none: { role: { eq: MEMBER } } } }) { nodes { slug } }",
    ),
    (
        "every",
        "members(asOf: \"2012-01-01\", filter: { memberships: { every: { role: { eq: CHAIR } } } }) { nodes { slug } }",
    ),
    (
        "some: a stage in a year",
        "decisions(filter: { stages: { some: { date: { within: \"2011\" }, kind: { eq: ADOPTED } } } }) { nodes { slug } }",
    ),
    (
        "more than ten seats",
        "delegations(asOf: \"2012-01-01\", filter: { totalSeats: { gt: 10 } }) { nodes { slug } }",
    ),
    (
        "nested: filtered and ordered",
        "assemblies { nodes { decisions(first: 10, filter: { kind: { eq: STATEMENT } }, orderBy: [{ field: ADOPTED, direction: DESC }]) { nodes { slug } } } }",
    ),
    (
        "nested: text",
        "chambers(first: 50) { nodes { memberships(first: 10, history: true, filter: { member: { name: { contains: \"PART\" } } }) { nodes { slug } } } }",
    ),
    (
        "order: names backward",
        "members(orderBy: [{ field: NAME, direction: DESC }]) { nodes { slug } }",
    ),
    ("order: date, nulls last", "decisions(orderBy: [{ field: ADOPTED }]) { nodes { slug } }"),
    (
        "order: date descending",
        "decisions(orderBy: [{ field: ADOPTED, direction: DESC }]) { nodes { slug } }",
    ),
    ("order: title", "decisions(orderBy: [{ field: TITLE }]) { nodes { slug } }"),
    ("search: a name", "search(query: \"PART\") { nodes { slug } }"),
    ("search: one letter", "search(query: \"m\") { nodes { slug } }"),
    ("search: nothing found", "search(query: \"qqxz\") { nodes { slug } }"),
    ("search: persons alone", "search(query: \"START\", kinds: [MEMBER]) { nodes { slug } }"),
    ("totalCount", "memberships(history: true) { totalCount }"),
    ("totalCount of a date", "memberships(asOf: \"2012-01-01\") { totalCount }"),
    (
        "totalCount, filtered",
        "members(asOf: \"2012-01-01\", filter: { memberships: { some: { state: { code: { eq: \"AC\" } } } } }) { totalCount }",
    ),
    ("counts by a word", "decisions { groups(by: KIND) { key count } }"),
    ("counts by year", "decisions { groups(by: YEAR) { key count } }"),
    (
        "counts of members by state",
        "members(asOf: \"2012-01-01\") { groups(by: STATE) { key count } }",
    ),
    (
        "counts of memberships by organization",
        "memberships(asOf: \"2012-01-01\", filter: { role: { eq: CHAIR } }) { groups(by: ORGANIZATION) { key count } }",
    ),
    (
        "counts, nested",
        "chambers(first: 100) { nodes { memberships(history: true) { groups(by: ROLE) { key count } } } }",
    ),
    (
        "series of ten years, one chamber",
        "chamber(slug: \"chamber-0-0\") { memberships { series(from: \"2005-01-01\", to: \"2014-01-01\") { date count } } }",
    ),
    (
        "series of ten years, all",
        "memberships { series(from: \"2005-01-01\", to: \"2014-01-01\") { date count } }",
    ),
];

struct World {
    schema: Schema,
    database: DatabaseConnection,
    today: NaiveDate,
}

impl World {
    async fn query(&self, query: &str) -> Duration {
        let start = Instant::now();
        let response =
            schema::execute(&self.schema, &self.database, self.today, query.into()).await;
        assert!(response.errors.is_empty(), "{query}: {:?}", response.errors);
        start.elapsed()
    }

    /// The indexes that the statements of a query use, and the tables that they scan.
    async fn plan(&self, query: &str) -> (BTreeSet<String>, BTreeSet<String>) {
        let (response, plans) =
            schema::explain(&self.schema, &self.database, self.today, query.into()).await;
        assert!(response.errors.is_empty(), "{query}: {:?}", response.errors);
        let (mut indexes, mut whole) = (BTreeSet::new(), BTreeSet::new());
        for plan in plans {
            if std::env::var_os("PLANS").is_some() {
                println!("{}\n  {}", plan.statement, plan.steps.join("\n  "));
            }
            for step in &plan.steps {
                let word_after = |before: &str| {
                    let (_, after) = step.split_once(before)?;
                    after.split([' ', ':', '(']).next().map(str::to_owned)
                };
                // An index of words, or keys that are read as a table.
                if step.contains("VIRTUAL TABLE INDEX") {
                    indexes.extend(word_after("SCAN ").filter(|table| table.starts_with("term_")));
                    continue;
                }
                indexes.extend(word_after("COVERING INDEX ").or(word_after(" INDEX ")));
                indexes.extend(
                    word_after("Index Scan using ").or(word_after("Index Only Scan using ")),
                );
                indexes.extend(word_after("Bitmap Index Scan on "));
                if step.contains("PRIMARY KEY") {
                    indexes.insert("the primary key".to_owned());
                }
                whole.extend(word_after("Seq Scan on "));
                if step.starts_with("SCAN ") && !step.contains("INDEX") && !step.contains("VIRTUAL")
                {
                    whole.extend(word_after("SCAN "));
                }
            }
        }
        // Tables of keys, and what was gathered already.
        whole.retain(|name| !["k", "j", "json_each", "found", "CONSTANT"].contains(&name.as_str()));
        (indexes, whole)
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

async fn report(name: &str, database: DatabaseConnection) {
    sample::fill(&database, Size::LARGE).await.expect("the sample fits");
    let analyze = database.execute_unprepared("ANALYZE").await;
    analyze.expect("statistics can be gathered");
    let today = "2026-01-01".parse().expect("a day");
    let world = World { schema: schema::schema(), database, today };
    let response = schema::execute(
        &world.schema,
        &world.database,
        today,
        "{ member(slug: \"member-31415\") { name } }".into(),
    )
    .await;
    let data = response.data.into_json().expect("plain data");
    let member = data["member"]["name"].as_str().expect("a name").to_owned();
    let start: String = member.chars().take(4).collect();
    let part: String = member.chars().skip(2).take(4).collect();
    println!("\n{name}\n\n| query | time | ratio to no filter | indexes | scans the table |");
    println!("| --- | --- | --- | --- | --- |");
    let (mut base, mut slowest) = (None, (Duration::ZERO, ""));
    for (label, query) in QUERIES {
        let query = query.replace("NAME\" }", &format!("{member}\" }}"));
        let query = query.replace("START", &start).replace("PART", &part);
        let query = format!("{{ {query} }}");
        let (indexes, whole) = world.plan(&query).await;
        for _ in 0..5 {
            world.query(&query).await;
        }
        let mut times = Vec::new();
        for _ in 0..31 {
            times.push(world.query(&query).await);
        }
        let time = median(times);
        let base = *base.get_or_insert(time);
        if time > slowest.0 {
            slowest = (time, label);
        }
        let list = |names: BTreeSet<String>| names.into_iter().collect::<Vec<_>>().join(", ");
        let ratio = time.as_secs_f64() / base.as_secs_f64();
        println!("| {label} | {time:.0?} | {ratio:.1} | {} | {} |", list(indexes), list(whole));
    }
    println!("\nslowest: {} ({:.0?})", slowest.1, slowest.0);
}

#[tokio::main]
async fn main() {
    stores::on_each_store(report).await;
}
