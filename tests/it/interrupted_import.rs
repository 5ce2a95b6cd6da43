//! An import that is killed leaves the database as it was before or after it; readers are not blocked.

use std::{
    process::{Command, Stdio},
    thread,
};

use assembly_graph::{
    schema::{self, Schema},
    store,
};
use entity::{change, claim, member, membership};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, EntityTrait,
    PaginatorTrait, Statement, TransactionTrait,
};
use serde_json::json;

use crate::{
    popolo::Files,
    world::{Home, Store, now, test_each_store},
};

const PERSONS: usize = 1_000;

/// Popolo JSON with a legislature and its members.
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

/// The numbers of rows in tables that an import writes first and last.
async fn rows(database: &DatabaseConnection) -> [u64; 4] {
    [
        member::Entity::find().count(database).await.unwrap(),
        membership::Entity::find().count(database).await.unwrap(),
        claim::Entity::find().count(database).await.unwrap(),
        change::Entity::find().count(database).await.unwrap(),
    ]
}

/// The number of bytes that were written to a database so far; on PostgreSQL, to all of the server.
async fn written_bytes(home: &Home, admin: Option<&DatabaseConnection>) -> u64 {
    let Some(admin) = admin else {
        let size = |suffix| std::fs::metadata(home.url() + suffix).map_or(0, |file| file.len());
        return size("") + size("-wal");
    };
    let sql = "SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint";
    let row = admin.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await;
    row.unwrap().unwrap().try_get_by_index::<i64>(0).unwrap().cast_unsigned()
}

/// Kills imports after a part of the bytes that a complete import writes.
async fn a_killed_import_is_rolled_back_or_complete(store: Store) {
    let files = Files::new();
    let path = files.write("diet.json", file());
    let server = Home::new(store).await;
    let admin = match store {
        Store::Sqlite => None,
        Store::Postgres => Some(store::connect(&server.url()).await.unwrap()),
    };
    let mut home = Home::new(store).await;
    let start = written_bytes(&home, admin.as_ref()).await;
    assert!(import(&home.url(), &path).status().unwrap().success());
    let total = written_bytes(&home, admin.as_ref()).await - start;
    let database = store::connect(&home.url()).await.unwrap();
    let complete = rows(&database).await;
    let persons = u64::try_from(PERSONS).unwrap();
    assert_eq!(&complete[..2], [persons, persons]);
    database.close().await.unwrap();
    home.remove().await;

    home = Home::new(store).await;
    let (mut rolled_back, mut completed) = (0, 0);
    for round in 0..20 {
        // The order of the parts is mixed, because the next import continues after a rollback.
        let part = total * (round * 7 % 20) / 20;
        let start = written_bytes(&home, admin.as_ref()).await;
        let mut child = import(&home.url(), &path).spawn().unwrap();
        while written_bytes(&home, admin.as_ref()).await.saturating_sub(start) < part
            && child.try_wait().unwrap().is_none()
        {
            thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let database = store::connect(&home.url()).await.unwrap();
        if store == Store::Sqlite {
            let check = Statement::from_string(DbBackend::Sqlite, "PRAGMA integrity_check");
            let check = database.query_one_raw(check).await.unwrap().unwrap();
            assert_eq!(check.try_get_by_index::<String>(0).unwrap(), "ok");
        }
        // Completes interrupted migrations, as the next run does.
        store::migrate(&database).await.unwrap();
        let imported = rows(&database).await;
        database.close().await.unwrap();
        if imported == [0; 4] {
            rolled_back += 1;
        } else {
            assert_eq!(imported, complete, "killed after {part} of {total} bytes");
            completed += 1;
            // The next import starts with an empty database again.
            home.remove().await;
            home = Home::new(store).await;
        }
    }
    println!("{store:?}: {rolled_back} imports rolled back, {completed} complete");
    assert!(import(&home.url(), &path).status().unwrap().success());
    let database = store::connect(&home.url()).await.unwrap();
    assert_eq!(rows(&database).await, complete);
    database.close().await.unwrap();
    home.remove().await;
    if let Some(admin) = admin {
        admin.close().await.unwrap();
    }
    server.remove().await;
}

test_each_store!(a_killed_import_is_rolled_back_or_complete);

/// The numbers of members and memberships in the response to a query.
async fn counts(schema: &Schema, database: &DatabaseConnection) -> [u64; 2] {
    let query = "{ members { totalCount } memberships(history: true) { totalCount } }";
    let response = schema::execute(schema, database, now().date_naive(), query.into()).await;
    assert!(response.errors.is_empty(), "{:?}", response.errors);
    let data = serde_json::to_value(response.data).unwrap();
    ["members", "memberships"].map(|list| data[list]["totalCount"].as_u64().unwrap())
}

/// Makes each import wait forever before its last rows. The transaction that is returned on PostgreSQL
/// holds a lock; on SQLite, `UNBLOCK` removes a trigger that never ends.
async fn block(store: Store, database: &DatabaseConnection) -> Option<DatabaseTransaction> {
    match store {
        Store::Sqlite => {
            let sql = "
                CREATE VIEW endless AS
                    WITH RECURSIVE rows(one) AS (SELECT 1 UNION ALL SELECT one FROM rows)
                    SELECT one FROM rows;
                CREATE TRIGGER block BEFORE INSERT ON change
                    BEGIN SELECT count(*) FROM endless; END;
                PRAGMA wal_checkpoint(TRUNCATE);";
            database.execute_unprepared(sql).await.unwrap();
            None
        }
        Store::Postgres => {
            let lock = database.begin().await.unwrap();
            lock.execute_unprepared("LOCK TABLE change IN SHARE MODE").await.unwrap();
            Some(lock)
        }
    }
}

const UNBLOCK: &str = "DROP TRIGGER block; DROP VIEW endless;";

/// Whether an import that is blocked has written rows in its transaction.
async fn has_written(home: &Home, store: Store, database: &DatabaseConnection) -> bool {
    match store {
        Store::Sqlite => std::fs::metadata(home.url() + "-wal").is_ok_and(|file| file.len() > 0),
        Store::Postgres => {
            let sql = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() \
                       AND wait_event_type = 'Lock' AND backend_xid IS NOT NULL";
            let statement = Statement::from_string(DbBackend::Postgres, sql);
            database.query_one_raw(statement).await.unwrap().is_some()
        }
    }
}

/// Before the commit, readers see the state before the import, and a killed import is rolled back.
async fn an_import_is_invisible_before_its_commit_and_rolled_back_if_killed(store: Store) {
    let files = Files::new();
    let path = files.write("diet.json", file());
    let home = Home::new(store).await;
    let database = store::connect(&home.url()).await.unwrap();
    store::migrate(&database).await.unwrap();
    let schema = schema::schema();
    let lock = block(store, &database).await;
    let mut child = import(&home.url(), &path).spawn().unwrap();
    while !has_written(&home, store, &database).await {
        assert_eq!(child.try_wait().unwrap(), None, "the import was not blocked");
        thread::yield_now();
    }
    assert_eq!(counts(&schema, &database).await, [0, 0]);
    assert_eq!(child.try_wait().unwrap(), None, "the import was not blocked");
    child.kill().unwrap();
    child.wait().unwrap();
    match lock {
        Some(lock) => lock.rollback().await.unwrap(),
        None => drop(database.execute_unprepared(UNBLOCK).await.unwrap()),
    }
    assert_eq!(rows(&database).await, [0; 4]);
    assert!(import(&home.url(), &path).status().unwrap().success());
    let persons = u64::try_from(PERSONS).unwrap();
    assert_eq!(counts(&schema, &database).await, [persons, persons]);
    database.close().await.unwrap();
    home.remove().await;
}

test_each_store!(an_import_is_invisible_before_its_commit_and_rolled_back_if_killed);

/// Readers see the state before the import or after it, never a part.
async fn queries_succeed_during_an_import(store: Store) {
    let files = Files::new();
    let path = files.write("diet.json", file());
    let home = Home::new(store).await;
    let database = store::connect(&home.url()).await.unwrap();
    store::migrate(&database).await.unwrap();
    let schema = schema::schema();
    let mut child = import(&home.url(), &path).spawn().unwrap();
    let (mut before, mut after) = (0, 0);
    let status = loop {
        let ended = child.try_wait().unwrap();
        let counts = counts(&schema, &database).await;
        if counts == [0, 0] {
            before += 1;
        } else {
            assert_eq!(
                counts,
                [u64::try_from(PERSONS).unwrap(); 2],
                "a part of an import is visible"
            );
            after += 1;
        }
        if let Some(status) = ended {
            break status;
        }
    };
    assert!(status.success());
    assert!(after > 0, "the import is not visible");
    println!("{store:?}: {before} results before the commit, {after} after it");
    database.close().await.unwrap();
    home.remove().await;
}

test_each_store!(queries_succeed_during_an_import);
