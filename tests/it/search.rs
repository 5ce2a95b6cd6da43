//! Texts of records: kept as they are served, whatever alters them.

use assembly_graph::import::{self, File};
use entity::{RecordKind, term};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait, Statement};

use crate::world::{Store, World, now, on_each_store};

/// How many rows a statement of one store finds.
async fn rows(database: &DatabaseConnection, sql: &str) -> Vec<sea_orm::QueryResult> {
    let statement = Statement::from_string(database.get_database_backend(), sql);
    database.query_all_raw(statement).await.unwrap()
}

/// The indexes of words say what the table says.
async fn assert_sound(world: &World) {
    if world.database.get_database_backend() != DbBackend::Sqlite {
        return;
    }
    // Of an index without positions the check looks through the content too, which has rows that
    // are not searched; those have no words.
    for table in ["term_word", "term_gram"] {
        let check = format!("INSERT INTO {table} ({table}, rank) VALUES ('integrity-check', 1)");
        world.database.execute_unprepared(&check).await.unwrap();
    }
}

async fn bring(world: &World, text: &str) -> Result<import::Applied, import::ImportError> {
    let file = File { name: "more.toml".into(), text: text.to_owned() };
    import::import(&world.database, &[file], now()).await
}

async fn terms(world: &World) -> Vec<term::Model> {
    let mut terms = term::Entity::find().all(&world.database).await.unwrap();
    terms.sort_by_key(|term| term.id);
    terms
}

#[tokio::test]
async fn every_record_has_the_terms_of_its_texts() {
    on_each_store(async |store| {
        let world = World::shipped(store).await;
        let terms = terms(&world).await;
        let of = |kind, property| {
            let own = |term: &&term::Model| term.record_kind == kind && term.property == property;
            terms.iter().filter(own).count()
        };
        let members = entity::member::Entity::find().all(&world.database).await.unwrap();
        let names = terms.iter().filter(|term| term.record_kind == RecordKind::Member);
        assert_eq!(names.filter(|term| term.rank == 0).count(), members.len());
        assert!(of(RecordKind::Assembly, "acronym") >= 2);
        assert!(of(RecordKind::State, "code") > 5);
        assert!(of(RecordKind::Decision, "title") > 10);
        assert!(of(RecordKind::Document, "url") > 10);
        assert!(terms.iter().all(|term| term.words.is_empty() == (term.rank == 9)));
        assert!(terms.iter().any(|term| term.language.as_deref() == Some("ru")));
        assert_sound(&world).await;
        world.end().await;
    })
    .await;
}

const BASE: &str = r#"
[[document]]
slug = "paper"
kind = "PRESS"
title = "A list of names"

[[state]]
slug = "tj"
code = "TJ"
name = "Tajikistan"
sources = ["paper"]

[[member]]
slug = "kogut"
name = "Viktor Kogut"
sources = ["paper"]
"#;

/// What is written, told short: property, rank, folded text.
async fn told(world: &World, slug: &str) -> Vec<String> {
    let registered = entity::entity::Entity::find().all(&world.database).await.unwrap();
    let id = registered.iter().find(|row| row.slug == slug).unwrap().id;
    let own = terms(world).await.into_iter().filter(|term| term.record_id == id);
    own.map(|term| format!("{} {} {}", term.property, term.rank, term.folded)).collect()
}

#[tokio::test]
async fn terms_follow_what_is_written() {
    on_each_store(async |store| {
        let world = World::empty(store).await;
        bring(&world, BASE).await.unwrap();
        assert_eq!(told(&world, "kogut").await, ["name 0 viktor kogut"]);
        assert_eq!(told(&world, "tj").await, ["name 0 tajikistan", "code 1 tj"]);
        let before = world.fingerprint().await;
        bring(&world, BASE).await.unwrap();
        assert!(world.fingerprint().await == before, "something was written");

        let named = BASE.replace(
            "name = \"Viktor Kogut\"",
            "name = \"Victor Kogut\"\nidentifiers = { wikidata = \"Q1\" }\n\
             names = [{ value = \"Виктор Когут\", language = \"ru\" }, { value = \"—\" },\n\
             { value = \"VICTOR KOGUT\" }]",
        );
        bring(&world, &named).await.unwrap();
        assert_eq!(told(&world, "kogut").await, ["name 0 victor kogut", "name 1 viktor kogut"]);
        assert_sound(&world).await;

        // All or nothing.
        let before = world.fingerprint().await;
        let wrong = named.replace("Victor", "Wiktor") + "\n[[member]]\nslug = \"nobody\"\n";
        bring(&world, &wrong).await.unwrap_err();
        assert!(world.fingerprint().await == before, "something was written");
        assert_sound(&world).await;

        // Written in another order, the same.
        let again = World::empty(store).await;
        bring(&again, &named).await.unwrap();
        assert_eq!(terms(&again).await, terms(&world).await);
        again.end().await;
        world.end().await;
    })
    .await;
}

/// A database that was filled before there were terms has them once it is opened.
#[tokio::test]
async fn terms_of_a_filled_database_are_derived() {
    on_each_store(async |store| {
        let world = World::shipped(store).await;
        let sound = terms(&world).await;
        if store == Store::Sqlite {
            for table in ["term_word", "term_gram"] {
                let clear = format!("INSERT INTO {table} ({table}) VALUES ('delete-all')");
                world.database.execute_unprepared(&clear).await.unwrap();
            }
        }
        world.database.execute_unprepared("DELETE FROM term").await.unwrap();
        import::derive(&world.database, now()).await.unwrap().unwrap();
        assert!(terms(&world).await == sound, "terms differ");
        assert_sound(&world).await;
        world.end().await;
    })
    .await;
}

/// What the filters of texts rely on: pieces of words are found by an index.
#[tokio::test]
async fn pieces_of_words_are_found_by_an_index() {
    let world = World::shipped(Store::Sqlite).await;
    let find = "SELECT id FROM term WHERE id IN \
         (SELECT rowid FROM term_gram WHERE folded LIKE '%matvi%')";
    let plan = rows(&world.database, &format!("EXPLAIN QUERY PLAN {find}")).await;
    let plan: Vec<String> = plan.iter().map(|row| row.try_get("", "detail").unwrap()).collect();
    assert!(plan.iter().any(|step| step.contains("VIRTUAL TABLE INDEX 0:L0")), "{plan:#?}");
    assert!(plan.iter().all(|step| !step.starts_with("SCAN term") || step.contains("VIRTUAL")));
    let by_index = rows(&world.database, find).await.len();
    let by_reading = "SELECT id FROM term WHERE folded LIKE '%matvi%'";
    assert_eq!(by_index, rows(&world.database, by_reading).await.len());
    assert!(by_index > 0);
    world.end().await;
}
