//! What the engine and the store share: one state of the data to read, and keys that travel as one
//! parameter (`json_each` on SQLite, `unnest` and `ANY` on PostgreSQL), so that a statement has
//! the same text whatever their number. Knows neither of the two, and names no table.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use entity::Id;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, TransactionTrait,
    Value,
    sea_query::{ArrayType, Expr, ExprTrait, Func, Query},
};

/// What a list of keys is called where a statement reads it as a table.
pub const KEY: &str = "k";

/// A transaction that reads one state of the data, however many statements it takes; of those
/// none runs longer than until then.
pub async fn reading(
    database: &DatabaseConnection,
    until: Option<Instant>,
) -> Result<DatabaseTransaction, DbErr> {
    let transaction = database.begin().await?;
    // A deferred transaction of SQLite keeps the state that its first read saw.
    if database.get_database_backend() == DbBackend::Postgres {
        let state = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY";
        let both = until.map(|until| format!("{state}; {}", time_left(until)));
        transaction.execute_unprepared(both.as_deref().unwrap_or(state)).await?;
    }
    Ok(transaction)
}

/// Lets no statement of a transaction of PostgreSQL run longer than until then.
pub async fn limit(transaction: &DatabaseTransaction, until: Instant) -> Result<(), DbErr> {
    transaction.execute_unprepared(&time_left(until)).await.map(drop)
}

fn time_left(until: Instant) -> String {
    let left = until.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
    format!("SET LOCAL statement_timeout = {}", left.as_millis())
}

tokio::task_local! {
    static STOP: Arc<AtomicBool>;
}

/// Ends the statements of some work when the work is given up: PostgreSQL has its own limit, SQLite
/// looks here now and then.
pub struct Stop {
    stopped: Arc<AtomicBool>,
    finished: bool,
}

impl Stop {
    #[expect(clippy::new_without_default, reason = "a guard that nobody holds stops at once")]
    pub fn new() -> Self {
        Self { stopped: Arc::default(), finished: false }
    }

    /// Does the work, whose connections this then stops.
    pub async fn over<F: Future>(&self, work: F) -> F::Output {
        STOP.scope(self.stopped.clone(), work).await
    }

    /// There is nothing to stop any more.
    pub fn finish(mut self) {
        self.finished = true;
    }

    /// Whether to go on, as far as the work that asks is concerned; nothing where it is under no
    /// such guard.
    pub fn watched() -> Option<impl Fn() -> bool + Send + 'static> {
        let stopped = STOP.try_with(Arc::clone).ok()?;
        Some(move || !stopped.load(Ordering::Relaxed))
    }
}

impl Drop for Stop {
    fn drop(&mut self) {
        if !self.finished {
            self.stopped.store(true, Ordering::Relaxed);
        }
    }
}

/// A condition: `column` holds one of the keys that travel in one parameter.
pub fn among(backend: DbBackend, column: Expr, keys: Value) -> Expr {
    if backend == DbBackend::Postgres {
        return column.eq(Func::cust("ANY").arg(Expr::val(keys)));
    }
    let listed = Query::select()
        .column("value")
        .from_function(Func::cust("json_each").arg(keys), KEY)
        .take();
    column.in_subquery(listed)
}

/// Ids as one parameter.
pub fn ids(backend: DbBackend, ids: impl IntoIterator<Item = Id>) -> Value {
    list(backend, ArrayType::BigInt, ids)
}

/// Texts as one parameter. One with a NUL is the name of nothing, and PostgreSQL takes none.
pub fn texts<'a>(backend: DbBackend, texts: impl IntoIterator<Item = &'a str>) -> Value {
    list(backend, ArrayType::String, texts.into_iter().filter(|text| !text.contains('\0')))
}

fn list<K: Into<Value> + Into<serde_json::Value>>(
    backend: DbBackend,
    kind: ArrayType,
    keys: impl IntoIterator<Item = K>,
) -> Value {
    if backend == DbBackend::Postgres {
        return Value::Array(kind, Some(Box::new(keys.into_iter().map(Into::into).collect())));
    }
    let keys: Vec<serde_json::Value> = keys.into_iter().map(Into::into).collect();
    serde_json::Value::from(keys).to_string().into()
}
