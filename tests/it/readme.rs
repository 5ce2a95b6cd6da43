//! The queries of the documentation return the results that are printed below them, and the figures
//! of the README are those of the data set.

use std::{fs, path::Path};

use serde_json::Value;

use crate::world::{Store, World, test_each_store};

const MAX_WIDTH: usize = 110;

async fn queries_of_the_readme_return_their_results(store: Store) {
    check_results(store, "README.md", 5).await;
}

test_each_store!(queries_of_the_readme_return_their_results);

async fn queries_for_users_return_their_results(store: Store) {
    check_results(store, "docs/using.md", 2).await;
}

test_each_store!(queries_for_users_return_their_results);

async fn queries_of_dashboards_return_their_results(store: Store) {
    check_results(store, "docs/queries.md", 10).await;
}

test_each_store!(queries_of_dashboards_return_their_results);

/// Executes each query of a page and compares the response with the JSON block that follows the
/// query. `UPDATE_EXPECT=1` writes the responses to the page.
async fn check_results(store: Store, page: &str, min_queries: usize) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
    let world = World::built_in(store).await;
    let mut text = fs::read_to_string(&path).unwrap();
    let mut queries = 0;
    let mut position = 0;
    while let Some(found) = text[position..].find("```graphql\n") {
        let query = position + found + "```graphql\n".len();
        let query_end = query + text[query..].find("```").unwrap();
        let result = query_end + text[query_end..].find("```json\n").unwrap() + "```json\n".len();
        let result_end = result + text[result..].find("```").unwrap();
        let response = world.response(&text[query..query_end], Value::Null).await;
        assert!(response.errors.is_empty(), "{page}: {:?}", response.errors);
        if std::env::var_os("UPDATE_EXPECT").is_some() && store == Store::Sqlite {
            let old = text[query..result_end].to_owned();
            let pretty = serde_json::to_string_pretty(&response).unwrap();
            text.replace_range(result..result_end, &compact(&pretty));
            // Other tests write sections of the same page meanwhile.
            let new = &text[query..result + compact(&pretty).len()];
            let page = fs::read_to_string(&path).unwrap().replacen(&old, new, 1);
            fs::write(&path, page).unwrap();
        } else {
            let expected: Value = serde_json::from_str(&text[result..result_end]).unwrap();
            let actual = serde_json::to_value(&response).unwrap();
            assert_eq!(expected, actual, "{page} on {store:?}: {}", &text[query..query_end]);
        }
        position = result;
        queries += 1;
    }
    assert!(queries >= min_queries, "{page} has only {queries} queries");
    world.end().await;
}

/// Writes each object and each list of an indented JSON text on one line if it fits.
fn compact(pretty: &str) -> String {
    let lines: Vec<&str> = pretty.lines().collect();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut text = String::new();
    let mut position = 0;
    while let Some(&line) = lines.get(position) {
        let mut end = position;
        let mut joined = line.to_owned();
        if line.ends_with(['{', '[']) {
            let is_close = |other: &&str| indent(other) == indent(line);
            let length = lines[position + 1..].iter().position(is_close).unwrap() + 1;
            for next in lines[position + 1..=position + length].iter().map(|next| next.trim()) {
                let space = if joined.ends_with('[') || next.starts_with(']') { "" } else { " " };
                joined = format!("{joined}{space}{next}");
            }
            if joined.chars().count() <= MAX_WIDTH {
                end = position + length;
            } else {
                line.clone_into(&mut joined);
            }
        }
        text.push_str(&joined);
        text.push('\n');
        position = end + 1;
    }
    text
}

#[test]
fn short_objects_are_written_on_one_line() {
    let value = serde_json::json!({ "a": [1, { "b": [] }], "long": ["x".repeat(MAX_WIDTH)] });
    let text = compact(&serde_json::to_string_pretty(&value).unwrap());
    let long = "x".repeat(MAX_WIDTH);
    let expected =
        format!("{{\n  \"a\": [1, {{ \"b\": [] }}],\n  \"long\": [\n    \"{long}\"\n  ]\n}}\n");
    assert_eq!(text, expected);
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
}

#[tokio::test]
async fn figures_of_the_readme_are_those_of_the_data_set() {
    let readme = include_str!("../../README.md");
    let world = World::built_in(Store::Sqlite).await;
    let query =
        "{ service { counts { kind count } } contradictions(first: 100) { nodes { curated } } }";
    let data = world.data(query).await;
    let counts = data["service"]["counts"].as_array().unwrap();
    let records: u64 = counts.iter().map(|count| count["count"].as_u64().unwrap()).sum();
    let documents = counts.iter().find(|count| count["kind"] == "DOCUMENT").unwrap();
    let contradictions = data["contradictions"]["nodes"].as_array().unwrap();
    let curated = contradictions.iter().filter(|one| one["curated"] == true).count();
    for figure in [
        format!(
            "{},{:03} records from {} documents",
            records / 1000,
            records % 1000,
            documents["count"]
        ),
        format!("{} contradictions", contradictions.len()),
        format!("{curated} of them recorded by maintainers"),
    ] {
        assert!(readme.contains(&figure), "README.md must contain: {figure}");
    }
    world.end().await;
}
