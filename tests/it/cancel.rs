//! Statements are stopped when their request is cancelled or times out.

use std::{io::Write, time::Duration};

use assembly_graph::{
    graph::snapshot::Snapshot,
    sample::{self, Size},
    sql::{self, Interrupt},
    store::{self, Connections},
};
use futures_util::StreamExt;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, Statement, StreamTrait,
    TransactionTrait,
    sea_query::{Expr, Query},
};
use serde_json::json;

use crate::{
    server::{ServerProcess, post},
    world::{Home, Store},
};

/// Fails a test that waits for something that does not happen.
const GUARD: Duration = Duration::from_mins(10);

/// Returns one row, then runs until it is stopped.
const ENDLESS: &str = "SELECT 0 AS one UNION ALL SELECT max(one) FROM \
    (WITH RECURSIVE number(one) AS (SELECT 1 UNION ALL SELECT one + 1 FROM number) SELECT one FROM number)";

async fn connect_once(home: &Home) -> DatabaseConnection {
    let connections = Connections { max: 1, acquire_timeout: GUARD, statement_timeout: None };
    store::connect_with(&home.url(), connections).await.unwrap()
}

#[tokio::test]
async fn sqlite_stops_a_statement_when_its_future_is_dropped() {
    let home = Home::new(Store::Sqlite).await;
    let database = connect_once(&home).await;
    for _ in 0..3 {
        let interrupt = Interrupt::default();
        let endless = Statement::from_string(DbBackend::Sqlite, ENDLESS);
        let mut rows = interrupt.scope(database.stream_raw(endless)).await.unwrap();
        // The statement is running.
        rows.next().await.unwrap().unwrap();
        drop(rows);
        interrupt.interrupt();
        // The only connection is free again, and the next statement on it is not stopped.
        let next = tokio::time::timeout(GUARD, database.execute_unprepared("SELECT 1"));
        next.await.expect("the statement is still running").unwrap();
    }
    database.close().await.unwrap();
    home.remove().await;
}

/// Whether a connection is reading a state of the database that another one cannot overwrite.
async fn is_read(writer: &DatabaseConnection) -> bool {
    for sql in ["PRAGMA busy_timeout = 0", "UPDATE member SET name = name"] {
        writer.execute_unprepared(sql).await.unwrap();
    }
    let checkpoint = Statement::from_string(DbBackend::Sqlite, "PRAGMA wal_checkpoint(TRUNCATE)");
    let row = writer.query_one_raw(checkpoint).await.unwrap().unwrap();
    row.try_get_by_index::<i64>(0).unwrap() == 1
}

#[tokio::test]
async fn sqlite_stops_the_statement_of_a_cancelled_request() {
    let home = Home::new(Store::Sqlite).await;
    let database = connect_once(&home).await;
    store::migrate(&database).await.unwrap();
    sample::fill(&database, Size::SMALL).await.unwrap();
    let writer = connect_once(&home).await;
    // Takes longer than any test runs.
    let mut pairs = Query::select().expr(Expr::cust("count(*)")).take();
    for name in ["a", "b", "c", "d", "e", "f", "g", "h"] {
        pairs.from_as(entity::change::Entity, name);
    }
    for _ in 0..3 {
        let snapshot = Snapshot::new(database.clone());
        let is_running = async {
            while !is_read(&writer).await {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            _ = snapshot.query(&pairs) => panic!("the statement ended"),
            running = tokio::time::timeout(GUARD, is_running) => running.expect("no statement runs"),
        }
        drop(snapshot);
        let next = tokio::time::timeout(GUARD, database.execute_unprepared("SELECT 1"));
        next.await.expect("the statement is still running").unwrap();
    }
    writer.close().await.unwrap();
    database.close().await.unwrap();
    home.remove().await;
}

/// The driver leaves a transaction open if the future that begins it is dropped, and the next one on
/// its connection would fail.
#[tokio::test]
#[cfg_attr(not(postgres_tests), ignore = "needs TEST_POSTGRES_URL")]
async fn postgresql_has_no_open_transaction_after_begin_is_cancelled() {
    let home = Home::new(Store::Postgres).await;
    let database = connect_once(&home).await;
    store::migrate(&database).await.unwrap();
    for polls in 1..40 {
        let mut begins = Box::pin(sql::begin_read(&database, None));
        for _ in 0..polls {
            if futures_util::poll!(&mut begins).is_ready() {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(begins);
        // Outside of a transaction, then within one.
        store::revision(&database).await.unwrap();
        sql::begin_read(&database, None).await.unwrap().rollback().await.unwrap();
    }
    database.close().await.unwrap();
    home.remove().await;
}

/// A server on a sample world in PostgreSQL in which a lock blocks reads of members.
struct Locked {
    home: Home,
    server: ServerProcess,
    lock: DatabaseTransaction,
}

impl Locked {
    async fn new(settings: &[&str]) -> Self {
        let home = Home::new(Store::Postgres).await;
        let database = store::connect(&home.url()).await.unwrap();
        store::migrate(&database).await.unwrap();
        sample::fill(&database, Size::SMALL).await.unwrap();
        let server = ServerProcess::start(&home.url(), settings);
        let lock = database.begin().await.unwrap();
        lock.execute_unprepared("LOCK TABLE member IN ACCESS EXCLUSIVE MODE").await.unwrap();
        Self { home, server, lock }
    }

    /// The number of statements and transactions of the server that are active.
    async fn active(&self) -> i64 {
        // Within a transaction, statistics are cached until the cache is cleared.
        self.lock.execute_unprepared("SELECT pg_stat_clear_snapshot()").await.unwrap();
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
            AND pid <> pg_backend_pid() AND state <> 'idle'";
        let row = self.lock.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await;
        row.unwrap().unwrap().try_get_by_index(0).unwrap()
    }

    /// Waits until the number of active statements satisfies a condition.
    async fn wait_until_active(&self, condition: impl Fn(i64) -> bool) {
        let wait = async {
            while !condition(self.active().await) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(GUARD, wait).await.expect("the number of active statements");
    }

    /// Sends a query until it succeeds: with a short timeout, a slow machine may need several attempts.
    async fn wait_until_ok(&self, query: &str) {
        let wait = async {
            while self.server.query(query).status != 200 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(GUARD, wait).await.expect(query);
    }

    /// Releases the lock; members can be read again.
    async fn end(self) {
        self.lock.execute_unprepared("ROLLBACK AND CHAIN").await.unwrap();
        self.wait_until_ok(MEMBERS).await;
        drop((self.server, self.lock));
        self.home.remove().await;
    }
}

const MEMBERS: &str = "{ members(first: 1) { nodes { name } } }";

#[tokio::test]
#[cfg_attr(not(postgres_tests), ignore = "needs TEST_POSTGRES_URL")]
async fn postgresql_stops_a_statement_after_the_timeout() {
    let locked = Locked::new(&["--timeout", "300ms"]).await;
    for _ in 0..20 {
        let response = locked.server.query(MEMBERS);
        assert_eq!((response.status, response.code().as_str()), (504, "TIMEOUT"), "{response:?}");
    }
    locked.wait_until_active(|active| active == 0).await;
    // Queries that read no members still succeed.
    locked.wait_until_ok("{ states { totalCount } }").await;
    locked.end().await;
}

#[tokio::test]
#[cfg_attr(not(postgres_tests), ignore = "needs TEST_POSTGRES_URL")]
async fn postgresql_stops_the_statement_of_a_client_that_disconnects() {
    // Longer than the test waits.
    let locked = Locked::new(&["--timeout", "1h"]).await;
    let mut client = locked.server.connect();
    client.write_all(&post(json!({ "query": MEMBERS }).to_string())).unwrap();
    locked.wait_until_active(|active| active > 0).await;
    drop(client);
    locked.wait_until_active(|active| active == 0).await;
    locked.end().await;
}
