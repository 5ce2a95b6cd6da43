//! What the engine and the store share: one state of the data to read, and keys that travel as one
//! parameter (`json_each` on SQLite, `unnest` and `ANY` on PostgreSQL), so that a statement has
//! the same text whatever their number. Knows neither of the two, and names no table.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use entity::Id;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, TransactionTrait,
    Value,
    sea_query::{ArrayType, Expr, ExprTrait, Func, Query},
};

/// What a list of keys is called where a statement reads it as a table.
pub const KEY: &str = "k";

/// How long the statements of a transaction may take, and what finds them in PostgreSQL.
pub struct Bounds {
    pub until: Instant,
    pub name: String,
}

/// A transaction that reads one state of the data, however many statements it takes.
pub async fn reading(
    database: &DatabaseConnection,
    bounds: Option<&Bounds>,
) -> Result<DatabaseTransaction, DbErr> {
    let transaction = database.begin().await?;
    // A deferred transaction of SQLite keeps the state that its first read saw.
    if database.get_database_backend() == DbBackend::Postgres {
        let mut sql = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY".to_owned();
        if let Some(Bounds { until, name }) = bounds {
            let left = until.saturating_duration_since(Instant::now()).as_millis();
            let left = left.clamp(1, LONGEST_TIMEOUT);
            sql += &format!(
                "; SET LOCAL statement_timeout = {left}; SET LOCAL application_name = '{name}'"
            );
        }
        transaction.execute_unprepared(&sql).await?;
    }
    Ok(transaction)
}

/// The most milliseconds that PostgreSQL takes for a limit.
pub const LONGEST_TIMEOUT: u128 = i32::MAX as u128;

/// Ends what PostgreSQL still does for a transaction of that name, if it has not ended.
pub async fn cancel(database: &DatabaseConnection, name: &str) -> Result<(), DbErr> {
    let sql = format!(
        "SELECT pg_cancel_backend(pid) FROM pg_stat_activity \
         WHERE application_name = '{name}' AND state = 'active'"
    );
    database.execute_unprepared(&sql).await.map(drop)
}

tokio::task_local! {
    static STOP: Arc<AtomicBool>;
}

/// Ends the statements of some work when the work is given up. SQLite looks here now and then;
/// PostgreSQL is [told](cancel).
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
