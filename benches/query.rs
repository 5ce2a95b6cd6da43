//! Queries the large sample world: the time of a query, and its number of statements.
//!
//! `cargo bench --bench query` measures SQLite, and PostgreSQL if `TEST_POSTGRES_URL` is set. Times of one
//! run are comparable; trust their ratios, not the milliseconds.
#![expect(clippy::print_stdout, clippy::disallowed_methods, reason = "a report, set by variables")]

mod stores;

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use assembly_graph::{
    sample::{self, Size},
    schema::{self, Schema},
};
use async_graphql::Variables;
use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

const FLAT: &str = "{ states(first: 20) { nodes { code name slug } } }";

/// Six levels and about a thousand leaf fields.
const DEEP: &str = "{ assembly(slug: \"assembly-0\") { name delegations(first: 8) { nodes { name
    parliament { name chambers { name house memberships(first: 10) { nodes { role member { name
        memberships(first: 5) { nodes { organization { slug name } } } } } } } } } } } }";

/// The same as of a date on which most of it holds.
const DEEP_THEN: &str = "{ assembly(slug: \"assembly-0\", asOf: \"2012-01-01\") { name
    delegations(first: 8) { nodes { name
    parliament { name chambers { name house memberships(first: 10) { nodes { role member { name
        memberships(first: 5) { nodes { organization { slug name } } } } } } } } } } } }";

/// The same, all periods.
const DEEP_HISTORY: &str = "{ assembly(slug: \"assembly-0\") { name
    delegations(first: 8, history: true) { nodes { name
    parliament { name chambers(history: true) { name house memberships(first: 10, history: true) {
        nodes { role member { name memberships(first: 5, history: true) {
            nodes { organization { slug name } } } } } } } } } } } }";

/// Those who attended, each as of another day.
const BROUGHT: &str = "{ sessions(first: 50) { nodes { attendees(first: 10) { nodes {
    attendee { ... on Member { memberships(first: 5) { nodes { role } } } } } } } } }";

const POINT: &str = "{ member(slug: \"member-31415\") { slug name } }";

struct World {
    schema: Schema,
    database: DatabaseConnection,
    today: NaiveDate,
}

impl World {
    async fn query(&self, query: &str) -> async_graphql::Response {
        let response =
            schema::execute(&self.schema, &self.database, self.today, query.into()).await;
        assert!(response.errors.is_empty(), "{:?}", response.errors);
        response
    }
}

fn leaves(value: &async_graphql::Value) -> usize {
    match value {
        async_graphql::Value::Object(fields) => fields.values().map(leaves).sum(),
        async_graphql::Value::List(items) => items.iter().map(leaves).sum(),
        _ => 1,
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// Median time of a response, with `at_once` requests in flight.
async fn time(world: &Arc<World>, query: &'static str, at_once: usize, rounds: usize) -> Duration {
    let workers = (0..at_once).map(|_| {
        let world = world.clone();
        tokio::spawn(async move {
            let mut times = Vec::new();
            for _ in 0..rounds {
                let start = Instant::now();
                world.query(query).await;
                times.push(start.elapsed());
            }
            times
        })
    });
    let mut times = Vec::new();
    for worker in workers.collect::<Vec<_>>() {
        times.extend(worker.await.expect("a worker does not panic"));
    }
    median(times)
}

async fn report(name: &str, database: DatabaseConnection) {
    let start = Instant::now();
    let applied = sample::fill(&database, Size::LARGE).await.expect("the sample fits");
    let analyze = database.execute_unprepared("ANALYZE").await;
    analyze.expect("statistics can be gathered");
    let seconds = start.elapsed().as_secs_f64();
    println!("\n{name}: {} records written in {seconds:.1} s", applied.created);
    println!("| query | leaves | statements | 1 at once | 16 at once | ratio to flat |");
    println!("| --- | --- | --- | --- | --- | --- |");
    let today = "2026-01-01".parse().expect("a day");
    let world = Arc::new(World { schema: schema::schema(), database, today });
    let (mut flat, mut all) = (Duration::ZERO, HashMap::new());
    for (label, query) in [
        ("flat: 20 states", FLAT),
        ("deep, with history", DEEP_HISTORY),
        ("deep: 6 levels", DEEP),
        ("deep, as of 2012-01-01", DEEP_THEN),
        ("50 sessions, each as of its day", BROUGHT),
        ("point: 1 member", POINT),
    ] {
        let response = world.query(query).await;
        let statements = &response.extensions["statements"];
        let leaves = leaves(&response.data);
        time(&world, query, 1, 20).await;
        let alone = time(&world, query, 1, 300).await;
        let together = time(&world, query, 16, 40).await;
        if query == FLAT {
            flat = alone;
        }
        all.insert(query, alone.as_secs_f64());
        let ratio = alone.as_secs_f64() / flat.as_secs_f64();
        println!(
            "| {label} | {leaves} | {statements} | {alone:.0?} | {together:.0?} | {ratio:.2} |"
        );
    }
    let (today, then, ever) = (all[DEEP], all[DEEP_THEN], all[DEEP_HISTORY]);
    println!(
        "\ndeep as of a date: {:.2} times today, {:.2} times all periods without a date",
        then / today,
        then / ever
    );
    pages(&world.database).await;
}

/// Ways to the first ten memberships of each of fourteen chambers.
async fn pages(database: &DatabaseConnection) {
    let backend = database.get_database_backend();
    let chambers = "SELECT id FROM chamber ORDER BY id LIMIT 14";
    let ids = database.query_all_raw(Statement::from_string(backend, chambers)).await;
    let ids: Vec<String> = ids
        .expect("chambers are there")
        .iter()
        .map(|row| row.try_get::<i64>("", "id").expect("an id").to_string())
        .collect();
    let ids = ids.join(",");
    let ways = match backend {
        DbBackend::Postgres => [
            (
                "lateral",
                format!(
                    "SELECT k.k, r.* FROM unnest(ARRAY[{ids}]::bigint[]) AS k CROSS JOIN LATERAL \
                 (SELECT * FROM membership WHERE organization_id = k.k ORDER BY id LIMIT 10) r"
                ),
            ),
            (
                "window",
                format!(
                    "SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY organization_id ORDER BY id) \
                 AS n FROM membership WHERE organization_id = ANY (ARRAY[{ids}]::bigint[])) r WHERE n <= 10"
                ),
            ),
        ],
        _ => [
            (
                "limited sub-select",
                format!(
                    "SELECT k.value, m.* FROM json_each('[{ids}]') k JOIN membership m ON m.id IN \
                 (SELECT id FROM membership WHERE organization_id = k.value ORDER BY id LIMIT 10)"
                ),
            ),
            (
                "window",
                format!(
                    "SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY organization_id ORDER BY id) \
                 AS n FROM membership WHERE organization_id IN (SELECT value FROM json_each('[{ids}]'))) \
                 WHERE n <= 10"
                ),
            ),
        ],
    };
    println!("\n| first 10 of each of 14 | rows | time | to the first |");
    println!("| --- | --- | --- | --- |");
    let mut first = None;
    for (label, sql) in ways {
        let mut times = Vec::new();
        let mut rows = 0;
        for _ in 0..100 {
            let start = Instant::now();
            let found = database.query_all_raw(Statement::from_string(backend, sql.as_str())).await;
            rows = found.expect("the statement is sound").len();
            times.push(start.elapsed());
        }
        let time = median(times);
        let first = *first.get_or_insert(time);
        println!(
            "| {label} | {rows} | {time:.0?} | {:.1} |",
            time.as_secs_f64() / first.as_secs_f64()
        );
    }
}

/// Parsing ten thousand fields, validating them, and computing what they cost.
fn pricing() {
    let fields = |_| "states(first: 1) { nodes { code name } } ";
    let query = format!("{{ {} }}", (0..2_500).map(fields).collect::<String>());
    let sdl = schema::sdl();
    let definitions = query_guard::Schema::new(&sdl, &[]).expect("a schema");
    let (mut parsing, mut validating, mut pricing) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..50 {
        let start = Instant::now();
        let document = query_guard::parse(&query).expect("a document");
        parsing.push(start.elapsed());
        let start = Instant::now();
        query_guard::validate(&definitions, &document, true).expect("a valid document");
        validating.push(start.elapsed());
        let start = Instant::now();
        let operation = &document.operations[0];
        let cost = schema::COSTS.compute(&definitions, &document, operation, &Variables::default());
        pricing.push(start.elapsed());
        assert_eq!((cost.total, cost.error.is_none()), (10_000, true));
    }
    let [parsing, validating, pricing] = [parsing, validating, pricing].map(median);
    println!(
        "10,000 fields: parsed in {parsing:.0?}, validated in {validating:.0?}, their cost computed in {pricing:.0?}"
    );
}

#[tokio::main]
async fn main() {
    pricing();
    stores::on_each_store(report).await;
}
