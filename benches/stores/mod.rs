//! Runs a benchmark on a new, empty database of each store. Knows no benchmark.

use std::{env, fs, path::PathBuf, process};

use assembly_graph::store;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection};

/// Calls `report` on SQLite, and on PostgreSQL if `TEST_POSTGRES_URL` is set.
pub async fn on_each_store(report: impl AsyncFn(&str, DatabaseConnection)) {
    let name = format!("bench_{}", process::id());
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(&name).display().to_string();
    run("SQLite", &path, &report).await;
    for end in ["", "-wal", "-shm"] {
        drop(fs::remove_file(format!("{path}{end}")));
    }
    let Ok(server) = env::var("TEST_POSTGRES_URL") else {
        println!("\nPostgreSQL skipped: TEST_POSTGRES_URL is not set");
        return;
    };
    let admin = Database::connect(&server).await.expect("the server of TEST_POSTGRES_URL");
    admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.expect("a new database");
    let (host, _) = server.rsplit_once('/').expect("a URL with a database");
    run("PostgreSQL", &format!("{host}/{name}"), &report).await;
    admin.execute_unprepared(&format!("DROP DATABASE {name} WITH (FORCE)")).await.expect("dropped");
}

async fn run(store: &str, url: &str, report: &impl AsyncFn(&str, DatabaseConnection)) {
    let database = store::connect(url).await.expect("a new database");
    store::migrate(&database).await.expect("tables are made");
    report(store, database.clone()).await;
    database.close().await.expect("nothing else uses it");
}
