//! An import that is killed at any moment leaves the database as before or as after, and readers of
//! the database are answered all through it.

use std::{
    process::{Command, Stdio},
    thread,
    time::Instant,
};

use assembly_graph::{schema, store};
use entity::{change, claim, member, membership};
use sea_orm::{ConnectionTrait, DatabaseConnection, EntityTrait, PaginatorTrait};
use serde_json::json;

use crate::{
    popolo::Files,
    world::{Home, Store, now, test_each_store},
};

const PERSONS: usize = 1_000;

/// A legislature of some size.
fn file() -> String {
    let persons: Vec<_> = (0..PERSONS)
        .map(|at| json!({ "id": format!("p{at}"), "name": format!("Person {at}"), "birth_date": "1960" }))
        .collect();
    let memberships: Vec<_> = (0..PERSONS)
        .map(|at| json!({ "person_id": format!("p{at}"), "organization_id": "l", "start_date": "2010" }))
        .collect();
    json!({
        "persons": persons,
        "organizations": [{ "id": "l", "name": "Diet", "classification": "legislature" }],
        "memberships": memberships,
    })
    .to_string()
}

fn import(url: &str, path: &std::path::Path) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_assembly-graph"));
    program.args(["import", "popolo"]).arg(path).args(["--database", url]);
    program.stderr(Stdio::null());
    program
}

/// How many rows there are of what an import writes first and last.
async fn rows(database: &DatabaseConnection) -> [u64; 4] {
    [
        member::Entity::find().count(database).await.unwrap(),
        membership::Entity::find().count(database).await.unwrap(),
        claim::Entity::find().count(database).await.unwrap(),
        change::Entity::find().count(database).await.unwrap(),
    ]
}

async fn an_import_killed_at_any_moment_has_done_all_or_nothing(kind: Store) {
    let files = Files::new();
    let path = files.write("diet.json", file());
    let home = Home::new(kind).await;
    let start = Instant::now();
    assert!(import(&home.url(), &path).status().unwrap().success());
    let whole = start.elapsed();
    let database = store::connect(&home.url()).await.unwrap();
    let after = rows(&database).await;
    let persons = u64::try_from(PERSONS).unwrap();
    assert_eq!(&after[..2], [persons, persons]);
    database.close().await.unwrap();
    home.remove().await;

    let mut home = Home::new(kind).await;
    let (mut nothing, mut all) = (0, 0);
    for at in 0_u32..20 {
        // Moments spread over the whole run, in an order that favours none.
        let share = f64::from(at * 7 % 20) / 20.0;
        let mut child = import(&home.url(), &path).spawn().unwrap();
        thread::sleep(whole.mul_f64(share));
        child.kill().unwrap();
        child.wait().unwrap();
        let database = store::connect(&home.url()).await.unwrap();
        if kind == Store::Sqlite {
            let sound = sea_orm::Statement::from_string(
                database.get_database_backend(),
                "PRAGMA integrity_check",
            );
            let sound = database.query_one_raw(sound).await.unwrap().unwrap();
            assert_eq!(sound.try_get_by_index::<String>(0).unwrap(), "ok");
        }
        // What was cut short in making the tables is made up first, as the next run does.
        store::migrate(&database).await.unwrap();
        let now = rows(&database).await;
        database.close().await.unwrap();
        match now {
            [0, 0, 0, 0] => nothing += 1,
            done => {
                assert_eq!(done, after, "killed after {share} of its time");
                all += 1;
                // Another database for the rest.
                home.remove().await;
                home = Home::new(kind).await;
            }
        }
    }
    println!("{kind:?}: of 20 killed, {nothing} had done nothing, {all} all");
    assert!(nothing > 0, "none was killed before it was done");
    assert!(import(&home.url(), &path).status().unwrap().success());
    let database = store::connect(&home.url()).await.unwrap();
    assert_eq!(rows(&database).await, after);
    database.close().await.unwrap();
    home.remove().await;
}

test_each_store!(an_import_killed_at_any_moment_has_done_all_or_nothing);

async fn readers_are_answered_all_through_an_import(kind: Store) {
    let files = Files::new();
    let path = files.write("diet.json", file());
    let home = Home::new(kind).await;
    let database = store::connect(&home.url()).await.unwrap();
    store::migrate(&database).await.unwrap();
    let schema = schema::schema();
    let mut child = import(&home.url(), &path).spawn().unwrap();
    let (mut before, mut after) = (0, 0);
    let done = loop {
        let over = child.try_wait().unwrap();
        let question = "{ members { totalCount } memberships(history: true) { totalCount } }";
        let today = now().date_naive();
        let answer = schema::execute(&schema, &database, today, question.into()).await;
        assert!(answer.errors.is_empty(), "{:?}", answer.errors);
        let answer = serde_json::to_value(answer.data).unwrap();
        let counts =
            ["members", "memberships"].map(|list| answer[list]["totalCount"].as_u64().unwrap());
        let all = u64::try_from(PERSONS).unwrap();
        match counts {
            [0, 0] => before += 1,
            counts => {
                assert_eq!(counts, [all, all], "half of an import was seen");
                after += 1;
            }
        }
        if let Some(over) = over {
            break over;
        }
    };
    assert!(done.success());
    assert!(before > 3 && after > 0, "{before} answers before, {after} after");
    println!("{kind:?}: {before} answers while it went on, {after} after");
    database.close().await.unwrap();
    home.remove().await;
}

test_each_store!(readers_are_answered_all_through_an_import);
