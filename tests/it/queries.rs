//! A test is data: `queries/<topic>/<claim>.graphql` and the whole answer, `<claim>.json` beside it.
//!
//! The answer says how many SQL statements it may cost. `UPDATE_EXPECT=1 cargo test` writes the
//! answers; read their diff.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::world::{Store, World, test_each_store};

/// The files of all questions, in order.
pub fn questions() -> Vec<PathBuf> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/queries")];
    let mut questions = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "graphql") {
                questions.push(path);
            }
        }
    }
    questions.sort();
    questions
}

/// What a question's file claims, by its name.
pub fn claim(path: &Path) -> &str {
    path.file_stem().unwrap().to_str().unwrap()
}

/// The questions that a world answers otherwise than their files say.
pub async fn answered_otherwise(world: &World, update: bool) -> Vec<String> {
    let questions = questions();
    let mut wrong = Vec::new();
    for path in &questions {
        let question = fs::read_to_string(path).unwrap();
        let variables = match fs::read_to_string(path.with_extension("variables.json")) {
            Ok(text) => serde_json::from_str(&text).unwrap(),
            Err(_) => Value::Null,
        };
        let answer = world.answer(&question, variables).await;
        let answer = format!("{}\n", serde_json::to_string_pretty(&answer).unwrap());
        let place = path.with_extension("json");
        if update {
            fs::write(&place, &answer).unwrap();
        }
        let expected = fs::read_to_string(&place).unwrap_or_default();
        if let Some(difference) = difference(&expected, &answer) {
            wrong.push(format!("{}: {difference}", claim(path)));
        }
    }
    assert!(questions.len() >= 40, "the question files were not found");
    println!("{} question files", questions.len());
    wrong
}

async fn queries_have_their_recorded_results(store: Store) {
    let world = World::shipped(store).await;
    let update = std::env::var_os("UPDATE_EXPECT").is_some() && store == Store::Sqlite;
    let wrong = answered_otherwise(&world, update).await;
    world.end().await;
    assert!(
        wrong.is_empty(),
        "{}\n{} questions got another answer on {store:?}; UPDATE_EXPECT=1 writes them down",
        wrong.join("\n"),
        wrong.len(),
    );
}

test_each_store!(queries_have_their_recorded_results);

fn difference(expected: &str, answer: &str) -> Option<String> {
    if expected == answer {
        return None;
    }
    let mut lines = expected.lines().zip(answer.lines()).enumerate();
    let first = lines.find(|(_, (one, other))| one != other);
    Some(match first {
        Some((at, (one, other))) => {
            format!("line {}: expected {} but got {}", at + 1, one.trim(), other.trim())
        }
        None => format!(
            "{} lines expected, {} lines got",
            expected.lines().count(),
            answer.lines().count()
        ),
    })
}
