//! Work that nobody waits for any more is not under way any more.

use std::{
    io::Write,
    time::{Duration, Instant},
};

use assembly_graph::{
    graph::snapshot::Snapshot,
    sample::{self, Size},
    sql::{self, Stop},
    store::{self, Connections},
};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, Statement, TransactionTrait,
    sea_query::{Expr, Query},
};
use serde_json::json;

use crate::{
    served::{Served, post},
    world::{Home, Store},
};

/// Longer than anything takes that is not broken.
const GUARD: Duration = Duration::from_secs(30);

/// Ends only when it is stopped.
const ENDLESS: &str = "WITH RECURSIVE number(one) AS (SELECT 1 UNION ALL SELECT one + 1 FROM number) \
    SELECT max(one) FROM number";

#[tokio::test]
async fn sqlite_stops_a_statement_when_its_work_is_given_up() {
    let home = Home::new(Store::Sqlite).await;
    let one = Connections { most: 1, patience: GUARD, statement: None };
    let database = store::connect_with(&home.url(), one).await.unwrap();
    for _ in 0..3 {
        let stop = Stop::default();
        let endless = Statement::from_string(DbBackend::Sqlite, ENDLESS);
        let work = stop.over(database.query_one_raw(endless));
        tokio::time::timeout(Duration::from_millis(100), work).await.unwrap_err();
        stop.now();
        // The only connection is free again, and nothing stops whoever has it now.
        let next = tokio::time::timeout(GUARD, database.execute_unprepared("SELECT 1"));
        next.await.expect("the statement goes on").unwrap();
    }
    database.close().await.unwrap();
    home.remove().await;
}

#[tokio::test]
async fn sqlite_stops_the_statement_of_a_request_that_is_given_up() {
    let home = Home::new(Store::Sqlite).await;
    let one = Connections { most: 1, patience: GUARD, statement: None };
    let database = store::connect_with(&home.url(), one).await.unwrap();
    store::migrate(&database).await.unwrap();
    sample::fill(&database, Size::SMALL).await.unwrap();
    // Nobody lives to see how many there are.
    let mut pairs = Query::select().expr(Expr::cust("count(*)")).take();
    for name in ["a", "b", "c", "d", "e", "f", "g", "h"] {
        pairs.from_as(entity::change::Entity, name);
    }
    for _ in 0..3 {
        let snapshot = Snapshot::new(database.clone());
        let answered = tokio::time::timeout(Duration::from_millis(100), snapshot.query(&pairs));
        assert!(answered.await.is_err());
        drop(snapshot);
        let next = tokio::time::timeout(GUARD, database.execute_unprepared("SELECT 1"));
        next.await.expect("the statement goes on").unwrap();
    }
    database.close().await.unwrap();
    home.remove().await;
}

/// The driver leaves a transaction open that nobody waits for to begin; the next one on its
/// connection would fail.
#[tokio::test]
async fn postgresql_is_left_without_a_transaction_whenever_its_beginning_is_given_up() {
    if !Store::all().contains(&Store::Postgres) {
        return;
    }
    let home = Home::new(Store::Postgres).await;
    let one = Connections { most: 1, patience: GUARD, statement: None };
    let database = store::connect_with(&home.url(), one).await.unwrap();
    store::migrate(&database).await.unwrap();
    for polls in 1..40 {
        let mut begins = Box::pin(sql::reading(&database, None));
        for _ in 0..polls {
            if futures_util::poll!(&mut begins).is_ready() {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(begins);
        // Outside of a transaction, then within one.
        store::revision(&database).await.unwrap();
        sql::reading(&database, None).await.unwrap().rollback().await.unwrap();
    }
    database.close().await.unwrap();
    home.remove().await;
}

/// A server on a sample world in PostgreSQL whose members nobody can read, where there is one.
struct Locked {
    home: Home,
    served: Served,
    lock: DatabaseTransaction,
}

impl Locked {
    async fn new(settings: &[&str]) -> Option<Self> {
        Store::all().contains(&Store::Postgres).then_some(())?;
        let home = Home::new(Store::Postgres).await;
        let database = store::connect(&home.url()).await.unwrap();
        store::migrate(&database).await.unwrap();
        sample::fill(&database, Size::SMALL).await.unwrap();
        let served = Served::start(&home.url(), settings);
        let lock = database.begin().await.unwrap();
        lock.execute_unprepared("LOCK TABLE member IN ACCESS EXCLUSIVE MODE").await.unwrap();
        Some(Self { home, served, lock })
    }

    /// Statements and transactions of the server that are under way.
    async fn under_way(&self) -> i64 {
        // A transaction sees the same activity all along, unless it says otherwise.
        self.lock.execute_unprepared("SELECT pg_stat_clear_snapshot()").await.unwrap();
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
            AND pid <> pg_backend_pid() AND state <> 'idle'";
        let row = self.lock.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await;
        row.unwrap().unwrap().try_get_by_index(0).unwrap()
    }

    async fn comes_to(&self, happened: impl Fn(i64) -> bool) {
        let begun = Instant::now();
        while !happened(self.under_way().await) {
            assert!(begun.elapsed() < GUARD, "{} under way", self.under_way().await);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Once members can be read again, they are.
    async fn end(self) {
        self.lock.rollback().await.unwrap();
        let answer = self.served.ask(MEMBERS);
        assert_eq!(answer.status, 200, "{answer:?}");
        drop(self.served);
        self.home.remove().await;
    }
}

const MEMBERS: &str = "{ members(first: 1) { nodes { name } } }";

#[tokio::test]
async fn postgresql_stops_a_statement_that_took_too_long() {
    let Some(locked) = Locked::new(&["--timeout", "300ms"]).await else { return };
    for _ in 0..20 {
        let answer = locked.served.ask(MEMBERS);
        assert_eq!((answer.status, answer.code().as_str()), (504, "TIMEOUT"), "{answer:?}");
    }
    locked.comes_to(|under_way| under_way == 0).await;
    // What needs no members is answered all the while.
    assert_eq!(locked.served.ask("{ states { totalCount } }").status, 200);
    locked.end().await;
}

#[tokio::test]
async fn postgresql_stops_the_statement_of_a_client_that_is_gone() {
    // Nothing else ends it in time.
    let Some(locked) = Locked::new(&["--timeout", "10min"]).await else { return };
    let mut gone = locked.served.connect();
    gone.write_all(&post(json!({ "query": MEMBERS }).to_string())).unwrap();
    locked.comes_to(|under_way| under_way > 0).await;
    drop(gone);
    locked.comes_to(|under_way| under_way == 0).await;
    locked.end().await;
}
