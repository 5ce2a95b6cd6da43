//! A test is data: `queries/<claim>.graphql` and the whole answer, `queries/<claim>.json`.
//!
//! The answer says how many SQL statements it may cost. `UPDATE_EXPECT=1 cargo test` writes the
//! answers; read their diff.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::world::{Store, World};

/// The files of all questions, in order.
pub fn questions() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/queries");
    let mut questions: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "graphql"))
        .collect();
    questions.sort();
    questions
}

/// The questions that a world answers otherwise than their files say.
pub async fn answered_otherwise(world: &World, update: bool) -> Vec<String> {
    let questions = questions();
    let mut wrong = Vec::new();
    for path in &questions {
        let claim = path.file_stem().unwrap().to_string_lossy();
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
            wrong.push(format!("{claim}: {difference}"));
        }
    }
    assert!(questions.len() >= 40, "the question files were not found");
    println!("{} question files", questions.len());
    wrong
}

async fn ask_all(store: Store) {
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

#[tokio::test]
async fn every_question_has_its_answer_on_sqlite() {
    ask_all(Store::Sqlite).await;
}

#[tokio::test]
async fn every_question_has_its_answer_on_postgresql() {
    if Store::all().contains(&Store::Postgres) {
        ask_all(Store::Postgres).await;
    } else {
        println!("left out: TEST_POSTGRES_URL is not set");
    }
}
