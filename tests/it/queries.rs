//! A test is data: `queries/<topic>/<claim>.graphql` and the whole response, `<claim>.json`.
//!
//! The result contains its number of SQL statements. `UPDATE_EXPECT=1 cargo test` writes the
//! results; review the diff.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::world::{Store, World, test_each_store};

/// The files of all queries, in order.
pub fn queries() -> Vec<PathBuf> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/queries")];
    let mut queries = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "graphql") {
                queries.push(path);
            }
        }
    }
    queries.sort();
    queries
}

/// The claim that the name of a query's file states.
pub fn claim(path: &Path) -> &str {
    path.file_stem().unwrap().to_str().unwrap()
}

/// Executes all queries and returns the differences from their recorded results.
pub async fn differing_results(world: &World, update: bool) -> Vec<String> {
    let queries = queries();
    let mut wrong = Vec::new();
    for path in &queries {
        let query = fs::read_to_string(path).unwrap();
        let variables = match fs::read_to_string(path.with_extension("variables.json")) {
            Ok(text) => serde_json::from_str(&text).unwrap(),
            Err(_) => Value::Null,
        };
        let response = world.response(&query, variables).await;
        let response = format!("{}\n", serde_json::to_string_pretty(&response).unwrap());
        let place = path.with_extension("json");
        if update {
            fs::write(&place, &response).unwrap();
        }
        let expected = fs::read_to_string(&place).unwrap_or_default();
        if let Some(difference) = difference(&expected, &response) {
            wrong.push(format!("{}: {difference}", claim(path)));
        }
    }
    assert!(queries.len() >= 40, "the query files were not found");
    println!("{} query files", queries.len());
    wrong
}

async fn queries_have_their_recorded_results(store: Store) {
    let world = World::built_in(store).await;
    let update = std::env::var_os("UPDATE_EXPECT").is_some() && store == Store::Sqlite;
    let wrong = differing_results(&world, update).await;
    world.end().await;
    assert!(
        wrong.is_empty(),
        "{}\n{} queries have another result on {store:?}; UPDATE_EXPECT=1 records it",
        wrong.join("\n"),
        wrong.len(),
    );
}

test_each_store!(queries_have_their_recorded_results);

fn difference(expected: &str, response: &str) -> Option<String> {
    if expected == response {
        return None;
    }
    let mut lines = expected.lines().zip(response.lines()).enumerate();
    let first = lines.find(|(_, (one, other))| one != other);
    Some(match first {
        Some((at, (one, other))) => {
            format!("line {}: expected {} but got {}", at + 1, one.trim(), other.trim())
        }
        None => format!(
            "{} lines expected, {} lines got",
            expected.lines().count(),
            response.lines().count()
        ),
    })
}
