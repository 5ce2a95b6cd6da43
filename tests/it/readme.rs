//! What README and the pages beside it say is so: their questions get the answers that stand there.

use std::{fs, path::Path};

use serde_json::Value;

use crate::world::{World, on_each_store};

#[tokio::test]
async fn its_questions_have_their_answers() {
    answered_as_it_says("README.md", 2).await;
}

#[tokio::test]
async fn questions_of_dashboards_have_their_answers() {
    answered_as_it_says("docs/questions.md", 10).await;
}

/// Each question of a page is followed by its answer.
async fn answered_as_it_says(page: &str, questions: usize) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
    on_each_store(async |store| {
        let world = World::shipped(store).await;
        let mut text = fs::read_to_string(&path).unwrap();
        let mut asked = 0;
        let mut at = 0;
        while let Some(found) = text[at..].find("```graphql\n") {
            let question = at + found + "```graphql\n".len();
            let end = question + text[question..].find("```").unwrap();
            let answer = end + text[end..].find("```json\n").unwrap() + "```json\n".len();
            let answer_end = answer + text[answer..].find("```").unwrap();
            let got = world.answer(&text[question..end], Value::Null).await;
            assert!(got.errors.is_empty(), "{page}: {:?}", got.errors);
            if std::env::var_os("UPDATE_EXPECT").is_some() {
                let pretty = format!("{}\n", serde_json::to_string_pretty(&got).unwrap());
                text.replace_range(answer..answer_end, &pretty);
                fs::write(&path, &text).unwrap();
            } else {
                let said: Value = serde_json::from_str(&text[answer..answer_end]).unwrap();
                assert_eq!(said, serde_json::to_value(&got).unwrap(), "on {store:?}");
            }
            at = answer;
            asked += 1;
        }
        assert!(asked >= questions, "{page} asks only {asked} questions");
        world.end().await;
    })
    .await;
}

#[tokio::test]
async fn its_figures_are_those_of_the_data() {
    let readme = include_str!("../../README.md");
    let world = World::shipped(crate::world::Store::Sqlite).await;
    let data =
        world
            .data(
                "{ service { counts { kind count } } contradictions(first: 100) { nodes { curated } } }",
            )
            .await;
    let counts = data["service"]["counts"].as_array().unwrap();
    let records: u64 = counts.iter().map(|count| count["count"].as_u64().unwrap()).sum();
    let documents = counts.iter().find(|count| count["kind"] == "DOCUMENT").unwrap();
    let grouped = format!("{},{:03}", records / 1000, records % 1000);
    let contradictions = data["contradictions"]["nodes"].as_array().unwrap();
    let curated = contradictions.iter().filter(|one| one["curated"] == true).count();
    for figure in [
        format!("{grouped} records from {} documents", documents["count"]),
        format!("{curated} contradictions that its keepers wrote down"),
        format!("{} more", contradictions.len() - curated),
    ] {
        assert!(readme.contains(&figure), "README should say: {figure}");
    }
    world.end().await;
}
